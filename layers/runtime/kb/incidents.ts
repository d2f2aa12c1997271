import type { Arn } from '../../core/arn.ts';
import { Ending, Incident, IncidentStatus } from '../../core/incident.ts';
import type { IncidentId } from '../../core/incident.ts';
import { newsFrom, voiceOf } from '../../core/news.ts';
import { redactDeep } from '../../core/redact.ts';
import { Signal } from '../../core/signal.ts';
import type { Instant } from '../../core/units.ts';
import { NotFound, all, query, read, retrying, transact } from '../database.ts';
import { config } from '../env.ts';
import { remove, setting, update } from '../writes.ts';
import type { Write } from '../writes.ts';
import { metaKey, pointerKey } from './keys.ts';
import { Pointer } from './pointers.ts';
import { holding } from './storms.ts';

export { joinOpen, openOrJoin, takeUp } from './open-or-join.ts';
export { freeParked, parked, parkedSignals } from './parked.ts';
export type { Parked } from './parked.ts';
export { joinedTelling, joinTelling } from './common-causes.ts';
export type { Joined } from './common-causes.ts';
export type { OpenedOrJoined } from './open-or-join.ts';
export { evidence, plan, plans, saveEvidence, savePlan } from './evidence.ts';
export { attempts, putAttempt, setMutationState, setMutations, updateAttempt } from './attempts.ts';

const table = (): string => config().tables.incidents;

/** A pointer is read with every signal, so it stays small. */
const MOST_HEARD = 200;

/** The secondary keys of an incident: `status-time` and `resource-time`. */
export const statusPartition = (status: IncidentStatus): string => `STATUS#${status}`;

/** @throws NotFound */
export async function get(incidentId: IncidentId): Promise<Incident> {
  const incident = await read(table(), metaKey(incidentId), Incident);
  if (incident) return incident;
  throw new NotFound(`there is no incident ${incidentId} in ${table()}; "incidents" lists those there are`);
}

/** All signals of an incident, the earliest first. */
export async function signals(incidentId: IncidentId): Promise<Signal[]> {
  const { pk } = metaKey(incidentId);
  const found = query(table(), { where: '#pk = :pk AND begins_with(#sk, :prefix)', values: { pk, prefix: 'SIGNAL#' } });
  return (await all(found, Signal)).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1));
}

/** What `update` may change: its keys, its status and its signals have their own ways. A member set to null is taken away. */
export type IncidentChanges = {
  readonly [Name in Exclude<keyof Incident, FixedMember>]?: Incident[Name] | null | undefined;
};
type FixedMember = 'incidentId' | 'resource' | 'openedAt' | 'status' | 'closedAt' | 'signalCount' | 'reopens';

/** @throws Error when the incident is closed or does not exist */
export async function updateIncident(incidentId: IncidentId, changes: IncidentChanges): Promise<void> {
  const told = changes.ending ? { ...changes, ending: redactDeep(changes.ending) } : changes;
  const set = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined && value !== null));
  const removed = Object.entries(changes).flatMap(([name, value]) => (value === null ? [`#${name}`] : []));
  if (Object.keys(set).length + removed.length === 0) return;
  const { change, values } = setting(set);
  const text = [Object.keys(set).length ? change : '', removed.length ? `REMOVE ${removed.join(', ')}` : '']
    .filter(Boolean)
    .join(' ');
  const notClosed = { when: 'attribute_exists(#pk) AND #status <> :closed', values: { ...values, closed: 'closed' } };
  const done = await transact([update('incident', table(), metaKey(incidentId), text, notClosed)]);
  if (done.ok) return;
  throw closedOrAbsent(incidentId, done.failed.get('incident') !== undefined);
}
export { updateIncident as update };

const closedOrAbsent = (incidentId: IncidentId, exists: boolean): Error =>
  exists
    ? new Error(`incident ${incidentId} is closed and cannot be changed`)
    : new NotFound(`there is no incident ${incidentId}`);

/** From `opening` to `open`: its execution is known to run. Once open or closed, nothing changes. */
export async function markOpen(incidentId: IncidentId, executionArn: Arn): Promise<void> {
  const { change, values } = setting({ status: 'open', gsi1pk: statusPartition('open'), executionArn });
  const whileOpening = { when: '#status = :opening', values: { ...values, opening: 'opening' } };
  const done = await transact([update('incident', table(), metaKey(incidentId), change, whileOpening)]);
  if (!done.ok && !done.failed.get('incident')) throw closedOrAbsent(incidentId, false);
}

