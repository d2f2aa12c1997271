import { resourceTypeOf, type Arn } from '../../layers/core/arn.ts';
import { isOfWatched, type HealthNotice } from '../../layers/core/health-notice.ts';
import type { Change, Resource } from '../../layers/core/inventory.ts';
import { addSeconds, minutes, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';

/** What recording needs of the knowledge base and of discovery. */
export interface RecordPorts {
  resource(arn: Arn): Promise<Resource | undefined>;
  resourceOfTargetGroup(arn: Arn): Promise<Arn | undefined>;
  changes(arn: Arn, from: Instant, to: Instant): Promise<readonly Change[]>;
  recordChange(change: Change): Promise<'recorded' | 'known'>;
  recordTwin(change: Change, twin: Change): Promise<'known'>;
  recordHealthNotice(notice: HealthNotice): Promise<'recorded' | 'known'>;
  /** Looks whether a resource nobody knew is watched by now, and writes it into the inventory if so. */
  discover(arn: Arn): Promise<void>;
}

export type Recorded = 'recorded' | 'known' | 'unwatched';

/**
 * Two reports of one change without an id in common: same kind, not another result, not far apart, only one of them says
 * who. Seconds by kind; discovery sees a moved alias only when it looks, a quarter of an hour later at most.
 */
const TWINS: Partial<Record<Change['kind'], Seconds>> = {
  'deployment-started': minutes(2),
  scaled: minutes(2),
  'task-stopped-by-hand': minutes(2),
  'parameter-written': minutes(2),
  'alias-moved': minutes(30),
};
/** How far back the last move of an alias is looked for: changes are kept 90 days. */
const HISTORY = minutes(60 * 24 * 90);

/**
 * Records a change of what is watched, once. Parameters are always recorded: who reads them is known by the reader.
 * A change to a target group is its service's.
 */
export async function recordOnce(change: Change, ports: RecordPorts): Promise<Recorded> {
  const resource = await watchedBy(change.resource, ports);
  if (!resource) return 'unwatched';
  const placed = await withBefore({ ...change, resource }, ports);
  const twin = await twinOf(placed, ports);
  return twin ? ports.recordTwin(placed, twin) : ports.recordChange(placed);
}

/** Records what AWS Health says of a service that something watched may run on: which resources, is known when it is asked. */
export const recordNotice = async (notice: HealthNotice, ports: RecordPorts): Promise<Recorded> =>
  isOfWatched(notice) ? ports.recordHealthNotice(notice) : 'unwatched';

async function watchedBy(arn: Arn, ports: RecordPorts): Promise<Arn | undefined> {
  const type = resourceTypeOf(arn);
  if (type === 'ssm-parameter') return arn;
  if (type === 'target-group') return ports.resourceOfTargetGroup(arn);
  if (await ports.resource(arn)) return arn;
  if (type !== 'ecs-service' && type !== 'lambda-function' && type !== 'lambda-alias') return undefined;
  await ports.discover(arn);
  return (await ports.resource(arn)) ? arn : undefined;
}

/** An alias' call says only where it points now: before, it pointed where the last recorded move took it. */
async function withBefore(change: Change, ports: RecordPorts): Promise<Change> {
  if (change.kind !== 'alias-moved' || change.from !== undefined) return change;
  const moves = await ports.changes(change.resource, addSeconds(change.at, -HISTORY), change.at);
  const last = moves.filter(({ kind, eventId }) => kind === 'alias-moved' && eventId !== change.eventId).at(-1);
  const from = last?.to ?? (await ports.resource(change.resource))?.aliasVersion;
  return from === undefined || from === change.to ? change : { ...change, from };
}

/** The nearest in time of those that may be the same change. */
async function twinOf(change: Change, ports: RecordPorts): Promise<Change | undefined> {
  const apart = TWINS[change.kind];
  if (apart === undefined) return undefined;
  const near = await ports.changes(change.resource, addSeconds(change.at, -apart), addSeconds(change.at, apart));
  if (near.some(({ eventId }) => eventId === change.eventId)) return undefined;
  const distance = ({ at }: Change) => Math.abs(secondsBetween(at, change.at));
  return near.filter((other) => isTwin(other, change)).toSorted((a, b) => distance(a) - distance(b))[0];
}

function isTwin(one: Change, other: Change): boolean {
  if (one.kind !== other.kind || (one.by === undefined) === (other.by === undefined)) return false;
  return one.to === undefined || other.to === undefined || one.to === other.to;
}
