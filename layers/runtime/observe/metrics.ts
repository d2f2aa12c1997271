import { GetMetricDataCommand, type MetricDataQuery, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../core/aws.ts';
import type { Criterion, MetricQuery } from '../../core/criterion.ts';
import type { Series } from '../../core/evidence.ts';
import { trafficOf } from '../../core/points.ts';
import type { Instant, Seconds } from '../../core/units.ts';

/** GetMetricData takes 500 queries a call; a hundred keep the answer well under its size limit. */
const QUERIES_A_CALL = 100;
/** What one look may read (a heal must stay under half a cent). */
export const READS_AT_MOST = 200;

export interface MetricsRead {
  readonly series: readonly Series[];
  /** What could not be read, in sentences. */
  readonly gaps: readonly string[];
}

interface Asked {
  readonly id: string;
  readonly as: Omit<Series, 'points'>;
  readonly queries: readonly MetricDataQuery[];
}

/** Reads the raw values of criteria, and the traffic beside them, in as few calls as can be. Never throws: what fails is a gap. */
export async function readMetrics(
  criteria: readonly Criterion[],
  from: Instant,
  to: Instant,
  aws: Aws,
): Promise<MetricsRead> {
  const asked = criteria.flatMap((criterion, n) => asksOf(criterion, `c${n}`));
  const { kept, dropped } = withinBudget(asked);
  const gaps = dropped.map(
    ({ as }) => `${as.criterion} of ${as.resource} was not read: more than ${READS_AT_MOST} metrics in one look`,
  );
  const series: Series[] = [];
  for (const batch of batches(kept)) {
    try {
      const results = await getAll(
        batch.flatMap(({ queries }) => queries),
        from,
        to,
        aws,
      );
      series.push(...batch.map(({ id, as }) => ({ ...as, points: pointsOf(results, id) })));
      gaps.push(...batch.flatMap(({ id, as }) => failureOf(results, id, as)));
    } catch (error) {
      gaps.push(`${batch.length} metrics could not be read: ${String(error)}`);
    }
  }
  return { series, gaps };
}

function asksOf(criterion: Criterion, prefix: string): Asked[] {
  const { queries, returns, traffic } = criterion;
  const about = { resource: criterion.resource, period: criterion.period };
  const main: Asked = {
    id: renamed(returns, queries, prefix),
    as: {
      ...about,
      criterion: criterion.id,
      metric: nameOf(queries.find(({ id }) => id === returns)),
      ...statOf(queries.find(({ id }) => id === returns)),
      ...(criterion.unit ? { unit: criterion.unit } : {}),
    },
    queries: queries.map((query) => toQuery(query, queries, prefix, query.id === returns)),
  };
  if (!traffic) return [main];
  const beside = [...queries.filter(({ id }) => id !== traffic.id), traffic];
  const needed = 'expression' in traffic ? beside : [traffic];
  return [
    main,
    {
      id: renamed(traffic.id, needed, `${prefix}t`),
      as: { ...about, criterion: trafficOf(criterion.id), metric: nameOf(traffic) },
      queries: needed.map((query) => toQuery(query, needed, `${prefix}t`, query === traffic)),
    },
  ];
}

function nameOf(query: MetricQuery | undefined): string {
  if (query === undefined) return 'unknown';
  if (!('metric' in query)) return query.expression;
  return query.stat === 'SampleCount' ? `samples of ${query.metric}` : query.metric;
}

const statOf = (query: MetricQuery | undefined): { stat?: string } =>
  query && 'metric' in query ? { stat: query.stat } : {};

/** Ids are unique within a call and begin with a lower-case letter, so every criterion's own are prefixed. */
const renamed = (id: string, among: readonly MetricQuery[], prefix: string): string =>
  among.some((query) => query.id === id) ? `${prefix}_${id}` : id;

function toQuery(
  query: MetricQuery,
  among: readonly MetricQuery[],
  prefix: string,
  returned: boolean,
): MetricDataQuery {
  const id = renamed(query.id, among, prefix);
  if ('expression' in query) {
    const Expression = query.expression.replace(/\b[a-z]\w*\b/g, (word) => renamed(word, among, prefix));
    return { Id: id, Expression, Period: query.period, ReturnData: returned };
  }
  const Dimensions = Object.entries(query.dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: query.namespace, MetricName: query.metric, Dimensions };
  return { Id: id, MetricStat: { Metric, Period: query.period, Stat: query.stat }, ReturnData: returned };
}

function withinBudget(asked: readonly Asked[]): { kept: Asked[]; dropped: Asked[] } {
  let reads = 0;
  const kept: Asked[] = [];
  const dropped: Asked[] = [];
  for (const one of asked) {
    const metrics = one.queries.filter(({ MetricStat }) => MetricStat).length;
    if (reads + metrics > READS_AT_MOST) dropped.push(one);
    else {
      kept.push(one);
      reads += metrics;
    }
  }
  return { kept, dropped };
}

function batches(asked: readonly Asked[]): Asked[][] {
  const all: Asked[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const one of asked) {
    if (size + one.queries.length > QUERIES_A_CALL) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(one);
    size += one.queries.length;
  }
  return all;
}

async function getAll(queries: MetricDataQuery[], from: Instant, to: Instant, aws: Aws): Promise<MetricDataResult[]> {
  const results: MetricDataResult[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: queries,
        StartTime: new Date(from),
        EndTime: new Date(to),
        ScanBy: 'TimestampAscending',
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    results.push(...(page.MetricDataResults ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return results;
}

/** A call that succeeds may have failed for one of its metrics: it then has no points, and not because there are none. */
function failureOf(results: readonly MetricDataResult[], id: string, { criterion, resource }: Asked['as']): string[] {
  const failed = results.find((one) => one.Id === id && /^(InternalError|Forbidden)$/.test(one.StatusCode ?? ''));
  const said = failed?.Messages?.map(({ Value }) => Value).join(' ');
  return failed
    ? [`${criterion} of ${resource} could not be read: ${failed.StatusCode}${said ? `, ${said}` : ''}`]
    : [];
}

/** A metric's values may come over several pages; oldest first. */
function pointsOf(results: readonly MetricDataResult[], id: string): [Seconds, number][] {
  const points = results
    .filter(({ Id }) => Id === id)
    .flatMap(({ Timestamps = [], Values = [] }) =>
      Timestamps.map((at, index): [Seconds, number] => [
        Math.floor(new Date(at).getTime() / 1000),
        Values[index] ?? Number.NaN,
      ]),
    );
  return points.filter(([, value]) => Number.isFinite(value)).sort(([a], [b]) => a - b);
}
