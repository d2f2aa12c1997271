import { Arn } from '../../core/arn.ts';
import { Change } from '../../core/inventory.ts';
import type { Instant } from '../../core/units.ts';
import { all, query, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put } from '../writes.ts';
import { KEEP_DAYS } from './keys.ts';

const partition = (arn: Arn): string => `CHANGE#${arn}`;

/** Keeps a change of a resource. The same event again changes nothing. */
export async function recordChange(change: Change): Promise<void> {
  const key = { pk: partition(change.resource), sk: `${change.at}#${change.eventId}` };
  const item = { ...key, ...Change.parse(change), ttl: ttl(change.at, KEEP_DAYS.change) };
  await transact([put('change', config().tables.knowledge, item, ABSENT)]);
}

/** The changes of a resource from `from` to `to`, both included, the oldest first. */
export async function changes(arn: Arn, from: Instant, to: Instant): Promise<Change[]> {
  const found = query(config().tables.knowledge, {
    where: '#pk = :pk AND #sk BETWEEN :from AND :to',
    values: { pk: partition(arn), from, to: `${to}~` }, // ~ sorts after the # that ends the time
  });
  return all(found, Change);
}
