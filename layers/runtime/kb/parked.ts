import * as z from 'zod';
import { Arn } from '../../core/arn.ts';
import { IncidentId } from '../../core/incident.ts';
import type { Resource } from '../../core/inventory.ts';
import { voiceOf } from '../../core/news.ts';
import { Signal } from '../../core/signal.ts';
import type { Instant } from '../../core/units.ts';
import { all, query, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { put, remove, setting, update } from '../writes.ts';
import type { Condition, Key, Write } from '../writes.ts';
import { KEEP_DAYS, incidentKey, pointerKey } from './keys.ts';
import type { Storm } from './storms.ts';

/** A resource that waits in a storm, or waited: `INCIDENT#<the storm's> / PARKED#<arn>`. */
export const Parked = z.object({
  resource: Arn,
  since: z.string(),
  /** Absent while it waits: the incident in which it was taken up, or `well`. */
  became: z.union([IncidentId, z.literal('well')]).optional(),
  until: z.string().optional(),
});
export type Parked = z.infer<typeof Parked>;

const parkedKey = (incidentId: IncidentId, arn: Arn): Key => incidentKey(incidentId, `PARKED#${arn}`);

/** A partition for each resource, so that ten thousand signals of a storm do not all write to one. */
export const parkedSignalKey = (incidentId: IncidentId, arn: Arn, signalId: string): Key => ({
  pk: `PARKED#${incidentId}#${arn}`,
  sk: `SIGNAL#${signalId}`,
});

/**
 * A resource's place in a storm: a kept pointer, so that its further signals are noted and the brake counts it, and
 * the record of it beside the storm's incident.
 */
export function parking(
  { arn, fleet, dependsOn }: Resource,
  { incidentId }: Storm,
  signal: Signal,
  heard: readonly string[],
  now: Instant,
  free: Condition,
): Write[] {
  const { control, incidents } = config().tables;
  const pointer = {
    ...pointerKey(arn),
    incidentId,
    resource: arn,
    openedAt: now,
    closedAt: now,
    heard: [...new Set([...heard, voiceOf(signal)])],
    brakedFleet: fleet,
    parked: true,
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
  };
  const record = { ...parkedKey(incidentId, arn), resource: arn, since: now, ttl: ttl(now, KEEP_DAYS.incident) };
  return [put('pointer', control, pointer, free), put('parked', incidents, record)];
}

/** What became of it. */
export function unparking(incidentId: IncidentId, arn: Arn, became: IncidentId | 'well', now: Instant): Write {
  const { change, values } = setting({ became, until: now });
  const there = { when: 'attribute_exists(#pk)', values };
  return update('parked', config().tables.incidents, parkedKey(incidentId, arn), change, there);
}

/** Gives a parked resource free that is well, or that nobody watches any more. */
export async function freeParked(arn: Arn, incidentId: IncidentId, now: Instant): Promise<void> {
  const parked = { when: '#incidentId = :incidentId AND attribute_exists(#parked)', values: { incidentId } };
  await transact([
    remove('pointer', config().tables.control, pointerKey(arn), parked),
    unparking(incidentId, arn, 'well', now),
  ]);
}

/** All resources that wait, or waited, in the storm of an incident. */
export async function parked(incidentId: IncidentId): Promise<Parked[]> {
  const { pk } = incidentKey(incidentId, '');
  const where = '#pk = :pk AND begins_with(#sk, :prefix)';
  return all(query(config().tables.incidents, { where, values: { pk, prefix: 'PARKED#' } }), Parked);
}

/** What was heard of a parked resource, the earliest first. */
export async function parkedSignals(incidentId: IncidentId, arn: Arn): Promise<Signal[]> {
  const { pk } = parkedSignalKey(incidentId, arn, '');
  const found = await all(query(config().tables.incidents, { where: '#pk = :pk', values: { pk } }), Signal);
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1));
}
