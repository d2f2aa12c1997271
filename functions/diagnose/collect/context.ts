import { ecsServiceOf, lambdaOf, parseArn } from '../../../layers/core/arn.ts';
import type { Criterion, MetricQuery } from '../../../layers/core/criterion.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Seconds } from '../../../layers/core/units.ts';

/**
 * Metrics that explain rather than judge: what AWS publishes for every resource of a type, whether or not it has an alarm
 * on them. They are guards that nothing compares; their names begin with `context:`.
 */
export function contextCriteria(resource: Resource, period: Seconds): Criterion[] {
  if (resource.type === 'ecs-service') return ofService(resource, period);
  if (resource.type === 'lambda-alias' || resource.type === 'lambda-function') return ofFunction(resource, period);
  if (resource.type === 'dynamodb-table') return ofTable(resource, period);
  return [];
}

function ofService(resource: Resource, period: Seconds): Criterion[] {
  const { cluster, service } = ecsServiceOf(resource.arn);
  const dimensions = { ClusterName: cluster, ServiceName: service };
  return [
    plain(resource, { namespace: 'AWS/ECS', metric: 'CPUUtilization', dimensions, stat: 'Average', period }),
    plain(resource, { namespace: 'AWS/ECS', metric: 'MemoryUtilization', dimensions, stat: 'Maximum', period }),
    ...ofBalancer(resource, period),
  ];
}

/** A load balancer's requests and how long the slowest of them take, by the dimensions that one of the resource's own alarms names it with. */
function ofBalancer(resource: Resource, period: Seconds): Criterion[] {
  const named = [...resource.alarms.flatMap(({ criteria }) => criteria), ...resource.own]
    .flatMap(({ queries }) => queries)
    .find((query) => 'metric' in query && query.namespace === 'AWS/ApplicationELB');
  if (!named || !('metric' in named)) return [];
  const balancer = { ...named, period: Math.max(period, named.period) };
  return [
    plain(resource, { ...balancer, metric: 'RequestCount', stat: 'Sum' }),
    plain(resource, { ...balancer, metric: 'TargetResponseTime', stat: 'p99' }),
  ];
}

function ofFunction(resource: Resource, period: Seconds): Criterion[] {
  const { functionName, alias } = lambdaOf(resource.arn);
  const dimensions = { FunctionName: functionName, ...(alias ? { Resource: `${functionName}:${alias}` } : {}) };
  const lambda = { namespace: 'AWS/Lambda', dimensions, period };
  return [
    ...['Invocations', 'Errors', 'Throttles'].map((metric) => plain(resource, { ...lambda, metric, stat: 'Sum' })),
    plain(resource, { ...lambda, metric: 'Duration', stat: 'p99' }),
  ];
}

function ofTable(resource: Resource, period: Seconds): Criterion[] {
  const dimensions = { TableName: parseArn(resource.arn).resource.replace('table/', '') };
  const query = { namespace: 'AWS/DynamoDB', dimensions, stat: 'Sum', period: Math.max(60, period) };
  return ['ReadThrottleEvents', 'WriteThrottleEvents'].map((metric) => plain(resource, { ...query, metric }));
}

type Plain = Omit<Extract<MetricQuery, { metric: string }>, 'id'>;

const plain = (resource: Resource, query: Plain): Criterion => ({
  id: `context:${query.metric}`,
  resource: resource.arn,
  role: 'guard',
  queries: [{ ...query, id: 'm' }],
  returns: 'm',
  comparison: 'GreaterThanThreshold',
  threshold: Number.MAX_VALUE,
  period: query.period,
  missing: 'missing',
  trafficFloor: 1,
});
