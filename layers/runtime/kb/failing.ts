import * as z from 'zod';
import { Arn, ResourceType } from '../../core/arn.ts';
import { FAILURE_RECORD } from '../../core/prediction.ts';
import type { Instant } from '../../core/units.ts';
import { all, parseItem, query, readMany, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put } from '../writes.ts';
import type { Condition, Key } from '../writes.ts';
import { KEEP_DAYS } from './keys.ts';
import { counting } from './watches.ts';

/** The last failure that a model foretold of each resource: `FAILING / arn`. One partition, so that all are judged in a page. */
const table = (): string => config().tables.knowledge;
const FAILING = 'FAILING';
const failingKey = (arn: Arn): Key => ({ pk: FAILING, sk: arn });

export const ForetoldFailure = z.object({
  arn: Arn,
  type: ResourceType,
  /** Which version said so, e.g. `ecs-service-3`. */
  model: z.string(),
  at: z.string(),
  /** It comes true by then, or it did not. */
  until: z.string(),
  probability: z.number(),
  /** Absent until it is known. */
  fate: z.enum(['came-true', 'did-not', 'cut-short']).optional(),
  /** Nothing further is foretold before. */
  quietUntil: z.string().optional(),
});
export type ForetoldFailure = z.infer<typeof ForetoldFailure>;

/** What was foretold last of each of these, by ARN. */
export async function foretoldFailures(arns: readonly Arn[]): Promise<Map<Arn, ForetoldFailure>> {
  const found = new Map<Arn, ForetoldFailure>();
  for (const item of await readMany(table(), arns.map(failingKey))) {
    const one = parseItem(ForetoldFailure, item);
    found.set(one.arn, one);
  }
  return found;
}

/** Those whose fate is not known yet. */
export async function openFailures(): Promise<ForetoldFailure[]> {
  const known = await all(query(table(), { where: '#pk = :pk', values: { pk: FAILING } }), ForetoldFailure);
  return known.filter(({ fate }) => fate === undefined);
}

/** Remembers what was foretold, in place of `seen`. @returns false when another was remembered meanwhile */
export async function rememberFailing(foretold: ForetoldFailure, seen?: ForetoldFailure): Promise<boolean> {
  const asSeen: Condition = seen ? { when: '#at = :seen', values: { seen: seen.at } } : ABSENT;
  return (await transact([put('failing', table(), itemOf(foretold), asSeen)])).ok;
}

/** Writes what became of it and counts it, once. One that was cut short says nothing and is not counted. */
export async function judgeFailing(
  foretold: ForetoldFailure,
  fate: NonNullable<ForetoldFailure['fate']>,
  quietUntil: Instant,
): Promise<boolean> {
  const { at, type } = foretold;
  const open: Condition = { when: '#at = :at AND attribute_not_exists(#fate)', values: { at } };
  const count = { type, metric: FAILURE_RECORD, cameTrue: fate === 'came-true' };
  const done = await transact([
    put('failing', table(), itemOf({ ...foretold, fate, quietUntil }), open),
    ...(fate === 'cut-short' ? [] : [counting(count)]),
  ]);
  return done.ok;
}

const itemOf = (foretold: ForetoldFailure) => ({
  ...failingKey(foretold.arn),
  ...ForetoldFailure.parse(foretold),
  ttl: ttl(foretold.at, KEEP_DAYS.failing),
});
