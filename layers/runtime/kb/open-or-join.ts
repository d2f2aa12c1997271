import * as z from 'zod';
import { Incident, IncidentId } from '../../core/incident.ts';
import type { IncidentStatus } from '../../core/incident.ts';
import type { Resource } from '../../core/inventory.ts';
import { isAllClear, type Signal } from '../../core/signal.ts';
import type { Severity } from '../../core/taxonomy.ts';
import { secondsBetween } from '../../core/units.ts';
import type { Instant } from '../../core/units.ts';
import { all, query, read, retrying, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, check, put, update } from '../writes.ts';
import type { Condition, Write } from '../writes.ts';
import { KEEP_DAYS, incidentKey, metaKey, pointerKey, seenKey } from './keys.ts';
import { parkedSignalKey, parking, unparking } from './parked.ts';
import { Pointer, isNews } from './pointers.ts';
import { admit } from './storms.ts';

export interface OpenedOrJoined {
  readonly incidentId: IncidentId;
  /** True when this call opened it. */
  readonly opened: boolean;
  /** `opening`: its execution has to be started. */
  readonly status: IncidentStatus;
  /** True when this signal was taken in before, then or at any time since; nothing was written. */
  readonly duplicate: boolean;
  /** True when it waits, with a storm's incident, until the brake of its fleet is released; `status` is then `closed`. */
  readonly parked?: boolean;
}

const Ref = z.object({ incidentId: IncidentId });
/** Nobody has it: there is no pointer, or only a kept one. */
const FREE: Condition = { when: 'attribute_not_exists(#pk) OR attribute_exists(#closedAt)' };
/** Until Diagnose has looked. */
const FIRST_SEVERITY: Severity = 'medium';

/**
 * Opens an incident for a signal's resource, or adds the signal to the one that is open. What dedupes is the pointer
 * `OPEN#<resource>`: it is put, if absent, in one transaction with the incident and its first signal; a join is
 * conditioned on the pointer still being there. A signal's id counts once for good, also after its incident closed:
 * who wants to report the same trouble again makes a new id. While the pointer of an incident that has ended is
 * kept, the same trouble is only kept with its signals (`status` is then `closed`); news, or a person, opens a new one.
 * In a storm of its fleet a resource without an incident is parked instead (see `admit`).
 * @throws Contended when it raced too often; nothing was written, so the message may be delivered again
 */
export async function openOrJoin(
  signal: Signal,
  resource: Resource,
  newId: () => IncidentId,
  now: Instant,
): Promise<OpenedOrJoined> {
  const { control } = config().tables;
  return retrying(`open or join ${resource.arn}`, async () => {
    const [seen, pointer] = await Promise.all([
      read(control, seenKey(signal.id), Ref),
      read(control, pointerKey(resource.arn), Pointer),
    ]);
    if (seen) return duplicateOf(seen.incidentId);
    if (!pointer || (pointer.closedAt && isNews(pointer, signal, now)))
      return openOrPark(newId(), signal, resource, now, pointer);
    return pointer.closedAt ? note(pointer, signal, resource, now) : join(pointer.incidentId, signal, resource, now);
  });
}

/**
 * Adds a signal to the incident of its resource, and opens none: good news, and news too old to act on. Where the incident
 * ended while its resource was not well, or the resource is parked, it is kept with its signals.
 * @returns undefined when there is no such incident
 * @throws Contended when it raced too often
 */
export async function joinOpen(signal: Signal, resource: Resource, now: Instant): Promise<OpenedOrJoined | undefined> {
  const { control } = config().tables;
  const done = await retrying(`join ${resource.arn}`, async () => {
    const [seen, pointer] = await Promise.all([
      read(control, seenKey(signal.id), Ref),
      read(control, pointerKey(resource.arn), Pointer),
    ]);
    if (seen) return { joined: await duplicateOf(seen.incidentId) };
    if (!pointer) return { joined: undefined };
    if (pointer.closedAt) {
      const noted = await note(pointer, signal, resource, now);
      return noted && { joined: noted };
    }
    const joined = await join(pointer.incidentId, signal, resource, now);
    return joined && { joined };
  });
  return done.joined;
}

