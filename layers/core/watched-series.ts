import { ecsServiceOf, lambdaOf, parseArn, type Arn } from './arn.ts';
import type { MetricQuery } from './criterion.ts';
import type { Resource } from './inventory.ts';
import type { MetricLimit } from './named-metric.ts';
import { hours, minutes, type Seconds } from './units.ts';

type Metric = Extract<MetricQuery, { metric: string }>;

/** One metric that is watched for one thing. */
export interface WatchedSeries {
  /** Stable within a resource. */
  readonly id: string;
  readonly resource: Arn;
  readonly metric: Metric;
  readonly period: Seconds;
  /** `refusals`: calls that AWS refuses, of which any that go on are too many. */
  readonly looksFor: 'anomaly' | 'forecast' | 'refusals';
  /** What it must not reach; of a forecast only. */
  readonly limit?: MetricLimit;
  /** Nothing can go past the limit: where something did, it is none. */
  readonly hard?: true;
  /** An alarm of its owner tells when the limit is reached, after as long as the owner wants. */
  readonly alarmed?: true;
  /** What lies further ahead is not foretold; default that of the deployment. */
  readonly horizon?: Seconds;
}

/** [seconds since the epoch, value], oldest first. */
export type Points = readonly (readonly [Seconds, number])[];

/** For how long CloudWatch keeps points of a period: asked for from before, none are answered at all. */
export function keptFor(period: Seconds): Seconds {
  if (period < minutes(1)) return hours(3) - minutes(1);
  if (period < minutes(5)) return hours(15 * 24);
  return period < hours(1) ? hours(63 * 24) : hours(455 * 24);
}

/** Fills up or runs out over days: nothing that is done about it shows within the time that an action is judged in. */
export const isSlow = ({ period }: Pick<WatchedSeries, 'period'>): boolean => period >= hours(1);

/** More of one resource would spend its neighbours' budget. */
const MOST_A_RESOURCE = 10;
/** What is usual shows in five minutes as well as in one, and costs a fifth of the computing. */
const COARSE = minutes(5);
const FINE = minutes(1);

type Dimensions = Readonly<Record<string, string>>;
type Named = readonly [metric: string, stat: string];

/**
 * What is watched of a resource: what its owner names by tags first, then what AWS publishes about its type. Pure, and the
 * same for all who ask: a signal names a series by its id, and Detect, Decide and Verify find it here again.
 */
export function seriesOf(resource: Resource): WatchedSeries[] {
  const all = [...named(resource), ...ofType(resource), ...ageLimits(resource)];
  return [...new Map(all.map((one) => [one.id, one])).values()].slice(0, MOST_A_RESOURCE);
}

const named = ({ arn, metrics }: Resource): WatchedSeries[] =>
  metrics.map(({ id, namespace, metric, dimensions, stat, period, limit, horizon }) => ({
    id,
    resource: arn,
    metric: { id: 'm', namespace, metric, dimensions, stat, period },
    period,
    ...(limit ? { looksFor: 'forecast', limit } : { looksFor: 'anomaly' }),
    ...(horizon ? { horizon } : {}),
  }));

function ofType(resource: Resource): WatchedSeries[] {
  const { arn, type } = resource;
  switch (type) {
    case 'ecs-service': {
      const { cluster, service } = ecsServiceOf(arn);
      const dimensions = { ClusterName: cluster, ServiceName: service };
      const memory = { ...series(arn, 'AWS/ECS', dimensions, ['MemoryUtilization', 'Maximum'], FINE), id: 'memory' };
      return [
        // A share of the task definition's limit: at 100 per cent tasks are killed. Of what is only reserved they may take more.
        { ...memory, looksFor: 'forecast', limit: { value: 100, when: 'above' }, hard: true },
        ...anomalies(arn, 'AWS/ECS', dimensions, ['CPUUtilization', 'Average'], ['MemoryUtilization', 'Average']),
        ...behindBalancer(resource),
      ];
    }
    case 'lambda-function':
    case 'lambda-alias': {
      const { functionName, alias } = lambdaOf(arn);
      const dimensions = alias
        ? { FunctionName: functionName, Resource: `${functionName}:${alias}` }
        : { FunctionName: functionName };
      return [
        ...anomalies(arn, 'AWS/Lambda', dimensions, ['Invocations', 'Sum'], ['Duration', 'p90']),
        refusals(arn, 'AWS/Lambda', dimensions, 'Throttles'),
      ];
    }
    case 'sqs-queue': {
      const dimensions = { QueueName: parseArn(arn).resource };
      return anomalies(arn, 'AWS/SQS', dimensions, ['NumberOfMessagesSent', 'Sum'], [VISIBLE, 'Maximum']);
    }
    case 'dynamodb-table': {
      const dimensions = { TableName: parseArn(arn).resource.replace('table/', '') };
      const [read, write] = ['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'];
      return [
        ...anomalies(arn, 'AWS/DynamoDB', dimensions, [read, 'Sum'], [write, 'Sum']),
        // Published only while calls are refused.
        ...THROTTLED.map((metric) => refusals(arn, 'AWS/DynamoDB', dimensions, metric)),
      ];
    }
    default:
      return [];
  }
}

const THROTTLED = ['ReadThrottleEvents', 'WriteThrottleEvents'];
const VISIBLE = 'ApproximateNumberOfMessagesVisible';
const AGE = 'ApproximateAgeOfOldestMessage';

/** The metrics of a service's targets, with the dimensions that discovery found for their failed requests. */
function behindBalancer({ arn, own }: Resource): WatchedSeries[] {
  const metrics = own.flatMap(({ queries }) => queries.flatMap((query) => ('metric' in query ? query : [])));
  const found = metrics.find(({ namespace, metric }) => namespace === ELB && metric === 'RequestCount');
  if (!found) return [];
  return anomalies(arn, ELB, found.dimensions, ['RequestCount', 'Sum'], ['TargetResponseTime', 'p90']);
}
const ELB = 'AWS/ApplicationELB';

/** The age of a queue's oldest message against the threshold of an alarm that the owner set on it. */
function ageLimits({ arn, alarms }: Resource): WatchedSeries[] {
  return alarms
    .flatMap(({ criteria }) => criteria)
    .flatMap(({ queries, returns, threshold, comparison }): WatchedSeries[] => {
      const query = queries.find(({ id }) => id === returns);
      if (!query || !('metric' in query) || query.metric !== AGE || !comparison.startsWith('Greater')) return [];
      const limit = { value: threshold, when: 'above' } as const;
      const id = `age:${query.dimensions['QueueName'] ?? ''}`;
      return [{ id, resource: arn, metric: query, period: query.period, looksFor: 'forecast', limit, alarmed: true }];
    });
}

const anomalies = (arn: Arn, namespace: string, dimensions: Dimensions, ...names: readonly Named[]): WatchedSeries[] =>
  names.map((name) => series(arn, namespace, dimensions, name, COARSE));

const refusals = (arn: Arn, namespace: string, dimensions: Dimensions, metric: string): WatchedSeries => ({
  ...series(arn, namespace, dimensions, [metric, 'Sum'], FINE),
  looksFor: 'refusals',
});

const series = (
  resource: Arn,
  namespace: string,
  dimensions: Dimensions,
  [metric, stat]: Named,
  period: Seconds,
): WatchedSeries => ({
  id: metric,
  resource,
  metric: { id: 'm', namespace, metric, dimensions: { ...dimensions }, stat, period },
  period,
  looksFor: 'anomaly',
});
