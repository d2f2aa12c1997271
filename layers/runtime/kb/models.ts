import * as z from 'zod';
import type { ResourceType } from '../../core/arn.ts';
import { ModelChange, ModelInUse, ModelVersion, PRIOR_VERSION, Trained } from '../../core/model-version.ts';
import type { ModelName } from '../../core/model-version.ts';
import type { Instant } from '../../core/units.ts';
import { parseItem, query, read, readMany, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put, remove } from '../writes.ts';
import type { Condition, Key, Write } from '../writes.ts';
import { KEEP_DAYS, padded } from './keys.ts';

/**
 * The failure models of each type of resource, `MODEL#failure#type`, and the fault model, `MODEL#fault`: each with its versions,
 * the one in use, who set which, and what the last training came to.
 */
const table = (): string => config().tables.knowledge;
const modelKey = (type: ModelName, sk: string): Key => ({
  pk: type === 'fault' ? 'MODEL#fault' : `MODEL#failure#${type}`,
  sk,
});
const versionKey = (type: ModelName, version: number): Key => modelKey(type, `VERSION#${padded(version)}`);
const IN_USE = 'IN_USE';
const TRAINED = 'TRAINED';

/** The fault model in use; undefined where nothing was ever set, as is the case with the shipped one. */
export async function faultModelInUse(): Promise<ModelInUse | undefined> {
  return read(table(), modelKey('fault', IN_USE), ModelInUse);
}

/** The failure model in use for each of these types; of a type that has nothing it is the prior. */
export async function modelsInUse(types: readonly ResourceType[]): Promise<Map<ModelName, ModelInUse>> {
  const items = await readMany(
    table(),
    [...new Set(types)].map((type) => modelKey(type, IN_USE)),
  );
  return new Map(items.map((item) => parseItem(ModelInUse, item)).map((inUse) => [inUse.type, inUse]));
}

export interface KnownModels {
  readonly inUse?: ModelInUse;
  /** Newest first. */
  readonly versions: readonly ModelVersion[];
  /** Newest first. */
  readonly changes: readonly ModelChange[];
  readonly trained?: Trained;
}

/** All that is kept of a model. */
export async function models(type: ModelName): Promise<KnownModels> {
  const versions: ModelVersion[] = [];
  const changes: ModelChange[] = [];
  let rest: Pick<KnownModels, 'inUse' | 'trained'> = {};
  const found = query(table(), { where: '#pk = :pk', values: { pk: modelKey(type, '').pk }, descending: true });
  for await (const item of found) {
    const { sk } = parseItem(z.object({ sk: z.string() }), item);
    if (sk === IN_USE) rest = { ...rest, inUse: parseItem(ModelInUse, item) };
    else if (sk === TRAINED) rest = { ...rest, trained: parseItem(Trained, item) };
    else if (sk.startsWith('CHANGE#')) changes.push(parseItem(ModelChange, item));
    else versions.push(parseItem(ModelVersion, item));
  }
  return { ...rest, versions, changes };
}

/** What the last training of a model came to. */
export async function trained(type: ModelName): Promise<Trained | undefined> {
  return read(table(), modelKey(type, TRAINED), Trained);
}

export async function putTrained(type: ModelName, what: Trained): Promise<void> {
  await transact([put('trained', table(), { ...modelKey(type, TRAINED), ...Trained.parse(what) })]);
}

/**
 * Keeps a new version, sets it in use where `use`, and forgets others, in one transaction.
 * @param seen the version that was in use when it was judged
 * @returns false when another version was kept, or set in use, meanwhile: nothing was written
 */
export async function putModel(
  version: ModelVersion,
  { use, seen, forget }: { readonly use: boolean; readonly seen: number; readonly forget: readonly number[] },
): Promise<boolean> {
  const { type } = version;
  const item = { ...versionKey(type, version.version), ...ModelVersion.parse(version) };
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
  type: ModelName,
  to: ModelVersion | undefined,
  seen: number,
  by: string,
  at: Instant,
): Promise<boolean> {
  const version = to?.version ?? PRIOR_VERSION;
  const change = { type, from: seen, to: version, by, at, why: 'set by a person' };
  return (await transact(using(to, change, at))).ok;
}

function using(to: ModelVersion | undefined, change: ModelChange, judgeSince?: Instant): Write[] {
  const { type, from, by, at } = change;
  const inUse = ModelInUse.parse({
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
  const kept = { ...modelKey(type, `CHANGE#${at}`), ...ModelChange.parse(change), ttl: ttl(at, KEEP_DAYS.model) };
  return [put('in use', table(), { ...modelKey(type, IN_USE), ...inUse }, asSeen), put('change', table(), kept)];
}
