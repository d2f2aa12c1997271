/**
 * The local account's ECS: services whose tasks are real processes, scheduled, deployed, rolled back and reported as ECS
 * does. See `environment.ts` for how a container says what it runs.
 */
import type { LoadBalancers, LocalService, SandboxContext, TakeOver } from '../contract.ts';
import { everyMinute, systemClock, type Clock } from '../elb/clock.ts';
import type { EcsAccount } from './account.ts';
import { Adopter } from './adopt.ts';
import { Announcer } from './announce.ts';
import { TaskDefinitions } from './definitions.ts';
import { Arns } from './ids.ts';
import { isLive, type ServiceRecord, type TaskRecord } from './model.ts';
import { definitionOperations } from './operations/definitions.ts';
import { deploymentOperations } from './operations/deployments.ts';
import { clusterOperations, serviceOperations } from './operations/services.ts';
import { tagOperations } from './operations/tags.ts';
import { taskOperations } from './operations/tasks.ts';
import { secretsFrom, type ReadSecrets } from './parameters.ts';
import { Rollouts } from './rollout.ts';
import { usageReader, type ReadUsage } from './sampler.ts';
import { Scheduler, type TargetLookup } from './scheduler.ts';
import { Services } from './services.ts';
import { Tasks } from './tasks.ts';
import { insightPoints, UsageMonitor, type TaskUsage } from './usage.ts';
import { Warden } from './warden.ts';

/** A task as scenarios see it: what AWS says of it, and what runs behind it. */
export interface RunningTask {
  readonly taskArn: string;
  readonly taskDefinitionArn: string;
  readonly lastStatus: string;
  readonly startedAt: Date | undefined;
  /** One for each container, in the order of the task definition. */
  readonly pids: readonly number[];
  /** Container port → loopback port. */
  readonly ports: ReadonlyMap<number, number>;
  readonly usage: TaskUsage | undefined;
}

export interface Ecs {
  readonly service: LocalService;
  readonly takeOver: TakeOver;
  /** The live tasks of a service. @throws AwsError when there is no such cluster or service. */
  tasks(cluster: string, service: string): RunningTask[];
  /** Sends a signal to all processes of a task. @throws Error when there is no such live task. */
  signal(taskArn: string, signal: NodeJS.Signals): void;
  /** Says in which folder the containers of a stack start; the sandbox's own when it is not said. */
  setAppFolder(stackName: string, folder: string): void;
  /** For Application Auto Scaling: the desired count of a service, and a way to set it. */
  desiredCount(cluster: string, service: string): number;
  setDesiredCount(cluster: string, service: string, count: number): void;
}

export interface EcsOptions {
  readonly clock?: Clock;
  readonly readSecrets?: ReadSecrets;
  readonly readUsage?: ReadUsage;
  /** Between two looks of the scheduler. Default 1 s. */
  readonly tickMs?: number;
  /** How long after RUNNING a task without health checks counts as healthy. Default 40 s, as on AWS. */
  readonly settleMs?: number;
  /** Between two launches, real time. Default 150 ms: a Node process takes about that much of a core to start. */
  readonly launchGapMs?: number;
  /** How many tasks the account may run at once. Default 200. */
  readonly taskQuota?: number;
}

/** Between two looks at memory and CPU. */
const LOOK_MS = 1000;

