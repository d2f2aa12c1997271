import { resourceTypeOf, type Arn } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Change, Resource } from '../../layers/core/inventory.ts';
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

/**
 * Reads everything tagged `prunella:mode`, writes the inventory anew, and forgets what is no longer tagged. What cannot be
 * read keeps the record it has, and is listed with the reason; nothing else waits for it.
 */
export async function discoverAll(aws: Aws, kb: InventoryPorts, now: Instant): Promise<Discovered> {
  const before = await collect(kb.allResources());
  const tagged = await readTagged(aws);
  const frame = tagged.length > 0 ? frameSinceAsked(before, now) : undefined;
  const [{ facts, unread, gaps: unmeasured }, { serviceGraph, gaps: untraced }] = await Promise.all([
    readFacts(aws, tagged),
    frame ? readServiceGraph(aws, frame) : NOT_ASKED,
  ]);
  const kept = before.filter(({ arn }) => unread.has(withoutQualifier(arn)));
  const found = inventoryFrom({ ...facts, ...(serviceGraph && { serviceGraph }) }, now, kept, byArn(before));
  const inventory = { ...found, unresolved: [...found.unresolved, ...[...unread].map(([arn, why]) => ({ arn, why }))] };
  // Alarms first: a run that dies between the two finds them unindexed next time, by the records not yet written.
  await writeAlarms(inventory.alarms, before, kb);
  await writeUnresolved(inventory, kb, now);
  const written = await write(inventory, before, kept, kb, now);
  return { ...counts(inventory, kept, written.removed), gaps: [...unmeasured, ...untraced, ...written.gaps] };
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
  if (tagged.length === 0) return { ...NOTHING, ...(await write({ resources: [] }, before, [], kb, now)) };
  const { facts, unread, gaps } = await readFacts(aws, tagged);
  const inventory = inventoryFrom(facts, now, all, byArn(all));
  const ours = new Set(inventory.resources.map(({ arn }) => arn));
  const alarms = new Map([...inventory.alarms].filter(([, arn]) => ours.has(arn)));
  const kept = before.filter(({ arn }) => unread.has(withoutQualifier(arn)));
  await writeAlarms(
    alarms,
    before.filter((one) => !kept.includes(one)),
    kb,
  );
  const written = await write(inventory, before, kept, kb, now);
  return {
    ...counts({ ...inventory, alarms, unresolved: [] }, kept, written.removed),
    gaps: [...gaps, ...written.gaps],
  };
}

const NOTHING: Discovered = { watched: 0, removed: 0, alarms: 0, unresolved: 0, gaps: [] };
const NOT_ASKED: Awaited<ReturnType<typeof readServiceGraph>> = { gaps: [] };

const byArn = (before: readonly Resource[]): Map<Arn, Resource> =>
  new Map(before.map((resource) => [resource.arn, resource]));

const withoutQualifier = (arn: Arn): Arn =>
  resourceTypeOf(arn) === 'lambda-alias' ? arn.split(':').slice(0, 7).join(':') : arn;

const counts = (
  { resources, alarms, unresolved }: Inventory,
  kept: readonly Resource[],
  removed: number,
): Omit<Discovered, 'gaps'> => ({
  watched: resources.length + kept.length,
  removed,
  alarms: alarms.size,
  unresolved: unresolved.length,
});

interface Reading {
  readonly facts: Facts;
  /** What is tagged and could not be read, and why. */
  readonly unread: ReadonlyMap<Arn, string>;
  readonly gaps: readonly string[];
}

async function readFacts(aws: Aws, tagged: readonly Tagged[]): Promise<Reading> {
  const of = (type: string) => tagged.filter(({ arn }) => resourceTypeOf(arn) === type).map(({ arn }) => arn);
  const lambdas = of('lambda-function');
  const [services, functions, targetGroups, loadBalancers, alarms, alarmTags, eventSources, measured] =
    await Promise.all([
      readServices(aws, of('ecs-service')),
      readFunctions(aws, lambdas),
      readTargetGroups(aws),
      readLoadBalancers(aws),
      readAlarmFacts(aws),
      readAlarmTags(aws),
      lambdas.length > 0 ? readEventSources(aws) : [],
      readTraces(aws),
    ]);
  const unread = new Map([...services.unread, ...functions.unread]);
  const known = { tagged, services: services.read, functions: functions.read, targetGroups, loadBalancers };
  const { traces, gaps } = measured;
  return {
    facts: { ...known, alarms, alarmTags, eventSources, ...(traces && { traces }) },
    unread,
    gaps: [...gaps, ...[...unread].map(([arn, why]) => `${arn} could not be read: ${why}`)],
  };
}

/**
 * Writes what was found and forgets what is gone. A record that cannot be written keeps none of the others from it.
 * @param kept what could not be read again
 */
async function write(
  { resources }: Pick<Inventory, 'resources'>,
  before: readonly Resource[],
  kept: readonly Resource[],
  kb: InventoryPorts,
  now: Instant,
): Promise<Pick<Discovered, 'removed' | 'gaps'>> {
  const found = new Set([...resources, ...kept].map(({ arn }) => arn));
  const known = byArn(before);
  const { gone, busy } = await missing(
    before.filter(({ arn }) => !found.has(arn)),
    kb,
  );
  // The graph's history first: a run that dies before the records are written tells of the same difference again.
  const standing = [...resources, ...kept, ...busy];
  await kb.recordTopology(compareEdges(before.flatMap(edgesFrom), standing.flatMap(edgesFrom)), now);
  const gaps: string[] = [];
  await mapAtOnce(resources, WRITES_AT_ONCE, async (resource) => {
    try {
      await recordMove(known.get(resource.arn), resource, kb);
      await kb.putResource(resource);
    } catch (error) {
      gaps.push(`${resource.arn} could not be written: ${String(error)}`);
    }
  });
  if (gaps.length > 0 && gaps.length === resources.length) throw new Error(gaps[0]);
  for (const { arn } of gone) await kb.removeResource(arn);
  return { removed: gone.length, gaps };
}

/** Of what was not found again, what has no open incident is gone. */
async function missing(
  unseen: readonly Resource[],
  kb: InventoryPorts,
): Promise<{ readonly gone: readonly Resource[]; readonly busy: readonly Resource[] }> {
  const open = await mapAtOnce(unseen, WRITES_AT_ONCE, ({ arn }) => kb.hasOpenIncident(arn));
  return { gone: unseen.filter((_, at) => !open[at]), busy: unseen.filter((_, at) => open[at]) };
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

/** Lists what leads nowhere or could not be read now, and takes off the list what no longer does. */
async function writeUnresolved({ alarms, unresolved }: Inventory, kb: InventoryPorts, now: Instant): Promise<void> {
  const known = new Map((await kb.listUnresolved()).map(({ alarmArn, why }) => [alarmArn, why]));
  const news = unresolved.filter(({ arn, why }) => known.get(arn) !== why);
  await mapAtOnce(news, WRITES_AT_ONCE, ({ arn, why }) => kb.putUnresolved(arn, why, now));
  const still = new Set(unresolved.map(({ arn }) => arn));
  const over = [...known.keys()].filter((alarm) => !still.has(alarm) && !alarms.has(alarm));
  await mapAtOnce(over, WRITES_AT_ONCE, (alarm) => kb.putAlarmIndex(alarm, []));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
