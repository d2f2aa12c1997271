import { randomUUID } from 'node:crypto';
import type { LoadBalancer, TaskOverride } from '@aws-sdk/client-ecs';
import type { LoadBalancers, SandboxContext } from '../contract.ts';
import { sleep, type Clock } from '../elb/clock.ts';
import type { Announcer } from './announce.ts';
import { watchHealth } from './container-health.ts';
import { commandOf, environmentOf, freePort, releasePort, workingDirectory } from './environment.ts';
import { taskId, type Arns } from './ids.ts';
import { logWriter } from './logs.ts';
import { isLive, type ClusterRecord, type ContainerRecord, type ServiceRecord, type StopCode } from './model.ts';
import type { TaskDefinitionRecord, TaskRecord, Tags, TaskStatus } from './model.ts';
import type { ReadSecrets } from './parameters.ts';
import { ContainerProcess } from './process.ts';
import type { Warden } from './warden.ts';

/** What running tasks needs from its surroundings. */
export interface TaskDeps {
  readonly context: SandboxContext;
  readonly loadBalancers: LoadBalancers;
  readonly clock: Clock;
  readonly announcer: Announcer;
  readonly arns: Arns;
  readonly warden: Warden;
  readonly readSecrets: ReadSecrets;
  /** Between two launches, in real milliseconds, so that many tasks at once do not starve the machine. */
  readonly launchGapMs: number;
}

export interface StartRequest {
  readonly cluster: ClusterRecord;
  readonly definition: TaskDefinitionRecord;
  readonly group: string;
  readonly startedBy?: string;
  readonly service?: ServiceRecord;
  readonly tags: Tags;
  readonly overrides?: TaskOverride;
}

/** Stopped tasks can be described for an hour, as on AWS. */
const KEPT_STOPPED_MS = 3_600_000;

const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

/** The tasks of the account, each a few real processes. */
export class Tasks {
  readonly #deps: TaskDeps;
  readonly #all = new Map<string, TaskRecord>();
  #made = 0;
  #nextLaunch = 0;

  constructor(deps: TaskDeps) {
    this.#deps = deps;
  }

  all(): TaskRecord[] {
    return [...this.#all.values()];
  }

  /** A task of a cluster by ARN or id. */
  find(cluster: ClusterRecord, arnOrId: string): TaskRecord | undefined {
    const id = arnOrId.slice(arnOrId.lastIndexOf('/') + 1);
    const task = this.#all.get(id);
    return task?.cluster === cluster ? task : undefined;
  }

  start(request: StartRequest): TaskRecord {
    const { arns, clock, context } = this.#deps;
    const id = taskId();
    const at = (this.#made += 1);
    const task: TaskRecord = {
      arn: arns.task(request.cluster.name, id),
      id,
      cluster: request.cluster,
      definition: request.definition,
      group: request.group,
      ...(request.startedBy ? { startedBy: request.startedBy } : {}),
      ...(request.service ? { service: request.service } : {}),
      availabilityZone: `${context.region}${'abc'[at % 3]}`,
      privateIp: `10.0.${(at >> 8) & 255}.${at & 255}`,
      overrides: request.overrides ?? {},
      tags: request.tags,
      createdAt: clock.now(),
      containers: request.definition.containers.map((definition) => ({
        arn: arns.container(request.cluster.name, id),
        definition,
        runtimeId: `${id}-${randomUUID().slice(0, 8)}`,
        lastStatus: 'PENDING',
        health: 'UNKNOWN',
        ports: new Map(),
      })),
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      version: 0,
      ended: Promise.withResolvers<void>(),
    };
    this.#all.set(id, task);
    this.#deps.announcer.taskChanged(task);
    void this.#bringUp(task);
    return task;
  }

  /** Stops a task: out of the load balancers, SIGTERM, SIGKILL after its stop timeout. Resolves when it is STOPPED. */
  async stop(task: TaskRecord, stopCode: StopCode, reason: string): Promise<void> {
    if (task.desiredStatus === 'STOPPED') return task.ended.promise;
    task.desiredStatus = 'STOPPED';
    task.stopCode = stopCode;
    task.stoppedReason = reason;
    task.stoppingAt = this.#deps.clock.now();
    // One that is still coming up notices by itself, between two steps.
    if (task.lastStatus === 'RUNNING') await this.#bringDown(task);
    return task.ended.promise;
  }

  /** Kills every process without ceremony, for the end of the sandbox. */
  async killAll(): Promise<void> {
    const processes = this.all().flatMap((task) => task.containers.flatMap(({ process }) => process ?? []));
    for (const task of this.all()) task.desiredStatus = 'STOPPED';
    for (const process of processes) process.signal('SIGKILL');
    await Promise.all(processes.map((process) => process.exited));
  }

  async #bringUp(task: TaskRecord): Promise<void> {
    try {
      await this.#awaitTurn();
      if (!isLive(task)) return await this.#bringDown(task);
      this.#change(task, 'PENDING');
      task.connectedAt = task.pullStartedAt = this.#deps.clock.now();
      const secrets = await this.#secrets(task);
      for (const container of task.containers) await this.#startContainer(task, container, secrets);
    } catch (error) {
      return this.#failToStart(task, (error as Error).message);
    }
    if (!isLive(task)) return this.#bringDown(task);
    const registrations = registrationsOf(task);
    if (registrations.length > 0) this.#change(task, 'ACTIVATING');
    for (const { targetGroupArn, port } of registrations) {
      const target = { id: task.privateIp, host: '127.0.0.1', port };
      this.#deps.loadBalancers.register(targetGroupArn, target);
    }
    if (registrations.length > 0 && task.service) this.#tellRegistered(task.service, registrations);
    task.startedAt = this.#deps.clock.now();
    this.#change(task, 'RUNNING');
    for (const container of task.containers) this.#watch(task, container);
  }

  /** Launches are spread over time: Node needs a good part of a core to start. */
  async #awaitTurn(): Promise<void> {
    const now = performance.now();
    const wait = Math.max(0, this.#nextLaunch - now);
    this.#nextLaunch = now + wait + this.#deps.launchGapMs;
    await sleep(this.#deps.clock, wait * this.#deps.clock.speed);
  }

  async #secrets(task: TaskRecord): Promise<ReadonlyMap<string, string>> {
    const wanted = task.containers.flatMap(({ definition }) => definition.secrets ?? []);
    if (wanted.length === 0) return new Map();
    try {
      return await this.#deps.readSecrets([...new Set(wanted.flatMap(({ valueFrom }) => valueFrom ?? []))]);
    } catch (error) {
      throw new Error(`ResourceInitializationError: ${(error as Error).message}`, { cause: error });
    }
  }

  async #startContainer(
    task: TaskRecord,
    container: ContainerRecord,
    secrets: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { definition } = container;
    const { context, loadBalancers, warden, clock } = this.#deps;
    if (definition.essential === false && !definition.dockerLabels?.['prunella.local.command']) return;
    for (const { containerPort } of definition.portMappings ?? [])
      if (containerPort !== undefined) container.ports.set(containerPort, await freePort());
    try {
      container.process = await ContainerProcess.start(
        {
          command: commandOf(definition),
          cwd: workingDirectory(definition, task.definition.folder),
          env: environmentOf(task, container, secrets, context, loadBalancers),
          onLine: logWriter(task, container, context.putLogLines, clock),
        },
        warden,
      );
    } catch (error) {
      container.reason = `CannotStartContainerError: ${(error as Error).message}`;
      throw new Error(container.reason, { cause: error });
    }
    container.lastStatus = 'RUNNING';
  }

