import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';
import { SetupError } from './say.mjs';

const supported = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** Stops on platforms that Node 24 does not come to as a package. */
export function checkPlatform() {
  const platform = `${process.platform}-${process.arch}`;
  if (supported.includes(platform)) return;
  throw new SetupError(
    `${platform} is not supported`,
    `use one of ${supported.join(', ')}; on Windows, run it inside WSL (a Linux shell on the same machine)`,
  );
}

/**
 * The Node.js 24 to run everything with: the one that came as a package, or the one running now when it is new enough.
 * @returns {Promise<string>} its path
 */
export async function findNode24(root) {
  const packaged = join(root, 'node_modules', '.bin', 'node');
  const found = existsSync(packaged) ? (await run(packaged, ['--version'])).output.trim() : 'none';
  if (major(found) >= 24) return packaged;
  if (major(process.version) >= 24) return process.execPath;
  throw new SetupError(
    `Node.js 24 is needed; the packages brought ${found}, and this is ${process.version}`,
    'delete node_modules and run the same command again (without --omit=optional), or install Node.js 24 from https://nodejs.org',
  );
}

function major(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
}
