import { resourceTypeOf, type Arn } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Change, Resource } from '../../layers/core/inventory.ts';
import type { Sightings } from '../../layers/core/sightings.ts';
import { compareEdges, edgesFrom, type TopologyChange } from '../../layers/core/topology.ts';
import type { Instant } from '../../layers/core/units.ts';
import type { Facts, Tagged } from './facts.ts';
import { inventoryFrom, type Inventory } from './map/inventory.ts';
import { mapAtOnce } from './pool.ts';
import { readAlarmFacts } from './read/alarms.ts';
import { readLoadBalancers, readTargetGroups } from './read/balancers.ts';
import { readServices } from './read/ecs.ts';
import { readEventSources, readFunctions } from './read/lambda.ts';
import { frameSinceAsked, readServiceGraph } from './read/service-graph.ts';
import { readAlarmTags, readTagged, readTaggedAmong } from './read/tags.ts';
import { readTraces } from './read/traces.ts';

/** What discovery needs of the knowledge base. */
export interface InventoryPorts {
  allResources(): AsyncIterable<Resource>;
  putResource(resource: Resource): Promise<void>;
  removeResource(arn: Arn): Promise<void>;
  putAlarmIndex(alarm: Arn, arns: readonly Arn[]): Promise<void>;
  listUnresolved(): Promise<readonly { readonly alarmArn: Arn; readonly why: string }[]>;
  putUnresolved(alarm: Arn, why: string, now: Instant): Promise<void>;
  changes(arn: Arn, from: Instant, to: Instant): Promise<readonly Change[]>;
  recordChange(change: Change): Promise<unknown>;
  /** Writes down a new version of the dependency graph. */
  recordTopology(change: TopologyChange, now: Instant): Promise<unknown>;
  /** Whether an incident is open on a resource: it then stays known until the incident has ended. */
  hasOpenIncident(arn: Arn): Promise<boolean>;
}

export interface Discovered {
  readonly watched: number;
  readonly removed: number;
  readonly alarms: number;
  readonly unresolved: number;
  /** What could not be read, and was done without. */
  readonly gaps: readonly string[];
}

/** Writes at once: DynamoDB takes many, but a table that was idle grows into it. */
const WRITES_AT_ONCE = 10;

/** Reads everything tagged `prunella:mode`, writes the inventory anew, and forgets what is no longer tagged. */
export async function discoverAll(aws: Aws, kb: InventoryPorts, now: Instant): Promise<Discovered> {
  const before = await collect(kb.allResources());
  const tagged = await readTagged(aws);
  const frame = tagged.length > 0 ? frameSinceAsked(before, now) : undefined;
  const [facts, { serviceGraph, gaps }] = await Promise.all([
    readFacts(aws, tagged),
    frame ? readServiceGraph(aws, frame) : NOT_ASKED,
  ]);
  const inventory = inventoryFrom({ ...facts, ...(serviceGraph && { serviceGraph }) }, now, [], tracedBefore(before));
  // Alarms first: a run that dies between the two finds them unindexed next time, by the records not yet written.
  await writeAlarms(inventory.alarms, before, kb);
  await writeUnresolved(inventory, kb, now);
  return { ...counts(inventory, await write(inventory, before, kb, now)), gaps };
}

/**
 * Looks at some resources again: those whose tags changed, or that an event named and nobody knew. An alias stands for
 * its function. Costs one call for what is not tagged. Who depends on them, what X-Ray saw since, and which alarms lead
 * nowhere, is seen by the next `discoverAll`.
 */
export async function discoverSome(
  aws: Aws,
  arns: readonly Arn[],
  kb: InventoryPorts,
  now: Instant,
): Promise<Discovered> {
  const asked = [...new Set(arns.map(withoutQualifier))].filter((arn) => resourceTypeOf(arn) !== undefined);
  if (asked.length === 0) return NOTHING;
  const tagged = await readTaggedAmong(aws, asked);
  const all = await collect(kb.allResources());
  const before = all.filter(({ arn }) => asked.includes(withoutQualifier(arn)));
  if (tagged.length === 0) return { ...NOTHING, removed: await write({ resources: [] }, before, kb, now) };
  const inventory = inventoryFrom(await readFacts(aws, tagged), now, all, tracedBefore(all));
  const ours = new Set(inventory.resources.map(({ arn }) => arn));
  const alarms = new Map([...inventory.alarms].filter(([, arn]) => ours.has(arn)));
  await writeAlarms(alarms, before, kb);
  return counts({ ...inventory, alarms, unresolved: [] }, await write(inventory, before, kb, now));
}

const NOTHING: Discovered = { watched: 0, removed: 0, alarms: 0, unresolved: 0, gaps: [] };
const NOT_ASKED: Awaited<ReturnType<typeof readServiceGraph>> = { gaps: [] };

const tracedBefore = (before: readonly Resource[]): Map<Arn, Sightings> =>
  new Map(before.flatMap(({ arn, traced }) => (traced ? [[arn, traced] as const] : [])));

const withoutQualifier = (arn: Arn): Arn =>
  resourceTypeOf(arn) === 'lambda-alias' ? arn.split(':').slice(0, 7).join(':') : arn;

