import * as z from 'zod';
import { Arn, type ResourceType } from '../../core/arn.ts';
import { Pending, PREDICTION_PRIOR } from '../../core/prediction.ts';
import type { Posterior } from '../../core/posterior.ts';
import { addSeconds, minutes, type Instant, type Seconds } from '../../core/units.ts';
import { all, parseItem, query, read, readMany, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put, remove, update } from '../writes.ts';
import type { Condition, Key, Write } from '../writes.ts';
import { KEEP_DAYS } from './keys.ts';

const table = (): string => config().tables.knowledge;

/** One partition, so that a tick reads what is due in a few pages. */
const PLAN = 'WATCH';
const watchKey = (arn: Arn): Key => ({ pk: PLAN, sk: arn });
const seriesKey = (arn: Arn, id: string): Key => ({ pk: `SERIES#${arn}`, sk: id });
const predictionKey = (type: ResourceType, metric: string): Key => ({ pk: 'PREDICTIONS', sk: `${type}#${metric}` });

/** DynamoDB takes 100 parts in a transaction. */
const MOST_PARTS = 90;

/** When a resource is read next, and how often: `WATCH / arn`. The plan writes all of it but `sooner` and `closely`, and nobody else does. */
export const Watch = z.object({
  arn: Arn,
  /** Seconds. */
  interval: z.number().positive(),
  due: z.string(),
  plannedAt: z.string(),
  /** When it was sent to be read last. */
  sentAt: z.string().optional(),
  /** Wanted before it is due, by what was seen of it; over once it was sent since. */
  sooner: z.string().optional(),
  /** Between when trouble is expected, by what has begun elsewhere. */
  closely: z.object({ from: z.string(), to: z.string() }).optional(),
});
export type Watch = z.infer<typeof Watch>;

/** Every resource that is watched, by ARN. */
export async function watches(): Promise<Watch[]> {
  return all(query(table(), { where: '#pk = :pk', values: { pk: PLAN } }), Watch);
}

/** While trouble is expected it is read so often. */
const CLOSELY: Seconds = minutes(5);

/** A resource without any metric has a plan, too, so that it is not taken for new; it is never due. */
export const NEVER: Instant = '9999-12-31T00:00:00.000Z';

/** When it is to be read: when it is due, or before. */
export function dueOf({ due, sooner, closely, sentAt = '' }: Watch): Instant {
  const wanted = [due];
  if (sooner !== undefined && sooner > sentAt) wanted.push(sooner);
  if (closely) {
    const next = sentAt < closely.from ? closely.from : addSeconds(sentAt, CLOSELY);
    if (next <= closely.to) wanted.push(next);
  }
  return wanted.sort()[0]!;
}

/** Writes plans, and takes away those of resources that are no longer watched. What was wanted sooner meanwhile stays so. */
export async function putWatches(planned: readonly Watch[], gone: readonly Arn[]): Promise<void> {
  await inParts([...planned.map(planning), ...gone.map((arn) => remove(arn, table(), watchKey(arn)))]);
}

function planning({ arn, interval, due, plannedAt, sentAt }: Watch): Write {
  const sent = sentAt === undefined ? '' : ', #sentAt = :sentAt';
  const change = `SET #arn = :arn, #interval = :interval, #due = :due, #plannedAt = :plannedAt${sent}`;
  const values = { arn, interval, due, plannedAt, ...(sentAt === undefined ? {} : { sentAt }) };
  return update(arn, table(), watchKey(arn), change, { values });
}

/** Reads a resource earlier than planned, even where it is read right now. One that is wanted before stays so. */
export async function hasten(arn: Arn, due: Instant): Promise<void> {
  const later = 'attribute_not_exists(#sooner) OR #sooner > :due OR #sooner <= #sentAt';
  await transact([
    update('watch', table(), watchKey(arn), 'SET #sooner = :due', {
      when: `attribute_exists(#pk) AND (${later})`,
      values: { due },
    }),
  ]);
}

