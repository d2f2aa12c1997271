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
 * action it was, what stood there before and what came after.
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

/** Keeps that a report is of a change that is known under another event id, and adds what it knows more. */
export async function recordTwin(change: Change, twin: Pick<Change, 'at' | 'eventId'>): Promise<'known'> {
  const { resource, at, eventId } = Change.parse(change);
  const marker = { ...eventKey(resource, eventId), at: twin.at, sameAs: twin.eventId, ttl: ttl(at, KEEP_DAYS.change) };
  await transact([put('event', table(), marker, ABSENT)]);
  await complete(change);
  return 'known';
}

const Marker = z.object({ at: z.string(), sameAs: z.string().optional() });

async function complete({ resource, eventId, by, incidentId, from, to }: Change): Promise<void> {
  const known = await read(table(), eventKey(resource, eventId), Marker);
  const { values } = setting({ by, incidentId, from, to });
  const names = Object.keys(values);
  if (!known || names.length === 0) return;
  const fill = `SET ${names.map((name) => `#${name} = if_not_exists(#${name}, :${name})`).join(', ')}`;
  const key = changeKey(resource, known.at, known.sameAs ?? eventId);
  await transact([update('change', table(), key, fill, { ...PRESENT, values })]);
}

/** The changes of a resource from `from` to `to`, both included, the oldest first; none when the window has not begun yet. */
export async function changes(arn: Arn, from: Instant, to: Instant): Promise<Change[]> {
  if (from > to) return []; // DynamoDB refuses such a range
  const found = query(table(), {
    where: '#pk = :pk AND #sk BETWEEN :from AND :to',
    values: { pk: changeKey(arn, '', '').pk, from, to: `${to}~` }, // ~ sorts after the # that ends the time
  });
  return all(found, Change);
}
