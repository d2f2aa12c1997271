import {
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ecsServiceOf, type Arn } from '../../core/arn.ts';
import type { Aws } from '../../core/aws.ts';
import type { ServiceState } from '../../core/evidence.ts';
import type { StoppedTask } from '../../core/signal.ts';
import type { Instant } from '../../core/units.ts';

/** What an ECS service is right now, without its history. */
export interface ServiceLook {
  readonly state: ServiceState;
  /** Tasks that ended and that ECS still knows (about an hour), newest first. */
  readonly stopped: readonly StoppedTask[];
  readonly gaps: readonly string[];
}

/** Reads a service, its tasks and its targets. @throws Error when there is no such service */
export async function lookAtService(arn: Arn, aws: Aws): Promise<ServiceLook> {
  const service = await describe(arn, aws);
  const gaps: string[] = [];
  const [running, ended] = await Promise.all([
    tasksOf(arn, 'RUNNING', aws),
    tasksOf(arn, 'STOPPED', aws).catch((error: unknown) => {
      gaps.push(`stopped tasks of ${arn} could not be read: ${String(error)}`);
      return { tasks: [], isAll: true };
    }),
  ]);
  for (const [{ tasks, isAll }, kind] of [[running, 'running'] as const, [ended, 'stopped'] as const])
    if (!isAll) gaps.push(`${arn} has more than ${tasks.length} ${kind} tasks: the others were not looked at`);
  const health = await targetHealth(service, aws).catch((error: unknown) => {
    gaps.push(`target health of ${arn} could not be read: ${String(error)}`);
    return new Map<string, string>();
  });
  return {
    state: {
      resource: arn,
      desired: service.desiredCount ?? 0,
      running: service.runningCount ?? 0,
      pending: service.pendingCount ?? 0,
      revision: service.taskDefinition ?? '',
      roles: [],
      deploymentInProgress: inProgress(service),
      steadyRevisions: [],
      tasks: running.tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').map((task) => taskState(task, health)),
    },
    stopped: ended.tasks.map(stoppedTask).sort((a, b) => (a.stoppedAt < b.stoppedAt ? 1 : -1)),
    gaps,
  };
}

async function describe(arn: Arn, aws: Aws): Promise<Service> {
  const { cluster } = ecsServiceOf(arn);
  const { services } = await aws.ecs.send(new DescribeServicesCommand({ cluster, services: [arn] }));
  const service = services?.[0];
  if (!service) throw new Error(`ECS has no service ${arn} in cluster ${cluster}`);
  return service;
}

const inProgress = ({ deployments = [] }: Service): boolean =>
  deployments.length > 1 || deployments.some(({ rolloutState }) => rolloutState === 'IN_PROGRESS');

/** A page of ListTasks, and what DescribeTasks takes. */
const TASKS_A_CALL = 100;
const TASKS_AT_MOST = 500;

async function tasksOf(
  arn: Arn,
  desiredStatus: 'RUNNING' | 'STOPPED',
  aws: Aws,
): Promise<{ readonly tasks: readonly Task[]; readonly isAll: boolean }> {
  const { cluster, service: serviceName } = ecsServiceOf(arn);
  const found: Task[] = [];
  let nextToken: string | undefined;
  do {
    const page = await aws.ecs.send(
      new ListTasksCommand({ cluster, serviceName, desiredStatus, maxResults: TASKS_A_CALL, nextToken }),
    );
    nextToken = page.nextToken;
    if (!page.taskArns?.length) continue;
    const { tasks = [] } = await aws.ecs.send(new DescribeTasksCommand({ cluster, tasks: page.taskArns }));
    found.push(...tasks);
  } while (nextToken !== undefined && found.length < TASKS_AT_MOST);
  return { tasks: found, isAll: nextToken === undefined };
}

/** Health by the target's address: `host` or `host:port`. */
async function targetHealth(service: Service, aws: Aws): Promise<Map<string, string>> {
  const health = new Map<string, string>();
  for (const { targetGroupArn } of service.loadBalancers ?? []) {
    if (!targetGroupArn) continue;
    const answer = await aws.elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }));
    for (const { Target, TargetHealth } of answer.TargetHealthDescriptions ?? []) {
      if (!Target?.Id || !TargetHealth?.State) continue;
      health.set(Target.Id, TargetHealth.State);
      health.set(`${Target.Id}:${Target.Port}`, TargetHealth.State);
    }
  }
  return health;
}

