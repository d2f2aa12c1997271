import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RIGHTS_FILE, type RightsRecord } from './used.ts';

/** What calls were refused for want of a right, and which grants nothing has used so far, as text. */
export function rightsReport(stateDir: string | undefined): string {
  const file = join(stateDir ?? '', RIGHTS_FILE);
  if (stateDir === undefined || !existsSync(file))
    return 'No rights are judged yet: deploy Prunella with npm run sandbox -- deploy .';
  const { used, refused, unused } = JSON.parse(readFileSync(file, 'utf8')) as RightsRecord;
  return [
    `${used.length} rights used, ${refused.length} refused${refused.length > 0 ? ':' : '.'}`,
    ...refused.map(({ message }) => `  ${message}`),
    'Granted, and not used so far:',
    ...unused.map(({ logicalId, actions }) => `  ${logicalId}: ${actions.join(', ')}`),
  ].join('\n');
}
