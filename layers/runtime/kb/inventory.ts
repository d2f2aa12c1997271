import * as z from 'zod';
import { Arn } from '../../core/arn.ts';
import { canonicalJson } from '../../core/audit.ts';
import { Resource } from '../../core/inventory.ts';
import { edgesFrom } from '../../core/topology.ts';
import type { Instant } from '../../core/units.ts';
import { all, parseItem, query, read, readMany, retrying, transact } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put, remove } from '../writes.ts';
import type { Condition, Item, Key, Write } from '../writes.ts';
import { resourceKey } from './keys.ts';
import { probesKey } from './probes.ts';
import { callerItem } from './topology.ts';

const table = (): string => config().tables.knowledge;

/** The list of all resources: one partition, so that reading it does not read the change feed with it. */
const LIST = 'INVENTORY';
const listKey = (arn: Arn): Key => ({ pk: LIST, sk: arn });
const targetGroupKey = (arn: Arn): Key => ({ pk: `TARGETGROUP#${arn}`, sk: 'TARGETGROUP' });
const alarmKey = (arn: Arn): Key => ({ pk: `ALARM#${arn}`, sk: 'ALARM' });
const unresolvedKey = (arn: Arn): Key => ({ pk: 'UNRESOLVED', sk: arn });

/** DynamoDB takes 100 parts in a transaction; a resource with more neighbours than that is written in several. */
const MOST_PARTS = 90;
/** So many records are held at once. */
const BATCH = 100;

/** The inventory record of a resource, strongly consistent; undefined when it is not known. */
export async function resource(arn: Arn): Promise<Resource | undefined> {
  return read(table(), resourceKey(arn), Resource);
}

/**
 * Writes a resource's record together with what is found through it (who depends on it, which target groups are its).
 * A record seen later is never replaced by one seen earlier.
 */
export async function putResource(found: Resource): Promise<void> {
  const record = Resource.parse(found);
  await retrying(`inventory record of ${record.arn}`, async () => {
    const stored = await resource(record.arn);
    if (stored && stored.seenAt > record.seenAt) return true;
    const { added, dropped } = compare(stored ? references(stored) : [], references(record));
    await inParts(added.map((item) => put('reference', table(), item)));
    for (const key of dropped) await transact([dropReference(key, record.arn)]);
    const done = await transact([
      put('resource', table(), { ...resourceKey(record.arn), ...record }, unchanged(stored)),
      put('list', table(), { ...listKey(record.arn), fleet: record.fleet }),
      ...probing(record, stored),
    ]);
    return done.ok ? true : undefined;
  });
}

/** What is probed is listed beside the inventory, so that a run does not read all of it. */
function probing({ arn, probes }: Resource, stored: Resource | undefined): Write[] {
  if (probes.length > 0) return [put('probes', table(), { ...probesKey(arn), arn, probes })];
  return (stored?.probes.length ?? 0) > 0 ? [remove('probes', table(), probesKey(arn))] : [];
}

/** By its condition it leaves alone what leads to another resource by now. */
const dropReference = (key: Key, arn: Arn): Write =>
  remove('reference', table(), key, { when: '#arn = :arn', values: { arn } });

const unchanged = (stored: Resource | undefined): Condition =>
  stored ? { when: '#seenAt = :seen', values: { seen: stored.seenAt } } : ABSENT;

/** What leads to this resource from another key. */
const references = (resource: Resource): (Key & Item)[] => [
  ...edgesFrom(resource).map(callerItem),
  ...[...new Set(resource.targetGroups)].map((group) => ({ ...targetGroupKey(group), arn: resource.arn })),
];

function compare(before: readonly (Key & Item)[], after: readonly (Key & Item)[]) {
  const name = ({ pk, sk }: Key): string => `${pk}/${sk}`;
  const [had, has] = [new Set(before.map(canonicalJson)), new Set(after.map(name))];
  return {
    added: after.filter((item) => !had.has(canonicalJson(item))),
    dropped: before.filter((item) => !has.has(name(item))).map(({ pk, sk }) => ({ pk, sk })),
  };
}

async function inParts(writes: readonly Write[]): Promise<void> {
  for (let start = 0; start < writes.length; start += MOST_PARTS)
    await transact(writes.slice(start, start + MOST_PARTS));
}

/** Forgets a resource that is not watched any more, or gone. What it changed stays in the change feed. */
export async function removeResource(arn: Arn): Promise<void> {
  const stored = await resource(arn);
  for (const { pk, sk } of stored ? references(stored) : []) await transact([dropReference({ pk, sk }, arn)]);
  const keys = [resourceKey(arn), listKey(arn), probesKey(arn)];
  await transact(keys.map((key) => remove(key.pk, table(), key)));
}

/** All known resources, in no order. */
export async function* allResources(): AsyncGenerator<Resource> {
  let batch: Arn[] = [];
  for await (const { sk } of listed()) {
    batch.push(sk);
    if (batch.length < BATCH) continue;
    yield* await recordsOf(batch);
    batch = [];
  }
  yield* await recordsOf(batch);
}

const Listed = z.object({ sk: Arn, fleet: z.string() });

async function* listed(): AsyncGenerator<z.infer<typeof Listed>> {
  for await (const item of query(table(), { where: '#pk = :pk', values: { pk: LIST } })) yield parseItem(Listed, item);
}

/** Their records, in no order; what is not known is left out. */
export async function recordsOf(arns: readonly Arn[]): Promise<Resource[]> {
  return (await readMany(table(), arns.map(resourceKey))).map((item) => parseItem(Resource, item));
}

/** The ARNs of all known resources, without their records. */
export async function listedArns(): Promise<Arn[]> {
  const arns: Arn[] = [];
  for await (const { sk } of listed()) arns.push(sk);
  return arns;
}

/** How many resources a fleet has. */
export async function fleetSize(fleet: string): Promise<number> {
  let size = 0;
  for await (const resource of listed()) if (resource.fleet === fleet) size++;
  return size;
}

export async function resourceOfTargetGroup(arn: Arn): Promise<Arn | undefined> {
  return (await read(table(), targetGroupKey(arn), z.object({ arn: Arn })))?.arn;
}

/** The resource an alarm is about: the first, where discovery found several. */
export async function resourceOfAlarm(alarmArn: Arn): Promise<Arn | undefined> {
  return (await read(table(), alarmKey(alarmArn), z.object({ arns: z.array(Arn) })))?.arns[0];
}

/** What an alarm is about; nothing when `arns` is empty. It is then no longer in the list of unresolved ones. */
export async function putAlarmIndex(alarmArn: Arn, arns: readonly Arn[]): Promise<void> {
  const key = alarmKey(alarmArn);
  const index = arns.length > 0 ? put('alarm', table(), { ...key, alarmArn, arns }) : remove('alarm', table(), key);
  await transact([index, remove('unresolved', table(), unresolvedKey(alarmArn))]);
}

const UnresolvedAlarm = z.object({ alarmArn: Arn, why: z.string(), at: z.string() });
/** An alarm that leads to no resource, or a resource that could not be read: listed, not healed. */
export type UnresolvedAlarm = z.infer<typeof UnresolvedAlarm>;

export async function putUnresolved(alarmArn: Arn, why: string, now: Instant): Promise<void> {
  const item = { ...unresolvedKey(alarmArn), alarmArn, why, at: now };
  await transact([put('unresolved', table(), item), remove('alarm', table(), alarmKey(alarmArn))]);
}

export async function listUnresolved(): Promise<UnresolvedAlarm[]> {
  return all(query(table(), { where: '#pk = :pk', values: { pk: 'UNRESOLVED' } }), UnresolvedAlarm);
}