function taskState(task: Task, health: ReadonlyMap<string, string>): ServiceState['tasks'][number] {
  const targetHealth = addressesOf(task)
    .map((address) => health.get(address))
    .find((state) => state !== undefined);
  return {
    task: task.taskArn ?? '',
    ...(task.startedAt ? { startedAt: task.startedAt.toISOString() } : {}),
    ...(task.healthStatus && task.healthStatus !== 'UNKNOWN' ? { health: task.healthStatus } : {}),
    ...(targetHealth ? { targetHealth } : {}),
    ...(task.availabilityZone ? { zone: task.availabilityZone } : {}),
  };
}

/** Where a task can be reached: the most exact address first (tasks on one host differ by their port only). */
function addressesOf({ containers = [], attachments = [] }: Task): string[] {
  const own = attachments
    .flatMap(({ details = [] }) => details)
    .filter(({ name }) => name === 'privateIPv4Address')
    .flatMap(({ value }) => value ?? []);
  const networks = containers.flatMap(({ networkInterfaces = [] }) =>
    networkInterfaces.flatMap((i) => i.privateIpv4Address ?? []),
  );
  const hosts = [...new Set([...own, ...networks])];
  const ports = containers.flatMap(({ networkBindings = [] }) =>
    networkBindings.flatMap(({ hostPort }) => hostPort ?? []),
  );
  return [...hosts.flatMap((host) => ports.map((port) => `${host}:${port}`)), ...hosts];
}

function stoppedTask(task: Task): StoppedTask {
  const containers = task.containers ?? [];
  const speaker =
    containers.find(({ exitCode, reason }) => reason !== undefined || (exitCode ?? 0) !== 0) ?? containers[0];
  const reason = [task.stoppedReason, speaker?.reason].filter(Boolean).join('; ');
  return {
    task: task.taskArn ?? '',
    stoppedAt: (task.stoppedAt ?? task.stoppingAt ?? new Date(0)).toISOString(),
    ...(task.taskDefinitionArn ? { revision: task.taskDefinitionArn } : {}),
    ...(speaker?.exitCode === undefined ? {} : { exitCode: speaker.exitCode }),
    ...(task.stopCode ? { stopCode: task.stopCode } : {}),
    ...(reason ? { reason } : {}),
    ...(task.startedAt ? { startedAt: task.startedAt.toISOString() } : {}),
    ...(task.availabilityZone ? { zone: task.availabilityZone } : {}),
  };
}

/** Memory (MiB), CPU units and roles of a revision's tasks. */
export async function limitsOf(revision: string, aws: Aws): Promise<Pick<ServiceState, 'memory' | 'cpu' | 'roles'>> {
  const { taskDefinition } = await aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: revision }));
  const containers = (taskDefinition?.containerDefinitions ?? []).flatMap(({ memory }) => memory ?? []);
  const memory = containers.length > 0 ? Math.max(...containers) : Number(taskDefinition?.memory ?? 0);
  const cpu = Number(taskDefinition?.cpu ?? 0);
  return {
    ...(memory > 0 ? { memory } : {}),
    ...(cpu > 0 ? { cpu } : {}),
    roles: [taskDefinition?.taskRoleArn, taskDefinition?.executionRoleArn].filter((role) => role !== undefined),
  };
}

export interface PastDeployment {
  readonly revision: string;
  readonly startedAt: Instant;
  readonly finishedAt?: Instant;
  readonly status: string;
}

/** The service's own deployments (ECS keeps 90 days), newest first. */
export async function deploymentsOf(arn: Arn, aws: Aws): Promise<PastDeployment[]> {
  const { cluster } = ecsServiceOf(arn);
  const { serviceDeployments = [] } = await aws.ecs.send(
    new ListServiceDeploymentsCommand({ cluster, service: arn, maxResults: 50 }),
  );
  const wanted = [
    ...new Set(serviceDeployments.flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? [])),
  ];
  const definitions = new Map<string, string>();
  for (let from = 0; from < wanted.length; from += 20) {
    const { serviceRevisions = [] } = await aws.ecs.send(
      new DescribeServiceRevisionsCommand({ serviceRevisionArns: wanted.slice(from, from + 20) }),
    );
    for (const { serviceRevisionArn, taskDefinition } of serviceRevisions)
      if (serviceRevisionArn && taskDefinition) definitions.set(serviceRevisionArn, taskDefinition);
  }
  return serviceDeployments
    .flatMap(({ targetServiceRevisionArn = '', startedAt, createdAt, finishedAt, status = 'UNKNOWN' }) => {
      const revision = definitions.get(targetServiceRevisionArn);
      const began = startedAt ?? createdAt;
      if (!revision || !began) return [];
      return [
        {
          revision,
          startedAt: began.toISOString(),
          status,
          ...(finishedAt ? { finishedAt: finishedAt.toISOString() } : {}),
        },
      ];
    })
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}
