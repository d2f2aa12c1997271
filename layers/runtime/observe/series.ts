import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../core/aws.ts';
import { hours, type Instant, type Seconds } from '../../core/units.ts';
import { keptFor, type Points, type WatchedSeries } from '../../core/watched-series.ts';
import { hasFailed } from './metrics.ts';

/** A series to read, and from when on. */
export interface Wanted {
  readonly series: WatchedSeries;
  readonly from: Seconds;
}

/** GetMetricData's limits a call. */
const QUERIES_A_CALL = 500;
const POINTS_A_CALL = 100_800;

/**
 * Reads all points since each series' own start, in as few calls as can be: a call has one start for all its queries, so
 * that those with a like start go together. Only whole periods that can no longer change are answered. A series for which
 * CloudWatch failed is left out: it is read again next time.
 * @throws what CloudWatch throws: the batch is then read again
 */
export async function readSeries(
  wanted: readonly Wanted[],
  now: Instant,
  aws: Aws,
): Promise<Map<WatchedSeries, Points>> {
  const found = new Map<WatchedSeries, [Seconds, number][]>();
  for (const batch of batchesOf(wanted, Date.parse(now) / 1000)) await readBatch(batch, now, aws, found);
  const since = new Map(wanted.map(({ series, from }) => [series, from]));
  return new Map(
    [...found].map(([series, points]) => {
      const whole = settled(series, points, now);
      return [series, series.looksFor === 'refusals' ? dense(series, whole, since.get(series) ?? 0, now) : whole];
    }),
  );
}

/** A period without a point is one in which nothing was refused: AWS publishes these counts only where there are any. */
function dense({ period }: WatchedSeries, points: Points, from: Seconds, now: Instant): Points {
  const values = new Map(points);
  const until = Date.parse(now) / 1000 - 2 * period;
  const count = Math.max(0, Math.floor((until - from) / period) + 1);
  return Array.from({ length: count }, (_, n) => [from + n * period, values.get(from + n * period) ?? 0] as const);
}

/** Batches within the limits of a call, by start. */
export function batchesOf(wanted: readonly Wanted[], now: Seconds): Wanted[][] {
  const batches: Wanted[][] = [];
  let points = Number.POSITIVE_INFINITY;
  for (const one of wanted.toSorted((a, b) => a.from - b.from)) {
    const batch = batches.at(-1);
    const from = batch?.[0]?.from ?? one.from;
    const { period } = one.series;
    const brings = Math.ceil((now - from) / period) + 1;
    const tooOld = now - from > Math.max(keptFor(period), now - one.from);
    if (!batch || tooOld || batch.length >= QUERIES_A_CALL || points + brings > POINTS_A_CALL) {
      batches.push([one]);
      points = Math.ceil((now - one.from) / period) + 1;
    } else {
      batch.push(one);
      points += brings;
    }
  }
  return batches;
}

async function readBatch(
  batch: readonly Wanted[],
  now: Instant,
  aws: Aws,
  found: Map<WatchedSeries, [Seconds, number][]>,
): Promise<void> {
  const queries = batch.map(({ series }, n) => queryOf(series, `s${n}`));
  const failed = new Set<WatchedSeries>();
  let NextToken: string | undefined;
  do {
    const page = await aws.cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: queries,
        StartTime: new Date((batch[0]?.from ?? 0) * 1000),
        EndTime: new Date(now),
        ScanBy: 'TimestampAscending',
        MaxDatapoints: POINTS_A_CALL,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const result of page.MetricDataResults ?? []) {
      const { Id, Timestamps = [], Values = [] } = result;
      const wanted = batch[Number(Id?.slice(1))];
      if (!wanted) continue;
      if (hasFailed(result)) failed.add(wanted.series);
      const points = found.get(wanted.series) ?? [];
      Timestamps.forEach((at, i) => points.push([Math.floor(new Date(at).getTime() / 1000), Values[i] ?? Number.NaN]));
      found.set(wanted.series, points);
    }
    NextToken = page.NextToken;
  } while (NextToken);
  for (const series of failed) found.delete(series);
}

function queryOf({ metric }: WatchedSeries, Id: string): MetricDataQuery {
  const Dimensions = Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: metric.namespace, MetricName: metric.metric, Dimensions };
  return { Id, MetricStat: { Metric, Period: metric.period, Stat: metric.stat } };
}

/** A period may still grow for as long as itself after its end, up to an hour: what comes late would not be read again. */
function settled({ period }: WatchedSeries, points: readonly [Seconds, number][], now: Instant): Points {
  const until = Date.parse(now) / 1000 - period - Math.min(period, hours(1));
  return points.filter(([at, value]) => at <= until && Number.isFinite(value)).sort(([a], [b]) => a - b);
}