export function startEcs(
  context: SandboxContext,
  loadBalancers: LoadBalancers & Partial<TargetLookup>,
  options: EcsOptions = {},
): Ecs {
  const clock = options.clock ?? systemClock;
  const warden = new Warden();
  const account = makeAccount(context, loadBalancers, options, clock, warden);
  const { services, tasks } = account;
  const scheduler = new Scheduler({
    ...account,
    targets: loadBalancers,
    clock,
    settleMs: options.settleMs ?? 40_000,
    taskQuota: options.taskQuota ?? 200,
  });
  const monitor = new UsageMonitor(options.readUsage ?? usageReader());
  const folders = new Map<string, string>();
  const folderOf = (stackName: string): string => folders.get(stackName) ?? process.cwd();
  const adopter = new Adopter(account, folderOf, context.log);
  const timers = [
    clock.every(options.tickMs ?? 1000, () => reconcileAll(services, scheduler, context)),
    startLooking(monitor, tasks, context),
    everyMinute(clock, (minute) => {
      const timestamp = new Date(minute);
      context.putMetrics([...monitor.takeMinute(timestamp), ...insightPoints(services.all(), tasks.all(), timestamp)]);
    }),
  ];
  return {
    service: { signingName: 'ecs', operations: operationsOf(account), stop: () => stop(timers, tasks, warden) },
    takeOver: { adopt: async (resources) => adopter.adopt(resources) },
    tasks: (cluster, name) => {
      const service = services.need(cluster, name);
      return liveTasks(tasks, service).map((task) => view(task, monitor));
    },
    signal: (taskArn, signal) => signalTask(tasks, taskArn, signal),
    setAppFolder: (stackName, folder) => void folders.set(stackName, folder),
    desiredCount: (cluster, service) => services.need(cluster, service).desiredCount,
    setDesiredCount: (cluster, service, desiredCount) =>
      services.update(services.need(cluster, service), { desiredCount }),
  };
}

function makeAccount(
  context: SandboxContext,
  loadBalancers: LoadBalancers,
  options: EcsOptions,
  clock: Clock,
  warden: Warden,
): EcsAccount {
  const arns = new Arns(context.region, context.accountId);
  const announcer = new Announcer(context.publish, clock);
  const definitions = new TaskDefinitions(arns, clock);
  const rollouts = new Rollouts(arns, clock, announcer);
  const services = new Services(arns, clock, definitions, rollouts);
  const readSecrets = options.readSecrets ?? secretsFrom(context);
  const launchGapMs = options.launchGapMs ?? 150;
  const tasks = new Tasks({ context, loadBalancers, clock, announcer, arns, warden, readSecrets, launchGapMs });
  return { services, definitions, rollouts, tasks, announcer };
}

function operationsOf(account: EcsAccount): LocalService['operations'] {
  return {
    ...clusterOperations(account),
    ...serviceOperations(account),
    ...definitionOperations(account),
    ...taskOperations(account),
    ...deploymentOperations(account),
    ...tagOperations(account),
  };
}

function reconcileAll(services: Services, scheduler: Scheduler, context: SandboxContext): void {
  for (const service of services.all()) {
    try {
      scheduler.reconcile(service);
    } catch (error) {
      context.log(`ECS could not look after service ${service.name}: ${(error as Error).message}`);
    }
  }
}

/** Looks at usage in real time, since that is what processes take; never two looks at once. */
function startLooking(monitor: UsageMonitor, tasks: Tasks, context: SandboxContext): () => void {
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    monitor
      .look(tasks.all())
      .catch((error: unknown) => context.log(`usage of the tasks could not be read: ${String(error)}`))
      .finally(() => (looking = false));
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

async function stop(timers: readonly (() => void)[], tasks: Tasks, warden: Warden): Promise<void> {
  timers.forEach((cancel) => cancel());
  await tasks.killAll();
  await warden.stop();
}

function liveTasks(tasks: Tasks, service: ServiceRecord): TaskRecord[] {
  return tasks.all().filter((task) => task.service === service && isLive(task));
}

function view(task: TaskRecord, monitor: UsageMonitor): RunningTask {
  return {
    taskArn: task.arn,
    taskDefinitionArn: task.definition.arn,
    lastStatus: task.lastStatus,
    startedAt: task.startedAt === undefined ? undefined : new Date(task.startedAt),
    pids: task.containers.flatMap(({ process }) => (process?.running ? process.pid : [])),
    ports: new Map(task.containers.flatMap(({ ports }) => [...ports])),
    usage: monitor.usageOf(task),
  };
}

function signalTask(tasks: Tasks, taskArn: string, signal: NodeJS.Signals): void {
  const task = tasks.all().find(({ arn }) => arn === taskArn);
  if (!task || task.lastStatus === 'STOPPED') throw new Error(`name a task that runs, got ${taskArn}`);
  for (const { process } of task.containers) process?.signal(signal);
}