const counts = ({ resources, alarms, unresolved }: Inventory, removed: number): Discovered => ({
  watched: resources.length,
  removed,
  alarms: alarms.size,
  unresolved: unresolved.length,
  gaps: [],
});

async function readFacts(aws: Aws, tagged: readonly Tagged[]): Promise<Facts> {
  const of = (type: string) => tagged.filter(({ arn }) => resourceTypeOf(arn) === type).map(({ arn }) => arn);
  const [services, functions, targetGroups, loadBalancers, alarms, alarmTags, eventSources, traces] = await Promise.all(
    [
      readServices(aws, of('ecs-service')),
      readFunctions(aws, of('lambda-function')),
      readTargetGroups(aws),
      readLoadBalancers(aws),
      readAlarmFacts(aws),
      readAlarmTags(aws),
      of('lambda-function').length > 0 ? readEventSources(aws) : [],
      readTraces(aws),
    ],
  );
  return { tagged, services, functions, targetGroups, loadBalancers, alarms, alarmTags, eventSources, traces };
}

/** Writes what was found and forgets what is gone; answers how many were forgotten. */
async function write(
  { resources }: Pick<Inventory, 'resources'>,
  before: readonly Resource[],
  kb: InventoryPorts,
  now: Instant,
): Promise<number> {
  const found = new Set(resources.map(({ arn }) => arn));
  const known = new Map(before.map((resource) => [resource.arn, resource]));
  const { gone, kept } = await missing(
    before.filter(({ arn }) => !found.has(arn)),
    kb,
  );
  // The graph's history first: a run that dies before the records are written tells of the same difference again.
  await kb.recordTopology(compareEdges(before.flatMap(edgesFrom), [...resources, ...kept].flatMap(edgesFrom)), now);
  await mapAtOnce(resources, WRITES_AT_ONCE, async (resource) => {
    await recordMove(known.get(resource.arn), resource, kb);
    await kb.putResource(resource);
  });
  for (const { arn } of gone) await kb.removeResource(arn);
  return gone.length;
}

/** Of what was not found again, what has no open incident is gone. */
async function missing(
  unseen: readonly Resource[],
  kb: InventoryPorts,
): Promise<{ readonly gone: readonly Resource[]; readonly kept: readonly Resource[] }> {
  const busy = await mapAtOnce(unseen, WRITES_AT_ONCE, ({ arn }) => kb.hasOpenIncident(arn));
  return { gone: unseen.filter((_, at) => !busy[at]), kept: unseen.filter((_, at) => busy[at]) };
}

/**
 * Lambda keeps no history of an alias and sends no event of its own: without a trail, a move is seen here, after the
 * fact. It is dated as early as it can have been, so that it is not taken to have come after what it caused.
 */
async function recordMove(
  before: Resource | undefined,
  { arn, aliasVersion: to, seenAt }: Resource,
  kb: InventoryPorts,
): Promise<void> {
  if (!before?.aliasVersion || !to || before.aliasVersion === to) return;
  const since = await kb.changes(arn, before.seenAt, seenAt);
  if (since.some((change) => change.kind === 'alias-moved' && change.to === to)) return;
  const eventId = `alias-seen:${before.aliasVersion}-${to}@${before.seenAt}`;
  await kb.recordChange({
    resource: arn,
    at: before.seenAt,
    kind: 'alias-moved',
    from: before.aliasVersion,
    to,
    eventId,
  });
}

/** Writes only what differs from what stands there: thousands of alarms seldom change. */
async function writeAlarms(
  alarms: ReadonlyMap<Arn, Arn>,
  before: readonly Resource[],
  kb: InventoryPorts,
): Promise<void> {
  const known = new Map(before.flatMap(({ arn, alarms: had }) => had.map((alarm) => [alarm.arn, arn] as const)));
  const changed = [...alarms].filter(([alarm, arn]) => known.get(alarm) !== arn);
  await mapAtOnce(changed, WRITES_AT_ONCE, ([alarm, arn]) => kb.putAlarmIndex(alarm, [arn]));
  const dropped = [...known.keys()].filter((alarm) => !alarms.has(alarm));
  await mapAtOnce(dropped, WRITES_AT_ONCE, (alarm) => kb.putAlarmIndex(alarm, []));
}

/** Lists what leads nowhere now, and takes off the list what no longer does. */
async function writeUnresolved({ alarms, unresolved }: Inventory, kb: InventoryPorts, now: Instant): Promise<void> {
  const known = new Map((await kb.listUnresolved()).map(({ alarmArn, why }) => [alarmArn, why]));
  const news = unresolved.filter(({ alarm, why }) => known.get(alarm) !== why);
  await mapAtOnce(news, WRITES_AT_ONCE, ({ alarm, why }) => kb.putUnresolved(alarm, why, now));
  const still = new Set(unresolved.map(({ alarm }) => alarm));
  const over = [...known.keys()].filter((alarm) => !still.has(alarm) && !alarms.has(alarm));
  await mapAtOnce(over, WRITES_AT_ONCE, (alarm) => kb.putAlarmIndex(alarm, []));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
