import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../layers/core/aws.ts';
import { hours, minutes, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { WatchedSeries } from '../../layers/core/watched-series.ts';
import { LOOKED_BACK } from '../detect/forecast/foretell.ts';
import { LOOKED_BACK as OF_A_MODEL } from '../detect/failure/view.ts';
import type { Points } from './series.ts';

/** A series to read, and from when on. */
export interface Wanted {
  readonly series: WatchedSeries;
  readonly from: Seconds;
}

/** GetMetricData's limits a call. */
const QUERIES_A_CALL = 500;
const POINTS_A_CALL = 100_800;
const DAY: Seconds = hours(24);
/** Refused calls of before are over. */
const REFUSALS_BACK: Seconds = hours(1);

/** CloudWatch keeps points of under a minute for three hours, of a minute for 15 days. */
const FINE_KEPT: Seconds = hours(3) - minutes(1);

/** A detector that begins learns from so much of the past. */
function warmUp(period: Seconds): Seconds {
  if (period < minutes(1)) return FINE_KEPT;
  return period < minutes(5) ? 3 * DAY : 14 * DAY;
}

/**
 * From when on a series is read: a forecast looks back a day, a detector to the last point it has seen, and at least as far
 * as a failure model looks; points that were seen before cost nothing.
 */
export function readFrom({ looksFor, period }: WatchedSeries, last: Seconds | null | undefined, now: Instant): Seconds {
  const at = Date.parse(now) / 1000;
  const whole = (from: Seconds): Seconds => Math.floor(from / period) * period;
  if (looksFor === 'refusals') return whole(at - REFUSALS_BACK);
  if (looksFor === 'forecast') return whole(at - (period < minutes(1) ? FINE_KEPT : LOOKED_BACK));
  const earliest = at - warmUp(period);
  if (last === null || last === undefined) return whole(earliest);
  return whole(Math.max(Math.min(last + period, at - OF_A_MODEL), earliest));
}

/**
 * Reads all points since each series' own start, in as few calls as can be: a call has one start for all its queries, so
 * that those with a like start go together. Only whole periods that can no longer change are answered.
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

/** Batches within the limits of a call, by start. */
export function batchesOf(wanted: readonly Wanted[], now: Seconds): Wanted[][] {
  const batches: Wanted[][] = [];
  let points = Number.POSITIVE_INFINITY;
  for (const one of wanted.toSorted((a, b) => a.from - b.from)) {
    const batch = batches.at(-1);
    const from = batch?.[0]?.from ?? one.from;
    const brings = Math.ceil((now - from) / one.series.period) + 1;
    if (!batch || batch.length >= QUERIES_A_CALL || points + brings > POINTS_A_CALL) {
      batches.push([one]);
      points = Math.ceil((now - one.from) / one.series.period) + 1;
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
    for (const { Id, Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
      const wanted = batch[Number(Id?.slice(1))];
      if (!wanted) continue;
      const points = found.get(wanted.series) ?? [];
      Timestamps.forEach((at, i) => points.push([Math.floor(new Date(at).getTime() / 1000), Values[i] ?? Number.NaN]));
      found.set(wanted.series, points);
    }
    NextToken = page.NextToken;
  } while (NextToken);
}

function queryOf({ metric }: WatchedSeries, Id: string): MetricDataQuery {
  const Dimensions = Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: metric.namespace, MetricName: metric.metric, Dimensions };
  return { Id, MetricStat: { Metric, Period: metric.period, Stat: metric.stat } };
}

/** A period without a point is one in which nothing was refused: AWS publishes these counts only where there are any. */
function dense({ period }: WatchedSeries, points: Points, from: Seconds, now: Instant): Points {
  const values = new Map(points);
  const until = Date.parse(now) / 1000 - 2 * period;
  const count = Math.max(0, Math.floor((until - from) / period) + 1);
  return Array.from({ length: count }, (_, n) => [from + n * period, values.get(from + n * period) ?? 0] as const);
}

/** A period may still grow for as long as itself after its end: what comes late would not be read again. */
function settled({ period }: WatchedSeries, points: readonly [Seconds, number][], now: Instant): Points {
  const until = Date.parse(now) / 1000 - 2 * period;
  return points.filter(([at, value]) => at <= until && Number.isFinite(value)).sort(([a], [b]) => a - b);
}
