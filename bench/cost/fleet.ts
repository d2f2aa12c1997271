/** The resources that the cost of watching is counted for. */
import { ownOfLambda, ownOfLimits, ownOfService } from '../../functions/discover/map/own.ts';
import type { Arn } from '../../layers/core/arn.ts';
import type { Criterion } from '../../layers/core/criterion.ts';
import { Resource } from '../../layers/core/inventory.ts';
import { parseNamedMetric, type NamedMetric } from '../../layers/core/named-metric.ts';
import { parseProbe, type Probe } from '../../layers/core/probe.ts';

/**
 * A mixed fleet: of ten, five services, two functions with an alias each, a queue. A third of the services depend on the one
 * before; each is behind a load balancer, has a log group and an alarm, every fifth a limit that its owner names, every tenth a
 * probe and a limit of days. Functions have log groups, which their aliases share; queues have an alarm on their oldest message.
 */
export function fleet(size: number): Resource[] {
  const types = [
    'service',
    'service',
    'service',
    'service',
    'service',
    'function',
    'alias',
    'function',
    'alias',
    'queue',
  ];
  return Array.from({ length: size }, (_, n) => resourceOf(types[n % types.length]!, n));
}

function resourceOf(kind: string, n: number): Resource {
  const here = 'us-east-1:111122223333';
  const arns: Readonly<Record<string, [string, Resource['type']]>> = {
    service: [`arn:aws:ecs:${here}:service/main/service-${n}`, 'ecs-service'],
    function: [`arn:aws:lambda:${here}:function:function-${n}`, 'lambda-function'],
    alias: [`arn:aws:lambda:${here}:function:function-${n - 1}:live`, 'lambda-alias'],
    queue: [`arn:aws:sqs:${here}:queue-${n}`, 'sqs-queue'],
  };
  const [arn, type] = arns[kind]!;
  const dependsOn =
    kind === 'service' && n % 3 === 0 && n > 0 ? [`arn:aws:ecs:${here}:service/main/service-${n - 1}`] : [];
  return Resource.parse({
    arn,
    type,
    mode: 'heal',
    modeFrom: 'tag',
    fleet: 'main',
    dependsOn,
    ...equipped(kind, arn, n),
    seenAt: '2026-11-01T00:00:00.000Z',
  });
}

/** What else discovery finds of such a resource. */
function equipped(kind: string, arn: Arn, n: number): Partial<Resource> {
  const dimensions = { QueueName: `queue-${n}` };
  switch (kind) {
    case 'service': {
      const elb = arn.replace(/:ecs:.*/, ':elasticloadbalancing:us-east-1:111122223333');
      const group = { arn: `${elb}:targetgroup/service-${n}/1`, loadBalancers: [`${elb}:loadbalancer/app/main/1`] };
      const own = ownOfService(arn, [group]);
      return {
        own,
        alarms: [alarmOf(arn, own[0]!)],
        logGroups: [`/ecs/service-${n}`],
        metrics: [
          ...(n % 5 === 0 ? [named('Shop Connections Service=a above=200', n)] : []),
          ...(n % 10 === 0 ? [named('AWS/CertificateManager DaysToExpiry below=14 period=86400 horizon=30d', n)] : []),
        ],
        probes: n % 10 === 0 ? [parseProbe('probe', `http://service-${n}.internal/health`) as Probe] : [],
      };
    }
    case 'queue': {
      const metric = { id: 'm', namespace: 'AWS/SQS', metric: 'ApproximateAgeOfOldestMessage', dimensions };
      const age = {
        ...ownOfLimits(arn, [named('AWS/SQS Age above=600', n)])[0]!,
        queries: [{ ...metric, stat: 'Maximum', period: 60 }],
      };
      return { alarms: [alarmOf(arn, { ...age, comparison: 'GreaterThanThreshold' })] };
    }
    default:
      return { own: ownOfLambda(arn), logGroups: [`/aws/lambda/function-${kind === 'alias' ? n - 1 : n}`] };
  }
}

const named = (text: string, n: number): NamedMetric => parseNamedMetric('limit', `${text} N=${n}`) as NamedMetric;
const alarmOf = (arn: Arn, criterion: Criterion): Resource['alarms'][number] => ({
  arn: `arn:aws:cloudwatch:us-east-1:111122223333:alarm:${arn}`,
  name: criterion.id,
  kind: 'metric',
  criteria: [criterion],
});
