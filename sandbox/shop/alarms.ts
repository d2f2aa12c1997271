import { Duration, type Stack, Tags } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { TAGS } from '../../layers/core/mode.ts';
import type { Balancer, ShopService } from './service.ts';

/** The namespace of the shop's own metrics (embedded metric format in its logs). */
const NAMESPACE = 'Shop';
const MINUTE = Duration.minutes(1);
const TEN_SECONDS = Duration.seconds(10);

interface Limit {
  readonly name: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly below?: boolean;
  readonly missing?: TreatMissingData;
  /** Bad periods, of how many. Default two of three. */
  readonly periods?: readonly [bad: number, of: number];
  /** The resource it is about, where the metric does not say so. */
  readonly about?: string;
}

function watch(
  stack: Stack,
  { name, metric, threshold, below = false, missing, about, periods: [bad, of] = [2, 3] }: Limit,
): void {
  const alarm = new Alarm(stack, `Alarm-${name}`, {
    alarmName: name,
    metric,
    threshold,
    comparisonOperator: below ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: of,
    datapointsToAlarm: bad,
    treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
  });
  if (about) Tags.of(alarm).add(TAGS.resource, about);
}

/** What any service has: processor, memory and, where its owner wants to know at once, the memory of its own account. */
export function watchService(stack: Stack, { name, arn, service }: ShopService, fast: boolean): void {
  watch(stack, { name: `${name}-cpu`, metric: service.metricCpuUtilization({ period: MINUTE }), threshold: 80 });
  watch(stack, { name: `${name}-memory`, metric: service.metricMemoryUtilization({ period: MINUTE }), threshold: 80 });
  if (fast)
    watch(stack, { name: `${name}-memory-fast`, metric: own('Memory', name, 'Maximum'), threshold: 80, about: arn });
}

/** What a service behind a load balancer has: failed requests, slow requests, targets. */
export function watchWebService(
  stack: Stack,
  { name, arn }: ShopService,
  { targetGroup }: Balancer,
  fast: boolean,
): void {
  const { metrics } = targetGroup;
  const errors = percent(
    metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period: MINUTE, statistic: 'Sum' }),
    metrics.requestCount({ period: MINUTE, statistic: 'Sum' }),
    MINUTE,
  );
  watch(stack, { name: `${name}-5xx`, metric: errors, threshold: 5 });
  watch(stack, {
    name: `${name}-latency`,
    metric: metrics.targetResponseTime({ period: MINUTE, statistic: 'p90' }),
    threshold: 2,
  });
  const healthy = metrics.healthyHostCount({ period: MINUTE, statistic: 'Minimum' });
  watch(stack, {
    name: `${name}-targets`,
    metric: healthy,
    threshold: 1,
    below: true,
    missing: TreatMissingData.MISSING,
  });
  if (!fast) return;
  const failing = percent(own('Errors', name, 'Sum'), own('Requests', name, 'Sum'), TEN_SECONDS);
  watch(stack, { name: `${name}-failing-fast`, metric: failing, threshold: 10, about: arn });
  watch(stack, {
    name: `${name}-slow-fast`,
    metric: own('Latency', name, 'p90'),
    threshold: 2000,
    about: arn,
    periods: [3, 4],
  });
}

/** The worker has no load balancer: the age of what it should have done, and what failed. */
export function watchBackground(
  stack: Stack,
  { worker, service, queue }: { worker: string; service: string; queue: Queue },
): void {
  const age = queue.metricApproximateAgeOfOldestMessage({ period: MINUTE, statistic: 'Maximum' });
  watch(stack, { name: `${service}-queue-age`, metric: age, threshold: 60, about: worker });
  const failing = percent(own('Errors', service, 'Sum'), own('Requests', service, 'Sum'), TEN_SECONDS);
  watch(stack, { name: `${service}-failing-fast`, metric: failing, threshold: 10, about: worker });
}

/** The pricing function, by its alias. */
export function watchFunction(stack: Stack, { name, alias }: { name: string; alias: Alias }): void {
  const errors = percent(
    alias.metricErrors({ period: MINUTE, statistic: 'Sum' }),
    alias.metricInvocations({ period: MINUTE, statistic: 'Sum' }),
    MINUTE,
  );
  watch(stack, { name: `${name}-errors`, metric: errors, threshold: 5 });
}

const own = (metricName: string, service: string, statistic: string): Metric =>
  new Metric({ namespace: NAMESPACE, metricName, dimensionsMap: { Service: service }, statistic, period: TEN_SECONDS });

/** Share of `bad` in `all`, in per cent; no requests are no failure. */
const percent = (bad: IMetric, all: IMetric, period: Duration): MathExpression =>
  new MathExpression({ expression: 'IF(all > 0, 100 * bad / all, 0)', usingMetrics: { bad, all }, period });
