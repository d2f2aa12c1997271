import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  UpdateServiceCommand,
  type Deployment,
  type Service,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { ecsServiceOf, type Arn } from '../../../layers/core/arn.ts';
import { ChangedMeanwhile, type Settled } from '../../../layers/core/action.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { Mutation } from '../../../layers/core/mutation.ts';

/** The service as ECS has it now. @throws Error when it does not exist. */
export async function describeService(arn: Arn, aws: Aws): Promise<Service> {
  const { cluster } = ecsServiceOf(arn);
  const { services } = await aws.ecs.send(new DescribeServicesCommand({ cluster, services: [arn] }));
  const service = services?.[0];
  if (!service) throw new Error(`ECS has no service ${arn} in cluster ${cluster}`);
  return service;
}

export async function describeRevision(taskDefinition: string, aws: Aws): Promise<TaskDefinition> {
  const answer = await aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  if (!answer.taskDefinition) throw new Error(`ECS has no task definition ${taskDefinition}`);
  return answer.taskDefinition;
}

export function primaryDeployment(service: Service): Deployment | undefined {
  return service.deployments?.find(({ status }) => status === 'PRIMARY');
}

export function deploymentInProgress(service: Service): boolean {
  const deployments = service.deployments ?? [];
  return deployments.length > 1 || deployments.some(({ rolloutState }) => rolloutState === 'IN_PROGRESS');
}

/** Why an action must leave this service alone whatever it wants to do with it; [] when it may go on. */
export function refusals(service: Service): string[] {
  const reasons: string[] = [];
  if (service.status !== 'ACTIVE') reasons.push(`the service is ${service.status}, not ACTIVE`);
  const controller = service.deploymentController?.type ?? 'ECS';
  if (controller !== 'ECS') reasons.push(`its deployments belong to ${controller}, not to ECS`);
  if (service.schedulingStrategy === 'DAEMON') reasons.push('it is a daemon service: one task an instance');
  if ((service.desiredCount ?? 0) === 0) reasons.push('it is scaled to zero on purpose');
  return reasons;
}

/** `refusals`, and a deployment in progress: whoever deploys comes first. */
export function refusalsWhileDeploying(service: Service): string[] {
  return deploymentInProgress(service) ? [...refusals(service), 'a deployment is in progress'] : refusals(service);
}

/** `yes` when the primary deployment has come to rest, `failed` when ECS gave it up. */
export async function deploymentSettled(arn: Arn, aws: Aws): Promise<Settled> {
  const service = await describeService(arn, aws);
  const primary = primaryDeployment(service);
  if (primary?.rolloutState === 'FAILED') return 'failed';
  return !deploymentInProgress(service) && service.runningCount === service.desiredCount ? 'yes' : 'not-yet';
}

/** The service's own family, to tell a revision of it from another program. */
export const familyOf = (taskDefinition: string): string =>
  taskDefinition.replace(/^.*task-definition\//, '').replace(/:\d+$/, '');

export async function setRevision(service: Arn, taskDefinition: string, aws: Aws): Promise<void> {
  await aws.ecs.send(new UpdateServiceCommand({ cluster: ecsServiceOf(service).cluster, service, taskDefinition }));
}

/** The mutation that a forced deployment of the same revision is. */
export function freshTasks(service: Service, arn: Arn): Mutation {
  return {
    resource: arn,
    field: 'deployment',
    was: primaryDeployment(service)?.id ?? null,
    becomes: `fresh tasks of ${service.taskDefinition}`,
  };
}

/** Forces a new deployment, unless one of the same revision was begun since the intent was stored. */
export async function startFreshTasks(mutation: Mutation, aws: Aws): Promise<void> {
  const service = await describeService(mutation.resource, aws);
  if (`fresh tasks of ${service.taskDefinition}` !== mutation.becomes)
    throw new ChangedMeanwhile(mutation, service.taskDefinition);
  if (primaryDeployment(service)?.id !== mutation.was) return;
  const { cluster } = ecsServiceOf(mutation.resource);
  await aws.ecs.send(new UpdateServiceCommand({ cluster, service: mutation.resource, forceNewDeployment: true }));
}
