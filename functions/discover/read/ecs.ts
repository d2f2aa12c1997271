import { DescribeScalableTargetsCommand, type ScalableTarget } from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ContainerDefinition,
  type Service,
} from '@aws-sdk/client-ecs';
import { ecsServiceOf, parseArn, type Arn } from '../../../layers/core/arn.ts';
import { isAwsError, type Aws } from '../../../layers/core/aws.ts';
import type { PartlyRead, ServiceFacts } from '../facts.ts';
import { chunksOf, everyPage, mapAtOnce } from '../pool.ts';

/** ECS' own limit. */
const SERVICES_PER_CALL = 10;
const AT_ONCE = 8;

/**
 * Services with what their task definition says. A service that no longer exists is left out; one that cannot be read keeps
 * none of the others from being read.
 * @throws what AWS throws when several were asked about and none could be read
 */
export async function readServices(aws: Aws, arns: readonly Arn[]): Promise<PartlyRead<ServiceFacts>> {
  const nameless = arns.filter((arn) => parseArn(arn).resource.split('/').length !== 3);
  const unread = new Map(nameless.map((arn) => [arn, NO_CLUSTER]));
  const named = arns.filter((arn) => !unread.has(arn));
  if (named.length === 0) return { read: [], unread };
  const services = await describeServices(aws, named, unread);
  const revisions = [...new Set(services.flatMap(({ taskDefinition }) => taskDefinition ?? []))];
  const containers = new Map(
    await mapAtOnce(revisions, AT_ONCE, async (revision) => [revision, await readContainers(aws, revision)] as const),
  );
  const limits = await readScalableTargets(aws, named.length === 1 ? named : undefined);
  const read = services.flatMap((service): ServiceFacts[] => {
    const runs = containers.get(service.taskDefinition ?? '') ?? [];
    if (Array.isArray(runs)) return [serviceFacts(service, runs, limits.get(parseArn(service.serviceArn!).resource))];
    unread.set(service.serviceArn!, runs.why);
    return [];
  });
  return { read, unread };
}

/** ECS cannot be asked about a service without its cluster, which ARNs of before 2019 do not have. */
const NO_CLUSTER =
  'its ARN has no cluster in it, as those of services made before their account took long ARNs: make the service anew';

async function describeServices(aws: Aws, arns: readonly Arn[], unread: Map<Arn, string>): Promise<Service[]> {
  const perCluster = Map.groupBy(arns, (arn) => ecsServiceOf(arn).cluster);
  const calls = [...perCluster].flatMap(([cluster, services]) =>
    chunksOf(services, SERVICES_PER_CALL).map((chunk) => ({ cluster, services: chunk })),
  );
  const failures: unknown[] = [];
  const describe = async ({ cluster, services }: (typeof calls)[number]): Promise<Service[]> => {
    try {
      return (await aws.ecs.send(new DescribeServicesCommand({ cluster, services }))).services ?? [];
    } catch (error) {
      if (isAwsError(error, 'ClusterNotFoundException')) return []; // tags are listed for a while after what had them
      if (services.length > 1 && isAwsError(error, ...OF_ONE))
        return (await mapAtOnce(services, AT_ONCE, (one) => describe({ cluster, services: [one] }))).flat();
      for (const arn of services) unread.set(arn, String(error));
      failures.push(error);
      return [];
    }
  };
  const found = (await mapAtOnce(calls, AT_ONCE, describe)).flat();
  if (found.length === 0 && failures.length > 1) throw failures[0];
  return found.filter(({ status }) => status !== 'INACTIVE');
}

/** What one service of a call may bring upon the others. */
const OF_ONE = ['AccessDeniedException', 'InvalidParameterException', 'ClientException'];

/** A revision that was deleted has no containers to speak of; the service still stands in the inventory. */
async function readContainers(
  aws: Aws,
  taskDefinition: string,
): Promise<ContainerDefinition[] | { readonly why: string }> {
  try {
    const answer = await aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    return answer.taskDefinition?.containerDefinitions ?? [];
  } catch (error) {
    return isAwsError(error, 'ClientException') ? [] : { why: `${taskDefinition} could not be read: ${String(error)}` };
  }
}

type Limits = { readonly min: number; readonly max: number };

async function readScalableTargets(aws: Aws, only?: readonly Arn[]): Promise<Map<string, Limits>> {
  const found = await everyPage<ScalableTarget>(async (NextToken) => {
    const answer = await aws.autoscaling.send(
      new DescribeScalableTargetsCommand({
        ServiceNamespace: 'ecs',
        ScalableDimension: 'ecs:service:DesiredCount',
        ...(only ? { ResourceIds: only.map((arn) => parseArn(arn).resource) } : {}),
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    return { items: answer.ScalableTargets, next: answer.NextToken };
  });
  return new Map(
    found.map(({ ResourceId = '', MinCapacity = 0, MaxCapacity = 0 }) => [
      ResourceId,
      { min: MinCapacity, max: MaxCapacity },
    ]),
  );
}

/** Pure: what the inventory needs of a service and its containers. */
export function serviceFacts(
  service: Service,
  containers: readonly ContainerDefinition[],
  limits?: Limits,
): ServiceFacts {
  const arn = service.serviceArn!;
  return {
    arn,
    targetGroups: (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    controller: service.deploymentController?.type ?? 'ECS',
    scheduling: service.schedulingStrategy ?? 'REPLICA',
    logGroups: [...new Set(containers.flatMap(logGroupOf))],
    parameters: [
      ...new Set(
        containers.flatMap(({ secrets = [] }) => secrets.flatMap(({ valueFrom = '' }) => parameterArn(valueFrom, arn))),
      ),
    ],
    environment: containers.flatMap(({ environment = [] }) =>
      environment.map(({ name = '', value = '' }) => ({ name, value })),
    ),
    ...(limits ? { scalableTarget: limits } : {}),
  };
}

function logGroupOf({ logConfiguration }: ContainerDefinition): string[] {
  const group = logConfiguration?.logDriver === 'awslogs' ? logConfiguration.options?.['awslogs-group'] : undefined;
  return group ? [group] : [];
}

/** `valueFrom` is a parameter's ARN, or in the same Region its name; a secret of Secrets Manager is none. */
function parameterArn(valueFrom: string, service: Arn): Arn[] {
  if (valueFrom.startsWith('arn:')) return parseArn(valueFrom).service === 'ssm' ? [valueFrom] : [];
  if (!valueFrom) return [];
  const { partition, region, account } = parseArn(service);
  return [`arn:${partition}:ssm:${region}:${account}:parameter/${valueFrom.replace(/^\//, '')}`];
}