/**
 * Takes up again the trouble of a kept pointer, with a signal that says why: the incident, and the pointer that leads to it
 * from now on, in one transaction.
 * @returns undefined when the pointer is no longer the one given, or a storm of its fleet has begun: nothing was written
 * @throws Contended when it raced too often
 */
export async function takeUp(
  { incidentId: before, parked, heard }: Pointer,
  signal: Signal,
  resource: Resource,
  newId: () => IncidentId,
  now: Instant,
): Promise<OpenedOrJoined | undefined> {
  const { control } = config().tables;
  const taken = await retrying(`take up ${resource.arn}`, async () => {
    const pointer = await read(control, pointerKey(resource.arn), Pointer);
    if (pointer?.incidentId !== before || !pointer.closedAt) return { opened: undefined };
    const incidentId = newId();
    const admission = await admit(incidentId, signal, resource, now);
    if (admission.kind === 'park') return { opened: undefined };
    const kept = { when: '#incidentId = :before AND attribute_exists(#closedAt)', values: { before } };
    const besides = [...admission.counted, ...(parked ? [unparking(before, resource.arn, incidentId, now)] : [])];
    const opened = await open(incidentId, signal, resource, now, { heard, free: kept, besides });
    return opened && { opened };
  });
  return taken.opened;
}

/** The trouble goes on, but was told already: the signal is kept with those of the incident that ended. */
async function note(
  { incidentId, parked }: Pointer,
  signal: Signal,
  resource: Resource,
  now: Instant,
): Promise<OpenedOrJoined | undefined> {
  const still = { when: '#incidentId = :incidentId AND attribute_exists(#closedAt)', values: { incidentId, now } };
  const key = pointerKey(resource.arn);
  const good = isAllClear(signal);
  const change = good ? 'SET #goodAt = :now' : 'SET #lastSignalAt = :now';
  const noted = update('pointer', config().tables.control, key, change, still);
  const signalKey = parked ? parkedSignalKey(incidentId, resource.arn, signal.id) : undefined;
  const done = await transact([noted, ...takingIn(signal, incidentId, now, signalKey)]);
  return done.ok ? notedWith(incidentId, parked) : undefined;
}

const notedWith = (incidentId: IncidentId, parked: boolean | undefined): OpenedOrJoined => ({
  incidentId,
  opened: false,
  status: 'closed',
  duplicate: false,
  ...(parked ? { parked } : {}),
});

async function duplicateOf(incidentId: IncidentId): Promise<OpenedOrJoined> {
  const incident = await read(config().tables.incidents, metaKey(incidentId), Incident);
  return { incidentId, opened: false, status: incident?.status ?? 'closed', duplicate: true };
}

async function openOrPark(
  incidentId: IncidentId,
  signal: Signal,
  resource: Resource,
  now: Instant,
  kept: Pointer | undefined,
): Promise<OpenedOrJoined | undefined> {
  const { heard = [] } = kept ?? {};
  const admission = await admit(incidentId, signal, resource, now);
  if (admission.kind === 'open') {
    const left = kept?.parked ? [unparking(kept.incidentId, resource.arn, incidentId, now)] : [];
    return open(incidentId, signal, resource, now, { heard, free: FREE, besides: [...admission.counted, ...left] });
  }
  const { storm } = admission;
  const signalKey = parkedSignalKey(storm.incidentId, resource.arn, signal.id);
  const done = await transact([
    ...parking(resource, storm, signal, heard, now, FREE),
    ...takingIn(signal, storm.incidentId, now, signalKey),
  ]);
  return done.ok ? notedWith(storm.incidentId, true) : undefined;
}

interface Opening {
  readonly heard: readonly string[];
  /** What must hold of the pointer. */
  readonly free: Condition;
  readonly besides: readonly Write[];
}

