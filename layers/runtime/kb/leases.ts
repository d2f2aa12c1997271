import * as z from 'zod';
import { Arn } from '../../core/arn.ts';
import type { IncidentId } from '../../core/incident.ts';
import type { Instant } from '../../core/units.ts';
import { all, read, readMany, retrying, scan, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { put, remove, setting, update } from '../writes.ts';
import type { Condition, Key, Write } from '../writes.ts';
import { KEEP_DAYS, leaseKey } from './keys.ts';

const table = (): string => config().tables.control;

/** The right of one incident to change one resource, for a time. */
export const Lease = z.object({
  arn: Arn,
  incidentId: z.string(),
  attempt: z.number().int(),
  /** Others may take it from then on. */
  expiresAt: z.string(),
  /** Until then a function may still be changing the resource: nobody takes it, not even the same incident. */
  busyUntil: z.string(),
  /** The slot taken with it; an undo needs none. */
  slot: z.number().int().optional(),
});
export type Lease = z.infer<typeof Lease>;

/** `busyUntil` of a lease that nobody works under. */
export const IDLE = '1970-01-01T00:00:00.000Z';

export const slotKey = (n: number): Key => ({ pk: `SLOT#${n}`, sk: 'SLOT' });

/** One may take a lease that nobody works under, when it is one's own, expired or not there. */
export const free = (incidentId: IncidentId, now: Instant): Condition => ({
  when: 'attribute_not_exists(#pk) OR (#busyUntil <= :now AND (#incidentId = :incidentId OR #expiresAt <= :now))',
  values: { now, incidentId },
});

export const takeLease = (lease: Lease, now: Instant): Write =>
  put(
    `lease of ${lease.arn}`,
    table(),
    { ...leaseKey(lease.arn), ...lease, ttl: ttl(lease.expiresAt, KEEP_DAYS.control) },
    free(lease.incidentId, now),
  );

export const Slot = z.object({ pk: z.string(), incidentId: z.string(), expiresAt: z.string() });

/** The first slot of `slots` that is free or this incident's own, or undefined. */
export async function freeSlot(incidentId: IncidentId, slots: number, now: Instant): Promise<number | undefined> {
  const numbers = Array.from({ length: slots }, (_, index) => index + 1);
  const items = (await readMany(table(), numbers.map(slotKey))).map((item) => Slot.parse(item));
  const holder = new Map(items.map((slot) => [slot.pk, slot]));
  const own = numbers.find((n) => holder.get(slotKey(n).pk)?.incidentId === incidentId);
  return own ?? numbers.find((n) => (holder.get(slotKey(n).pk)?.expiresAt ?? IDLE) <= now);
}

export const takeSlot = (slot: number, incidentId: IncidentId, expiresAt: Instant, now: Instant): Write =>
  put(
    'slot',
    table(),
    { ...slotKey(slot), incidentId, expiresAt, ttl: ttl(expiresAt, KEEP_DAYS.control) },
    {
      when: 'attribute_not_exists(#pk) OR #incidentId = :incidentId OR #expiresAt <= :now',
      values: { incidentId, now },
    },
  );

export type Held = { readonly ok: true } | { readonly ok: false; readonly why: 'leased'; readonly detail: string };

/**
 * Takes (or keeps) the leases alone, for undoing what was done: neither lever, budget nor slot stand in an undo's way.
 * Refused while a function may still be working under one of them.
 */
export async function hold(wanted: {
  readonly incidentId: IncidentId;
  readonly attempt: number;
  readonly arns: readonly Arn[];
  readonly now: Instant;
  readonly busyUntil: Instant;
  readonly until?: Instant;
}): Promise<Held> {
  const { incidentId, attempt, arns, now, busyUntil } = wanted;
  const expiresAt = wanted.until !== undefined && wanted.until > busyUntil ? wanted.until : busyUntil;
  const slots = new Map(
    (await held(arns)).filter((l) => l.incidentId === incidentId).map(({ arn, slot }) => [arn, slot]),
  );
  const leases = [...new Set(arns)].map((arn): Lease => {
    const slot = slots.get(arn);
    return { arn, incidentId, attempt, expiresAt, busyUntil, ...(slot === undefined ? {} : { slot }) };
  });
  const done = await transact(leases.map((lease) => takeLease(lease, now)));
  return done.ok ? { ok: true } : { ok: false, why: 'leased', detail: leasedBy(done.failed.values()) };
}

/** Whose leases stand in the way, in words. */
export function leasedBy(items: Iterable<unknown>): string {
  const found = [...items].flatMap((item) => Lease.safeParse(item).data ?? []);
  return found
    .map((lease) => `${lease.arn} is leased by ${lease.incidentId} until ${later(lease.expiresAt, lease.busyUntil)}`)
    .join('; ');
}

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/**
 * Keeps the leases (and the slot) until `until`. A function that goes on working gives `busyUntil`; one that is about
 * to answer leaves it out, so that the next state need not wait. A slot that expired and is another's by now stays theirs.
 * @throws Error naming the resource when a lease is not this incident's (any more): stop changing it
 */
export async function renew(
  incidentId: IncidentId,
  arns: readonly Arn[],
  until: Instant,
  busyUntil: Instant = IDLE,
): Promise<void> {
  const leases = (await held(arns)).filter((lease) => lease.incidentId === incidentId);
  const { change, values } = setting({ expiresAt: until, busyUntil, ttl: ttl(until, KEEP_DAYS.control) });
  const ours = { when: '#incidentId = :incidentId', values: { ...values, incidentId } };
  const slots = await ownSlots(incidentId, leases);
  const done = await transact([
    ...[...new Set(arns)].map((arn) => update(`lease of ${arn}`, table(), leaseKey(arn), change, ours)),
    ...slots.map((slot) => keepSlot(slot, incidentId, until)),
  ]);
  if (!done.ok)
    throw new Error(`incident ${incidentId} does not hold the ${[...done.failed.keys()].join(' and the ')}`);
}

function keepSlot(slot: number, incidentId: IncidentId, until: Instant): Write {
  const { change, values } = setting({ expiresAt: until, ttl: ttl(until, KEEP_DAYS.control) });
  const ours = { when: '#incidentId = :incidentId', values: { ...values, incidentId } };
  return update('slot', table(), slotKey(slot), change, ours);
}

/** Gives leases and slot free. What is not this incident's is left alone, so releasing twice is releasing once. */
export async function release(incidentId: IncidentId, arns: readonly Arn[]): Promise<void> {
  await retrying(`release leases of ${incidentId}`, async () => {
    const ours = (await held(arns)).filter((lease) => lease.incidentId === incidentId);
    const condition = {
      when: 'attribute_not_exists(#pk) OR #incidentId = :incidentId',
      values: { incidentId },
    };
    const slots = await ownSlots(incidentId, ours);
    const parts = [
      ...ours.map(({ arn }) => remove(`lease of ${arn}`, table(), leaseKey(arn), condition)),
      ...slots.map((slot) => remove(`slot ${slot}`, table(), slotKey(slot), condition)),
    ];
    return parts.length === 0 || (await transact(parts)).ok ? true : undefined;
  });
}

/** A slot that expired may be another's by now: that one is not given free. */
async function ownSlots(incidentId: IncidentId, leases: readonly Lease[]): Promise<number[]> {
  const numbers = [...new Set(leases.flatMap(({ slot }) => slot ?? []))];
  const slots = await Promise.all(numbers.map((n) => read(table(), slotKey(n), Slot)));
  return numbers.filter((_, index) => slots[index]?.incidentId === incidentId);
}

async function held(arns: readonly Arn[]): Promise<Lease[]> {
  const items = await readMany(table(), [...new Set(arns)].map(leaseKey));
  return items.map((item) => Lease.parse(item));
}

export async function leases(): Promise<Lease[]> {
  return all(scan(table(), 'LEASE#'), Lease);
}

/** Leases that anybody may take: what was done under them has to be brought to an end. */
export async function expired(now: Instant): Promise<Lease[]> {
  return (await leases()).filter(({ expiresAt, busyUntil }) => expiresAt <= now && busyUntil <= now);
}
