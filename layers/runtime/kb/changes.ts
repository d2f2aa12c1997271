import * as z from 'zod';
import type { Arn } from '../../core/arn.ts';
import { Change } from '../../core/inventory.ts';
import type { Instant } from '../../core/units.ts';
import { all, query, read, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, PRESENT, put, setting, update } from '../writes.ts';
import { KEEP_DAYS } from './keys.ts';

const table = (): string => config().tables.knowledge;
const changeKey = (resource: Arn, at: Instant, eventId: string) => ({
  pk: `CHANGE#${resource}`,
  sk: `${at}#${eventId}`,
});
/** Where the change of an event id lies: two reports of one change may differ in their time. */
const eventKey = (resource: Arn, eventId: string) => ({ pk: `CHANGEEVENT#${resource}`, sk: eventId });

/**
 * Keeps a change of a resource. The same event id again adds only what was not known: who made it, which incident's
 * action it was, what stood there before.
 */
export async function recordChange(change: Change): Promise<'recorded' | 'known'> {
  const { resource, at, eventId } = Change.parse(change);
  const keep = ttl(at, KEEP_DAYS.change);
  const done = await transact([
    put('event', table(), { ...eventKey(resource, eventId), at, ttl: keep }, ABSENT),
    put('change', table(), { ...changeKey(resource, at, eventId), ...Change.parse(change), ttl: keep }),
  ]);
  if (done.ok) return 'recorded';
  await complete(change);
  return 'known';
}

async function complete({ resource, eventId, by, incidentId, from }: Change): Promise<void> {
  const known = await read(table(), eventKey(resource, eventId), z.object({ at: z.string() }));
  const { values } = setting({ by, incidentId, from });
  const names = Object.keys(values);
  if (!known || names.length === 0) return;
  const fill = `SET ${names.map((name) => `#${name} = if_not_exists(#${name}, :${name})`).join(', ')}`;
  await transact([update('change', table(), changeKey(resource, known.at, eventId), fill, { ...PRESENT, values })]);
}

/** The changes of a resource from `from` to `to`, both included, the oldest first. */
export async function changes(arn: Arn, from: Instant, to: Instant): Promise<Change[]> {
  const found = query(table(), {
    where: '#pk = :pk AND #sk BETWEEN :from AND :to',
    values: { pk: changeKey(arn, '', '').pk, from, to: `${to}~` }, // ~ sorts after the # that ends the time
  });
  return all(found, Change);
}
