import * as z from 'zod';
import type { ResourceType } from '../../core/arn.ts';
import { FailureChange, FailureInUse, FailureVersion, PRIOR_VERSION, Trained } from '../../core/failure-version.ts';
import type { Instant } from '../../core/units.ts';
import { parseItem, query, read, readMany, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put, remove } from '../writes.ts';
import type { Condition, Key, Write } from '../writes.ts';
import { KEEP_DAYS, padded } from './keys.ts';

/**
 * The failure models of a type of resource: `MODEL#failure#type`, with each version, the one in use, who set which, and what
 * the last training came to.
 */
const table = (): string => config().tables.knowledge;
const modelKey = (type: ResourceType, sk: string): Key => ({ pk: `MODEL#failure#${type}`, sk });
const versionKey = (type: ResourceType, version: number): Key => modelKey(type, `VERSION#${padded(version)}`);
const IN_USE = 'IN_USE';
const TRAINED = 'TRAINED';

/** What is in use for each of these types; of a type that has nothing it is the prior. */
export async function modelsInUse(types: readonly ResourceType[]): Promise<Map<ResourceType, FailureInUse>> {
  const items = await readMany(
    table(),
    [...new Set(types)].map((type) => modelKey(type, IN_USE)),
  );
  return new Map(items.map((item) => parseItem(FailureInUse, item)).map((inUse) => [inUse.type, inUse]));
}

export interface KnownModels {
  readonly inUse?: FailureInUse;
  /** Newest first. */
  readonly versions: readonly FailureVersion[];
  /** Newest first. */
  readonly changes: readonly FailureChange[];
  readonly trained?: Trained;
}

/** All that is kept of a type's models. */
export async function models(type: ResourceType): Promise<KnownModels> {
  const versions: FailureVersion[] = [];
  const changes: FailureChange[] = [];
  let rest: Pick<KnownModels, 'inUse' | 'trained'> = {};
  const found = query(table(), { where: '#pk = :pk', values: { pk: modelKey(type, '').pk }, descending: true });
  for await (const item of found) {
    const { sk } = parseItem(z.object({ sk: z.string() }), item);
    if (sk === IN_USE) rest = { ...rest, inUse: parseItem(FailureInUse, item) };
    else if (sk === TRAINED) rest = { ...rest, trained: parseItem(Trained, item) };
    else if (sk.startsWith('CHANGE#')) changes.push(parseItem(FailureChange, item));
    else versions.push(parseItem(FailureVersion, item));
  }
  return { ...rest, versions, changes };
}

/** What the last training of a type came to. */
export async function trained(type: ResourceType): Promise<Trained | undefined> {
  return read(table(), modelKey(type, TRAINED), Trained);
}

export async function putTrained(type: ResourceType, what: Trained): Promise<void> {
  await transact([put('trained', table(), { ...modelKey(type, TRAINED), ...Trained.parse(what) })]);
}

/**
 * Keeps a new version, sets it in use where `use`, and forgets others, in one transaction.
 * @param seen the version that was in use when it was judged
 * @returns false when another version was kept, or set in use, meanwhile: nothing was written
 */
export async function putModel(
  version: FailureVersion,
  { use, seen, forget }: { readonly use: boolean; readonly seen: number; readonly forget: readonly number[] },
): Promise<boolean> {
  const { type } = version;
  const item = { ...versionKey(type, version.version), ...FailureVersion.parse(version) };
  const change = { type, from: seen, to: version.version, by: 'training', at: version.learnedAt, why: version.why };
  const done = await transact([
    put('version', table(), item, ABSENT),
    ...forget.map((one) => remove(`version ${one}`, table(), versionKey(type, one))),
    ...(use ? using(version, change) : []),
  ]);
  return done.ok;
}

/**
 * Sets a version in use in a person's name; 0 is the prior. Who, when and from what is kept.
 * @param seen the version that is in use now
 * @returns false when another was set meanwhile: nothing was written
 */
export async function setModel(
  type: ResourceType,
  to: FailureVersion | undefined,
  seen: number,
  by: string,
  at: Instant,
): Promise<boolean> {
  const version = to?.version ?? PRIOR_VERSION;
  const change = { type, from: seen, to: version, by, at, why: 'set by a person' };
  return (await transact(using(to, change, at))).ok;
}

function using(to: FailureVersion | undefined, change: FailureChange, judgeSince?: Instant): Write[] {
  const { type, from, by, at } = change;
  const inUse = FailureInUse.parse({
    type,
    version: change.to,
    columns: to?.columns ?? [],
    ...(to ? { model: to.model } : {}),
    since: at,
    by,
    ...(judgeSince ? { judgeSince } : {}),
  });
  const asSeen: Condition =
    from === PRIOR_VERSION
      ? { when: 'attribute_not_exists(#pk) OR #version = :seen', values: { seen: from } }
      : { when: '#version = :seen', values: { seen: from } };
  const kept = { ...modelKey(type, `CHANGE#${at}`), ...FailureChange.parse(change), ttl: ttl(at, KEEP_DAYS.model) };
  return [put('in use', table(), { ...modelKey(type, IN_USE), ...inUse }, asSeen), put('change', table(), kept)];
}