async function open(
  incidentId: IncidentId,
  signal: Signal,
  resource: Resource,
  now: Instant,
  { heard, free, besides }: Opening,
): Promise<OpenedOrJoined | undefined> {
  const { control, incidents } = config().tables;
  const incident: Incident = {
    incidentId,
    resource: resource.arn,
    fleet: resource.fleet,
    mode: resource.mode,
    status: 'opening',
    severity: FIRST_SEVERITY,
    openedAt: now,
    onset: signal.at < now ? signal.at : now,
    signalCount: 1,
    seenSignals: 0,
    reopens: await reopened(resource.arn, now),
    attempts: 0,
    ...(signal.kind === 'forecast' ? { predicted: true } : {}),
  };
  const secondary = {
    gsi1pk: 'STATUS#opening',
    gsi1sk: now,
    gsi2pk: `RESOURCE#${resource.arn}`,
    gsi2sk: now,
    ttl: ttl(now, KEEP_DAYS.incident),
  };
  const pointer = { ...pointerKey(resource.arn), incidentId, resource: resource.arn, openedAt: now, heard };
  const done = await transact([
    put('pointer', control, pointer, free),
    ...besides,
    put('incident', incidents, { ...metaKey(incidentId), ...incident, ...secondary }, ABSENT),
    ...takingIn(signal, incidentId, now),
  ]);
  return done.ok ? { incidentId, opened: true, status: 'opening', duplicate: false } : undefined;
}

async function join(
  incidentId: IncidentId,
  signal: Signal,
  resource: Resource,
  now: Instant,
): Promise<OpenedOrJoined | undefined> {
  const { control, incidents } = config().tables;
  const incident = await read(incidents, metaKey(incidentId), Incident);
  if (!incident) throw new Error(`the pointer of ${resource.arn} names incident ${incidentId}, which does not exist`);
  const earlier = signal.at < incident.onset;
  const done = await transact([
    check('pointer', control, pointerKey(resource.arn), {
      when: '#incidentId = :incidentId',
      values: { incidentId },
    }),
    update(
      'incident',
      incidents,
      metaKey(incidentId),
      earlier ? 'SET #onset = :at ADD #signalCount :one' : 'ADD #signalCount :one',
      {
        when: earlier ? '#status <> :closed AND #onset > :at' : '#status <> :closed',
        values: { one: 1, closed: 'closed', ...(earlier ? { at: signal.at } : {}) },
      },
    ),
    ...takingIn(signal, incidentId, now),
  ]);
  return done.ok ? { incidentId, opened: false, status: incident.status, duplicate: false } : undefined;
}

/** The signal itself, and the mark that it was taken in. */
const takingIn = (
  signal: Signal,
  incidentId: IncidentId,
  now: Instant,
  signalKey = incidentKey(incidentId, `SIGNAL#${signal.id}`),
): Write[] => [
  put('signal', config().tables.incidents, { ...signalKey, ...signal, ttl: ttl(now, KEEP_DAYS.incident) }, ABSENT),
  put(
    'seen',
    config().tables.control,
    { ...seenKey(signal.id), incidentId, ttl: ttl(now, KEEP_DAYS.signalSeen) },
    ABSENT,
  ),
];

/** The incident whose fault came back: the last one on the resource, if it was more than noise and closed not long ago. */
async function reopened(arn: string, now: Instant): Promise<IncidentId | undefined> {
  const { incidents } = config().tables;
  const values = { partition: `RESOURCE#${arn}` };
  const newest = query(incidents, {
    index: 'resource-time',
    where: '#gsi2pk = :partition',
    values,
    descending: true,
    limit: 1,
  });
  const [indexed] = await all(newest, Ref);
  // The index may be behind, so the record itself says whether and when it closed.
  const last = indexed && (await read(incidents, metaKey(indexed.incidentId), Incident));
  if (!last?.closedAt || last.ending?.kind === 'noise') return undefined;
  return secondsBetween(last.closedAt, now) <= config().policy.reopenWindow ? last.incidentId : undefined;
}
