import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Tells the account, from whichever process `cdk deploy` runs in, in which folder an app lives: its containers start
 * from there. The SDKs put the app id of this variable into their user agent; the folder itself lies in the state folder.
 */
const variable = 'AWS_SDK_UA_APP_ID';

/** @returns the environment that `cdk` is to run with */
export async function announceFolder(stateDir: string, folder: string): Promise<Readonly<Record<string, string>>> {
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  await mkdir(join(stateDir, 'apps'), { recursive: true });
  await writeFile(join(stateDir, 'apps', id), folder);
  return { [variable]: `folder-${id}` };
}

/** The folder of the app that a call deploys; `undefined` when it was not announced. */
export async function announcedFolder(stateDir: string, userAgent: string | undefined): Promise<string | undefined> {
  const id = /app\/folder-([0-9a-f]{16})/.exec(userAgent ?? '')?.[1];
  return id === undefined ? undefined : readFile(join(stateDir, 'apps', id), 'utf8').catch(() => undefined);
}
