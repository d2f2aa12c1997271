import { DescribeScalableTargetsCommand, type ScalableTarget } from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ContainerDefinition,
  type Service,
} from '@aws-sdk/client-ecs';
import { ecsServiceOf, parseArn, type Arn } from '../../../layers/core/arn.ts';
import { isAwsError, type Aws } from '../../../layers/core/aws.ts';
import type { ServiceFacts } from '../facts.ts';
import { chunksOf, everyPage, mapAtOnce } from '../pool.ts';

/** ECS' own limit. */
const SERVICES_PER_CALL = 10;
const AT_ONCE = 8;

/** Services with what their task definition says. A service that no longer exists is left out. */
export async function readServices(aws: Aws, arns: readonly Arn[]): Promise<ServiceFacts[]> {
  if (arns.length === 0) return [];
  const services = await describeServices(aws, arns);
  const revisions = [...new Set(services.flatMap(({ taskDefinition }) => taskDefinition ?? []))];
  const containers = new Map(
    await mapAtOnce(revisions, AT_ONCE, async (revision) => [revision, await readContainers(aws, revision)] as const),
  );
  const limits = await readScalableTargets(aws, arns.length === 1 ? arns : undefined);
  return services.map((service) =>
    serviceFacts(
      service,
      containers.get(service.taskDefinition ?? '') ?? [],
      limits.get(parseArn(service.serviceArn!).resource),
    ),
  );
}

async function describeServices(aws: Aws, arns: readonly Arn[]): Promise<Service[]> {
  const perCluster = Map.groupBy(arns, (arn) => ecsServiceOf(arn).cluster);
  const calls = [...perCluster].flatMap(([cluster, services]) =>
    chunksOf(services, SERVICES_PER_CALL).map((chunk) => ({ cluster, services: chunk })),
  );
  const answers = await mapAtOnce(calls, AT_ONCE, (input) => aws.ecs.send(new DescribeServicesCommand(input)));
  return answers.flatMap(({ services = [] }) => services).filter(({ status }) => status !== 'INACTIVE');
}

/** A revision that was deleted has no containers to speak of; the service still stands in the inventory. */
async function readContainers(aws: Aws, taskDefinition: string): Promise<ContainerDefinition[]> {
  try {
    const answer = await aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    return answer.taskDefinition?.containerDefinitions ?? [];
  } catch (error) {
    if (isAwsError(error, 'ClientException')) return [];
    throw error;
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