/**
 * Ends an incident and gives its resource free, in one transaction, unless a signal joined since `seenSignalCount` was
 * read. Closing twice is closing once: the first ending stays.
 * @param pointer `keep` where it ends although the resource is not known to be well (its execution died): the pointer
 * stays, marked closed, so that the same trouble is not told again, until reconcile finds the resource well
 * @throws NotFound
 */
export async function close(
  incidentId: IncidentId,
  ending: Ending,
  seenSignalCount: number,
  now: Instant,
  pointer: 'remove' | 'keep' = 'remove',
): Promise<'closed' | 'rejoined'> {
  Ending.parse(ending);
  return retrying(`close ${incidentId}`, async () => {
    const incident = await get(incidentId);
    if (incident.status === 'closed') return 'closed';
    if (incident.signalCount !== seenSignalCount) return 'rejoined';
    const done = await transact(await closing(incident, ending, now, pointer));
    return done.ok ? 'closed' : undefined; // what failed, and what it means, shows on the next look
  });
}

async function closing(incident: Incident, ending: Ending, now: Instant, after: 'remove' | 'keep'): Promise<Write[]> {
  const control = config().tables.control;
  const pointer = await read(control, pointerKey(incident.resource), Pointer);
  const { change, values } = setting({
    status: 'closed',
    gsi1pk: statusPartition('closed'),
    ending: redactDeep(ending),
    closedAt: now,
  });
  const end = update('incident', table(), metaKey(incident.incidentId), change, {
    when: '#status <> :closed AND #signalCount = :seen',
    values: { ...values, closed: 'closed', seen: incident.signalCount },
  });
  const ours = { when: '#incidentId = :incidentId', values: { incidentId: incident.incidentId } };
  if (pointer?.incidentId !== incident.incidentId) return [end];
  const key = pointerKey(incident.resource);
  if (after === 'remove') return [end, remove('pointer', control, key, ours)];
  const voices = (await signals(incident.incidentId)).map(voiceOf);
  const heard = [...new Set([...pointer.heard, ...voices])].slice(-MOST_HEARD);
  const braked = ending.kind === 'escalated' && ending.because === 'brake';
  const keep = setting({
    closedAt: now,
    heard,
    newsFrom: newsFrom(ending, now),
    brakedFleet: braked ? incident.fleet : undefined,
  });
  return [
    end,
    update('pointer', control, key, keep.change, { when: ours.when, values: { ...ours.values, ...keep.values } }),
    ...(braked ? [holding(incident.fleet)] : []),
  ];
}

/** Incidents that have not ended, the oldest first. From an index: up to about a second behind. */
export async function listOpen(): Promise<Incident[]> {
  const [opening, open] = await Promise.all([byStatus('opening'), byStatus('open')]);
  return [...opening, ...open].sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
}

/** @param before the `openedAt` of the last one seen, for the next page */
export async function listRecent(limit: number, before?: Instant): Promise<Incident[]> {
  const lists = await Promise.all(IncidentStatus.options.map((status) => byStatus(status, { limit, before })));
  return lists
    .flat()
    .sort((a, b) => (a.openedAt > b.openedAt ? -1 : 1))
    .slice(0, limit);
}

async function byStatus(
  status: IncidentStatus,
  newest?: { readonly limit: number; readonly before: Instant | undefined },
): Promise<Incident[]> {
  const until = newest?.before ? ' AND #gsi1sk < :before' : '';
  const found = query(table(), {
    index: 'status-time',
    where: `#gsi1pk = :partition${until}`,
    values: { partition: statusPartition(status), ...(newest?.before ? { before: newest.before } : {}) },
    ...(newest ? { descending: true, limit: newest.limit } : {}),
  });
  return all(found, Incident);
}

/** The last incidents of a resource, the newest first. From an index: up to about a second behind. */
export async function byResource(arn: Arn, limit: number): Promise<Incident[]> {
  const found = query(table(), {
    index: 'resource-time',
    where: '#gsi2pk = :partition',
    values: { partition: `RESOURCE#${arn}` },
    descending: true,
    limit,
  });
  return all(found, Incident);
}
