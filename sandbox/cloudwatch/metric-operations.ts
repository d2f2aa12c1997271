import type { Operation } from '../contract.ts';
import type { Clock } from './clock.ts';
import {
  badCombination,
  count,
  encodeOffset,
  invalidValue,
  missingParameter,
  offsetOf,
  page,
  required,
  requiredTime,
} from './inputs.ts';
import type { Dimension, MetricStore } from './metric-store.ts';
import { putMetricData } from './put-metric-data.ts';
import { checkPeriod, QuerySet, type QueryResult } from './queries.ts';
import { SIMPLE_STATISTICS, statisticOf } from './statistics.ts';

const MAX_DATAPOINTS = 100_800;
const LISTED_PER_PAGE = 500;
const RECENT_SECONDS = 3 * 3600;
const MAX_STATISTICS_POINTS = 1440;

/** The operations of CloudWatch that write and read metrics. */
export function metricOperations(store: MetricStore, clock: Clock): Readonly<Record<string, Operation>> {
  return {
    PutMetricData: (input) => putMetricData(store, input, clock.now() / 1000),
    GetMetricData: (input) => getMetricData(store, input),
    GetMetricStatistics: (input) => getMetricStatistics(store, input),
    ListMetrics: (input) => listMetrics(store, input, clock.now() / 1000),
  };
}

type Input = Readonly<Record<string, unknown>>;

/**
 * Start of the first period: rounded down to the minute, or for periods under a minute to a multiple of the period
 * (GetMetricData, "StartTime").
 */
const roundStart = (start: number, period: number): number => {
  const step = period < 60 ? period : 60;
  return Math.floor(start / step) * step;
};

function getMetricData(store: MetricStore, input: Input): unknown {
  const queries = input.MetricDataQueries;
  if (!Array.isArray(queries) || queries.length === 0) throw missingParameter('MetricDataQueries');
  if (queries.length > 500)
    throw invalidValue('The collection MetricDataQueries must not have a size greater than 500.');
  const start = requiredTime(input, 'StartTime');
  const end = requiredTime(input, 'EndTime');
  if (start >= end) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const set = new QuerySet(queries, store);
  const results = set.queries
    .filter((query) => query.ReturnData !== false)
    .map((query) => set.compute(query.Id, windowOf(start, end, set.periodOf(query.Id))));
  return pageOfResults(results, start, input);
}

function windowOf(start: number, end: number, period: number) {
  const from = roundStart(start, period);
  return { start: from, period, length: Math.max(0, Math.ceil((end - from) / period)) };
}

interface DataResult {
  readonly Id: string;
  readonly Label: string;
  readonly Timestamps: readonly Date[];
  readonly Values: readonly number[];
  readonly StatusCode: string;
}

/** Cuts the results after `MaxDatapoints` data points; the token is the number of points answered before. */
function pageOfResults(results: readonly QueryResult[], start: number, input: Input): unknown {
  const limit = count(input.MaxDatapoints, 'MaxDatapoints', { min: 1, max: MAX_DATAPOINTS, byDefault: MAX_DATAPOINTS });
  const skipped = input.NextToken ? offsetOf(input.NextToken) : 0;
  const ascending = input.ScanBy === 'TimestampAscending';
  let position = 0;
  const MetricDataResults = results.flatMap((result) =>
    result.series.flatMap((series): DataResult[] => {
      const points = pointsOf(series.values, roundStart(start, result.period), result.period, ascending);
      const from = Math.max(0, skipped - position);
      const to = Math.max(0, Math.min(points.length, skipped + limit - position));
      position += points.length;
      const kept = points.slice(from, to);
      if (points.length > 0 && kept.length === 0) return [];
      return [
        {
          Id: result.query.Id,
          Label: series.label,
          Timestamps: kept.map((p) => new Date(p.time * 1000)),
          Values: kept.map((p) => p.value),
          StatusCode: to < points.length ? 'PartialData' : 'Complete',
        },
      ];
    }),
  );
  const next = position > skipped + limit ? { NextToken: encodeOffset(skipped + limit) } : {};
  return { MetricDataResults, Messages: [], ...next };
}

function pointsOf(values: readonly (number | undefined)[], start: number, period: number, ascending: boolean) {
  const points = values.flatMap((value, i) => (value === undefined ? [] : [{ time: start + i * period, value }]));
  return ascending ? points : points.reverse();
}

function getMetricStatistics(store: MetricStore, input: Input): unknown {
  const id = {
    namespace: required(input, 'Namespace'),
    metricName: required(input, 'MetricName'),
    dimensions: dimensionsOf(input),
  };
  const start = requiredTime(input, 'StartTime');
  const end = requiredTime(input, 'EndTime');
  if (start >= end) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const period = Number(required(input, 'Period'));
  checkPeriod(period);
  const simple = (input.Statistics ?? []) as readonly string[];
  const extended = (input.ExtendedStatistics ?? []) as readonly string[];
  if (simple.length + extended.length === 0) throw missingParameter('Statistics or ExtendedStatistics');
  const unknown = simple.find((name) => !SIMPLE_STATISTICS.includes(name));
  if (unknown !== undefined) throw invalidValue(`The value ${unknown} for parameter Statistics.member.1 is invalid.`);
  const window = windowOf(start, end, period);
  if (window.length > MAX_STATISTICS_POINTS) {
    throw badCombination(
      `You have requested up to ${window.length} datapoints, which exceeds the limit of ${MAX_STATISTICS_POINTS}. ` +
        'You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    );
  }
  const unit = input.Unit as string | undefined;
  const named = (names: readonly string[]) => names.map((name) => [name, statisticOf(name)] as const);
  const Datapoints = store.read(id, unit, window).flatMap((d, i) => {
    if (!d) return [];
    const values = named(simple).map(([name, compute]) => [name, compute(d)]);
    const ranked = named(extended).flatMap(([name, compute]) => (compute(d) === undefined ? [] : [[name, compute(d)]]));
    const more = ranked.length > 0 ? { ExtendedStatistics: Object.fromEntries(ranked) } : {};
    const Timestamp = new Date((window.start + i * period) * 1000);
    return [{ Timestamp, ...Object.fromEntries(values), Unit: unit ?? store.unitOf(id), ...more }];
  });
  return { Label: id.metricName, Datapoints };
}

interface DimensionFilter {
  readonly Name: string;
  readonly Value?: string;
}

function listMetrics(store: MetricStore, input: Input, now: number): unknown {
  const filters = (input.Dimensions ?? []) as readonly DimensionFilter[];
  if (input.RecentlyActive !== undefined && input.RecentlyActive !== 'PT3H') {
    throw invalidValue(
      `The value ${String(input.RecentlyActive)} for parameter RecentlyActive is invalid: must be PT3H.`,
    );
  }
  const found = store
    .list()
    .filter((m) => input.Namespace === undefined || m.namespace === input.Namespace)
    .filter((m) => input.MetricName === undefined || m.metricName === input.MetricName)
    .filter((m) => input.RecentlyActive === undefined || m.lastTime >= now - RECENT_SECONDS)
    .filter((m) =>
      filters.every((f) => m.dimensions.some((d) => d.Name === f.Name && (f.Value ?? d.Value) === d.Value)),
    );
  const { items, next } = page(found, input.NextToken, LISTED_PER_PAGE);
  const Metrics = items.map((m) => ({ Namespace: m.namespace, MetricName: m.metricName, Dimensions: m.dimensions }));
  return { Metrics, ...(next === undefined ? {} : { NextToken: next }) };
}

export const dimensionsOf = (input: Input): readonly Dimension[] => (input.Dimensions ?? []) as readonly Dimension[];