  async #failToStart(task: TaskRecord, reason: string): Promise<void> {
    if (task.desiredStatus === 'RUNNING') {
      task.desiredStatus = 'STOPPED';
      task.stopCode = 'TaskFailedToStart';
      task.stoppedReason = reason;
      task.stoppingAt = this.#deps.clock.now();
    }
    await this.#bringDown(task);
  }

  #watch(task: TaskRecord, container: ContainerRecord): void {
    if (!container.process) return;
    watchHealth(container, container.process, this.#deps.clock);
    void container.process.exited.then(({ exitCode }) => {
      this.#recordExit(container, exitCode);
      if (container.definition.essential !== false)
        void this.stop(task, 'EssentialContainerExited', 'Essential container in task exited');
    });
  }

  #recordExit(container: ContainerRecord, exitCode: number): void {
    container.lastStatus = 'STOPPED';
    container.exitCode = exitCode;
    if (container.outOfMemory) container.reason = 'OutOfMemoryError: Container killed due to memory usage';
  }

  async #bringDown(task: TaskRecord): Promise<void> {
    const registrations = task.lastStatus === 'RUNNING' ? registrationsOf(task) : [];
    if (registrations.length > 0) {
      this.#change(task, 'DEACTIVATING');
      if (task.service) this.#tellDeregistered(task.service, task, registrations);
      await Promise.all(
        registrations.map(({ targetGroupArn }) => this.#deps.loadBalancers.deregister(targetGroupArn, task.privateIp)),
      );
    }
    this.#change(task, 'STOPPING');
    await Promise.all(task.containers.map((container) => this.#stopContainer(container)));
    task.executionStoppedAt = this.#deps.clock.now();
    this.#change(task, 'DEPROVISIONING');
    task.stoppedAt = this.#deps.clock.now();
    this.#change(task, 'STOPPED');
    task.ended.resolve();
    this.#deps.clock.after(KEPT_STOPPED_MS, () => this.#all.delete(task.id));
  }

  async #stopContainer(container: ContainerRecord): Promise<void> {
    const seconds = container.definition.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS;
    if (container.process) {
      const { exitCode } = await container.process.stop((seconds * 1000) / this.#deps.clock.speed);
      this.#recordExit(container, exitCode);
    }
    container.lastStatus = 'STOPPED';
    for (const port of container.ports.values()) releasePort(port);
  }

  #change(task: TaskRecord, status: TaskStatus): void {
    task.lastStatus = status;
    this.#deps.announcer.taskChanged(task);
  }

  #tellRegistered(service: ServiceRecord, registrations: readonly Registration[]): void {
    for (const { targetGroupArn } of registrations)
      this.#deps.announcer.tell(service, `registered 1 targets in (target-group ${targetGroupArn})`);
  }

  #tellDeregistered(service: ServiceRecord, task: TaskRecord, registrations: readonly Registration[]): void {
    for (const { targetGroupArn } of registrations)
      this.#deps.announcer.tell(service, `deregistered 1 targets in (target-group ${targetGroupArn})`);
    this.#deps.announcer.tell(service, 'has begun draining connections on 1 tasks.', `, taskSet ${task.startedBy}`);
  }
}

/** A target that a task is in a target group. */
export interface Registration {
  readonly targetGroupArn: string;
  readonly containerPort: number;
  readonly port: number;
}

/** The targets a task is, by the load balancers of its service. */
export function registrationsOf(task: TaskRecord): Registration[] {
  const balancers: readonly LoadBalancer[] = task.service?.loadBalancers ?? [];
  return balancers.flatMap(({ targetGroupArn, containerName, containerPort }) => {
    const container = task.containers.find(({ definition }) => definition.name === containerName);
    const port = containerPort === undefined ? undefined : container?.ports.get(containerPort);
    return targetGroupArn && containerPort !== undefined && port !== undefined
      ? [{ targetGroupArn, containerPort, port }]
      : [];
  });
}
