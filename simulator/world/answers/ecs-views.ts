import { attachmentOf, containerOf } from '../model/announce.ts';
import {
  definitionOf,
  desiredStatusOf,
  hasBalancer,
  isLive,
  type Definition,
  type Deployment,
  type Fleet,
  type Service,
  type Task,
} from '../model/fleet.ts';
import { MAXIMUM, MINIMUM } from '../model/scheduler.ts';
import { date } from './answering.ts';

/** Services, tasks and definitions as ECS's API tells of them. */

/** What every container listens on. */
export const PORT = 8080;

const counts = (tasks: readonly Task[]) => ({
  runningCount: tasks.filter(({ status }) => status === 'RUNNING').length,
  pendingCount: tasks.filter(({ status }) => status === 'PENDING').length,
});

export function serviceView(fleet: Fleet, service: Service, withTags: boolean): object {
  const { spec, deployments, events, desired, definition, tags } = service;
  return {
    serviceArn: service.arn,
    serviceName: spec.name,
    clusterArn: fleet.names.clusterArn(),
    status: 'ACTIVE',
    desiredCount: desired,
    ...counts(service.tasks),
    taskDefinition: definition,
    launchType: 'FARGATE',
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: {
      minimumHealthyPercent: MINIMUM,
      maximumPercent: MAXIMUM,
      deploymentCircuitBreaker: { enable: spec.breaker, rollback: spec.breaker },
    },
    deployments: deployments
      .filter(({ status }) => status !== 'INACTIVE')
      .map((deployment) => deploymentView(service, deployment)),
    events: events.map(({ id, at, message }) => ({ id, createdAt: new Date(at), message })),
    loadBalancers: hasBalancer(service)
      ? [{ targetGroupArn: fleet.names.targetGroup(spec.name), containerName: spec.name, containerPort: PORT }]
      : [],
    healthCheckGracePeriodSeconds: spec.grace,
    propagateTags: 'SERVICE',
    ...(withTags ? { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) } : {}),
  };
}

function deploymentView(service: Service, deployment: Deployment): object {
  const own = service.tasks.filter((task) => task.deployment === deployment.id);
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.definition,
    desiredCount: deployment.status === 'PRIMARY' ? service.desired : own.filter(isLive).length,
    ...counts(own),
    failedTasks: deployment.failedTasks,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    launchType: 'FARGATE',
    rolloutState: deployment.rollout,
    rolloutStateReason: deployment.reason,
  };
}

/** As `ListServiceDeployments` answers one. */
export function deploymentBrief(fleet: Fleet, service: Service, deployment: Deployment): object {
  const { name } = service.spec;
  return {
    serviceDeploymentArn: fleet.names.serviceDeployment(name, deployment.recordId),
    serviceArn: service.arn,
    clusterArn: fleet.names.clusterArn(),
    startedAt: new Date(deployment.createdAt),
    createdAt: new Date(deployment.createdAt),
    ...(deployment.finishedAt === undefined ? {} : { finishedAt: new Date(deployment.finishedAt) }),
    targetServiceRevisionArn: fleet.names.serviceRevision(name, deployment.revisionId),
    status: deployment.outcome,
  };
}

export function taskView(fleet: Fleet, service: Service, task: Task): object {
  const { memory, cpu } = definitionOf(fleet, task.definition);
  return {
    taskArn: task.arn,
    clusterArn: fleet.names.clusterArn(),
    taskDefinitionArn: task.definition,
    group: `service:${service.spec.name}`,
    startedBy: task.deployment,
    launchType: 'FARGATE',
    lastStatus: task.status,
    desiredStatus: desiredStatusOf(task),
    healthStatus: 'UNKNOWN',
    cpu: String(cpu),
    memory: String(memory),
    createdAt: new Date(task.createdAt),
    startedAt: date(task.startedAt),
    stoppingAt: date(task.stoppingAt),
    stoppedAt: date(task.stoppedAt),
    stopCode: task.stopCode,
    stoppedReason: task.reason,
    containers: [containerOf(fleet, service, task)],
    attachments: [attachmentOf(task, 'ElasticNetworkInterface')],
    version: task.version,
  };
}

/** The environment names what the service uses, as the sandbox's shop does: discovery finds dependencies by it. */
export function definitionView(fleet: Fleet, definition: Definition): object {
  const { family, revision, arn, memory, cpu, version } = definition;
  const service = fleet.services.get(family)!;
  const { names } = fleet;
  return {
    taskDefinitionArn: arn,
    family,
    revision,
    status: 'ACTIVE',
    cpu: String(cpu),
    memory: String(memory),
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    taskRoleArn: names.role(`${family}-task`),
    executionRoleArn: names.role(`${family}-execution`),
    registeredAt: new Date(definition.registeredAt),
    containerDefinitions: [
      {
        name: family,
        image: `registry.example/${family}:${version}`,
        essential: true,
        memory,
        portMappings: hasBalancer(service) ? [{ containerPort: PORT }] : [],
        environment: environmentOf(fleet, service),
        secrets: service.spec.parameters.flatMap(({ name, variable }) =>
          variable === undefined ? [] : [{ name: variable, valueFrom: names.parameter(name) }],
        ),
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': names.logGroup(family), 'awslogs-region': names.region },
        },
      },
    ],
  };
}

function environmentOf({ names, functions, services }: Fleet, { spec }: Service): { name: string; value: string }[] {
  const variables = spec.calls.flatMap(({ to }) => {
    const variable = to.split('-').at(-1)!.toUpperCase();
    const lambda = functions.get(to);
    if (lambda) return [{ name: `${variable}_FUNCTION`, value: names.alias(to, lambda.spec.alias) }];
    const host = services.has(to) ? names.dns(to) : `${to}.example.com`;
    return [{ name: `${variable}_URL`, value: `http://${host}` }];
  });
  const queue = spec.sends?.queue ?? spec.consumes;
  return queue === undefined ? variables : [...variables, { name: 'QUEUE_URL', value: names.queueUrl(queue) }];
}
