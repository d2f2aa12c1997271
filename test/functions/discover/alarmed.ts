import { discoverAll } from '../../../functions/discover/discover.ts';
import { accountOf, arn, functionArn, serviceArn, type AccountSpec } from './account.ts';
import { memory } from './memory.ts';

const HEAL = { 'prunella:mode': 'heal' };
export const WEB = serviceArn('prod', 'web');
export const API = serviceArn('prod', 'api');
export const LIVE = `${functionArn('quote')}:live`;
export const tg = (name: string) => `targetgroup/${name}/0123456789abcdef`;
export const lb = (name: string) => `app/${name}/0123456789abcdef`;
export const ALB = 'AWS/ApplicationELB';

/** Two services that share a load balancer, and one behind its own. */
export const base: AccountSpec = {
  services: [
    { name: 'web', tags: HEAL, behind: ['web'] },
    { name: 'api', tags: HEAL, behind: ['api'] },
    { name: 'shop', tags: HEAL, behind: ['shop'] },
  ],
  functions: [
    { name: 'quote', tags: HEAL, aliases: { live: '1' } },
    { name: 'mail', tags: HEAL, aliases: { blue: '1', green: '2' } },
  ],
  targetGroups: { web: ['shared'], api: ['shared'], shop: ['alone'] },
  tagged: { [arn('sqs', 'jobs')]: HEAL, [arn('dynamodb', 'table/ledger')]: HEAL },
};

/** What discovery makes of alarms in an account of two services that share a load balancer. */
export async function resolve(alarms: readonly Record<string, unknown>[], more: Partial<AccountSpec> = {}) {
  const kb = memory();
  await discoverAll(
    accountOf({ ...base, ...more, alarms, tagged: { ...base.tagged, ...more.tagged } }).aws,
    kb.ports,
    '2026-11-22T12:00:00.000Z',
  );
  return kb;
}
