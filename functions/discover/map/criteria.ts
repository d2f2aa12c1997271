import type { Arn } from '../../../layers/core/arn.ts';
import { Comparison, MissingData, type Criterion, type MetricQuery } from '../../../layers/core/criterion.ts';
import type { MetricAlarmFacts } from '../facts.ts';

/** What counts the work behind a metric, where AWS publishes one under the same dimensions. */
const TRAFFIC: ReadonlyMap<string, string> = new Map([
  ['AWS/ApplicationELB', 'RequestCount'],
  ['AWS/Lambda', 'Invocations'],
]);
/** States of targets, which are there without any request. */
const NOT_PER_REQUEST: ReadonlySet<string> = new Set(['HealthyHostCount', 'UnHealthyHostCount']);

type SingleMetric = Extract<MetricQuery, { metric: string }>;
const isMetric = (query: MetricQuery): query is SingleMetric => 'metric' in query;

/** A share is of what it is divided by: `100 * errors / requests` counts requests, however the owner named them. */
function divisor(queries: readonly MetricQuery[], metrics: readonly SingleMetric[]): SingleMetric | undefined {
  const divided = queries.flatMap((query) =>
    'expression' in query ? [...query.expression.matchAll(/\/\s*\(?\s*([a-z]\w*)/g)] : [],
  );
  return metrics.find(({ id, stat }) => stat === 'Sum' && divided.some(([, name]) => name === id));
}

/** How much was asked of the resource in a period: requests, invocations, what a share is of, or else samples of the metric itself. */
export function trafficOf(queries: readonly MetricQuery[]): MetricQuery | undefined {
  const metrics = queries.filter(isMetric);
  const counted = metrics.find(({ namespace, metric }) => TRAFFIC.has(namespace) && !NOT_PER_REQUEST.has(metric));
  const whole = counted ? undefined : divisor(queries, metrics);
  if (whole) return { ...whole, id: 'traffic' };
  const first = counted ?? metrics[0];
  if (!first) return undefined;
  const { namespace, dimensions, period } = first;
  const requests = counted ? TRAFFIC.get(namespace) : undefined;
  return requests
    ? { id: 'traffic', namespace, metric: requests, dimensions, stat: 'Sum', period }
    : { id: 'traffic', namespace, metric: first.metric, dimensions, stat: 'SampleCount', period };
}

/**
 * What a metric alarm calls bad, to be read on raw metrics. Empty where one comparison cannot say it: alarms on an
 * anomaly detector's band, and Metrics Insights queries over many series.
 */
export function criteriaOfAlarm(alarm: MetricAlarmFacts, resource: Arn): Criterion[] {
  const comparison = Comparison.safeParse(alarm.comparison);
  if (!comparison.success || alarm.threshold === undefined || alarm.queries.length === 0) return [];
  const queries = [...alarm.queries];
  const traffic = trafficOf(queries);
  if (!traffic) return [];
  return [
    {
      id: alarm.name,
      resource,
      role: 'target',
      queries,
      returns: alarm.returns,
      comparison: comparison.data,
      threshold: alarm.threshold,
      period: alarm.period,
      missing: missingOf(alarm),
      traffic,
      trafficFloor: 1,
    },
  ];
}

/** DynamoDB alarms ignore missing data whatever they say ("Configuring how CloudWatch alarms treat missing data"). */
function missingOf({ queries, missing }: MetricAlarmFacts): MissingData {
  if (queries.some((query) => 'namespace' in query && query.namespace === 'AWS/DynamoDB')) return 'ignore';
  return MissingData.safeParse(missing).data ?? 'missing';
}