/** Reads a resource again and again while trouble of it is expected. What was expected before gives way; what has no metric is not read. */
export async function watchClosely(arn: Arn, from: Instant, to: Instant): Promise<void> {
  await transact([
    update('watch', table(), watchKey(arn), 'SET #closely = :closely', {
      when: 'attribute_exists(#pk) AND #due < :never',
      values: { closely: { from, to }, never: NEVER },
    }),
  ]);
}

async function inParts(writes: readonly Write[]): Promise<void> {
  for (let start = 0; start < writes.length; start += MOST_PARTS)
    await transact(writes.slice(start, start + MOST_PARTS));
}

/** What is remembered of one series: `SERIES#arn / id`. */
export const KeptSeries = z.object({
  /** Counts the writes: only what was read is replaced. */
  version: z.number().int(),
  /** Time of the last point that the detector has seen, seconds since the epoch. */
  last: z.number().nullable(),
  keptAt: z.string(),
  /** The detector's state, packed and compressed; under 200 KB. */
  detector: z.instanceof(Uint8Array).optional(),
  /** The forecast that was told and is not judged yet. */
  pending: Pending.optional(),
  /** Nothing further is foretold before, seconds since the epoch. */
  quietUntil: z.number().optional(),
  /** Since when it was at its limit when that was told last, seconds since the epoch. */
  reachedAt: z.number().optional(),
});
export type KeptSeries = z.infer<typeof KeptSeries>;

export interface SeriesName {
  readonly arn: Arn;
  readonly id: string;
}

const nameOf = ({ arn, id }: SeriesName): string => `${arn} ${id}`;

/** What is remembered of each series, by ARN and id with a space between. What was never kept is not in it. */
export async function seriesKept(names: readonly SeriesName[]): Promise<Map<string, KeptSeries>> {
  const found = new Map<string, KeptSeries>();
  const keys = names.map(({ arn, id }) => seriesKey(arn, id));
  for (const item of await readMany(table(), keys)) {
    const { pk, sk } = parseItem(z.object({ pk: z.string(), sk: z.string() }), item);
    found.set(nameOf({ arn: pk.slice('SERIES#'.length), id: sk }), parseItem(KeptSeries, item));
  }
  return found;
}

/** What became of a forecast, to be counted with the write that forgets it: once. */
export interface JudgedForecast {
  readonly type: ResourceType;
  readonly metric: string;
  readonly cameTrue: boolean;
}

/**
 * Keeps a series, where it is still as it was read.
 * @returns false when someone else kept it meanwhile: nothing was written
 */
export async function keepSeries(name: SeriesName, kept: KeptSeries, judged?: JudgedForecast): Promise<boolean> {
  const seen: Condition =
    kept.version === 1 ? ABSENT : { when: '#version = :seen', values: { seen: kept.version - 1 } };
  const item = {
    ...seriesKey(name.arn, name.id),
    ...KeptSeries.parse(kept),
    ttl: ttl(kept.keptAt, KEEP_DAYS.series),
  };
  const done = await transact([put('series', table(), item, seen), ...(judged ? [counting(judged)] : [])]);
  return done.ok;
}

/** Counts what became of a forecast in the record that decisions are weighed with. */
export function counting({ type, metric, cameTrue }: JudgedForecast): Write {
  const change =
    'SET #cameTrue = if_not_exists(#cameTrue, :none) + :true, #didNot = if_not_exists(#didNot, :none) + :false, ' +
    '#type = :type, #metric = :metric';
  return update('prediction', table(), predictionKey(type, metric), change, {
    when: 'attribute_not_exists(#pk) OR attribute_exists(#didNot)',
    values: { none: 0, true: cameTrue ? 1 : 0, false: cameTrue ? 0 : 1, type, metric },
  });
}

const PredictionCount = z.object({ cameTrue: z.number().int(), didNot: z.number().int() });

/** How often forecasts of such a metric on such a resource came true. */
export async function predictions(type: ResourceType, metric: string): Promise<Posterior> {
  const counted = await read(table(), predictionKey(type, metric), PredictionCount);
  const { alpha, beta } = PREDICTION_PRIOR;
  return { alpha: alpha + (counted?.cameTrue ?? 0), beta: beta + (counted?.didNot ?? 0) };
}
