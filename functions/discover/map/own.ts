import { lambdaOf, parseArn, resourceTypeOf, type Arn } from '../../../layers/core/arn.ts';
import type { Criterion, MetricQuery } from '../../../layers/core/criterion.ts';
import type { NamedMetric } from '../../../layers/core/named-metric.ts';
import { isSlow } from '../../../layers/core/watched-series.ts';
import type { TargetGroupFacts } from '../facts.ts';

const PERIOD = 60;
/** AWS's recommended alarms take 5 % of failed requests as bad ("Recommended alarms", Application Load Balancer and Lambda). */
const FAILED_SHARE = 0.05;
/** Below this many requests in a minute, one failure alone is over the share and says little. */
const ENOUGH_REQUESTS = 10;

type Dimensions = Readonly<Record<string, string>>;

const sum = (id: string, namespace: string, metric: string, dimensions: Dimensions): MetricQuery => ({
  id,
  namespace,
  metric,
  dimensions: { ...dimensions },
  stat: 'Sum',
  period: PERIOD,
});

interface Share {
  readonly id: string;
  readonly resource: Arn;
  readonly namespace: string;
  readonly failed: string;
  readonly all: string;
  readonly dimensions: Dimensions;
}

/** Failed in all. AWS publishes no failed requests where there are none, hence FILL. */
function failedShare({ id, resource, namespace, failed, all, dimensions }: Share): Criterion {
  return {
    id,
    resource,
    role: 'target',
    queries: [
      sum('failed', namespace, failed, dimensions),
      sum('requests', namespace, all, dimensions),
      { id: 'share', expression: 'FILL(failed, 0) / requests', period: PERIOD },
    ],
    returns: 'share',
    comparison: 'GreaterThanThreshold',
    threshold: FAILED_SHARE,
    period: PERIOD,
    missing: 'missing',
    traffic: sum('traffic', namespace, all, dimensions),
    trafficFloor: ENOUGH_REQUESTS,
  };
}

/** The dimension that names a target group or load balancer: the ARN's end, without `loadbalancer/`. */
export const elbDimension = (arn: Arn): string => parseArn(arn).resource.replace(/^loadbalancer\//, '');

/** What a service's targets must look like: few failed requests, no unhealthy target. */
export function ownOfService(service: Arn, targetGroups: readonly TargetGroupFacts[]): Criterion[] {
  return targetGroups.flatMap(({ arn, loadBalancers }) =>
    loadBalancers
      .filter((balancer) => elbDimension(balancer).startsWith('app/'))
      .flatMap((balancer) => {
        const dimensions = { TargetGroup: elbDimension(arn), LoadBalancer: elbDimension(balancer) };
        return ownOfTargets(service, dimensions, parseArn(arn).resource.split('/')[1] ?? '');
      }),
  );
}

function ownOfTargets(resource: Arn, dimensions: Dimensions, name: string): Criterion[] {
  const namespace = 'AWS/ApplicationELB';
  const unhealthy: MetricQuery = {
    id: 'unhealthy',
    namespace,
    metric: 'UnHealthyHostCount',
    dimensions: { ...dimensions },
    stat: 'Maximum',
    period: PERIOD,
  };
  return [
    failedShare({
      id: `own:5xx-share:${name}`,
      resource,
      namespace,
      failed: 'HTTPCode_Target_5XX_Count',
      all: 'RequestCount',
      dimensions,
    }),
    {
      id: `own:UnHealthyHostCount:${name}`,
      resource,
      role: 'target',
      queries: [unhealthy],
      returns: 'unhealthy',
      comparison: 'GreaterThanThreshold',
      threshold: 0,
      period: PERIOD,
      missing: 'missing',
      traffic: { ...unhealthy, id: 'traffic', stat: 'SampleCount' },
      trafficFloor: 1,
      unit: 'Count',
    },
  ];
}

/** A function or alias must not fail too often. */
export function ownOfLambda(arn: Arn): Criterion[] {
  const { functionName, alias } = lambdaOf(arn);
  const dimensions: Dimensions =
    resourceTypeOf(arn) === 'lambda-alias'
      ? { FunctionName: functionName, Resource: `${functionName}:${alias}` }
      : { FunctionName: functionName };
  return [
    failedShare({
      id: 'own:error-share',
      resource: arn,
      namespace: 'AWS/Lambda',
      failed: 'Errors',
      all: 'Invocations',
      dimensions,
    }),
  ];
}

/** A metric that its owner gave a limit must not be at it. What is measured by the hour or day cannot say whether it is well now. */
export function ownOfLimits(resource: Arn, metrics: readonly NamedMetric[]): Criterion[] {
  return metrics.flatMap(({ id, namespace, metric, dimensions, stat, period, limit }): Criterion[] => {
    if (limit === undefined || isSlow({ period })) return [];
    return [
      {
        id,
        resource,
        role: 'target',
        queries: [{ id: 'm', namespace, metric, dimensions, stat, period }],
        returns: 'm',
        comparison: limit.when === 'above' ? 'GreaterThanOrEqualToThreshold' : 'LessThanOrEqualToThreshold',
        threshold: limit.value,
        period,
        missing: 'missing',
        trafficFloor: 1,
      },
    ];
  });
}
