import type { Elb } from '../elb/index.ts';
import type { Clock } from '../elb/clock.ts';
import type { Announcer } from './announce.ts';
import { backOffMs, EARLY_EXIT_MS, IMPAIRED_AFTER, LONGEST_BACK_OFF_MS, LONGEST_CRASH_BACK_OFF_MS } from './breaker.ts';
import type { TaskDefinitions } from './definitions.ts';
import { isLive, type DeploymentRecord, type ServiceRecord, type TaskRecord } from './model.ts';
import { plan } from './plan.ts';
import type { Rollouts } from './rollout.ts';
import { registrationsOf, type Tasks } from './tasks.ts';

/** What the scheduler asks the load balancers. */
export type TargetLookup = Pick<Elb, 'health'> & Partial<Pick<Elb, 'describeTarget'>>;

export interface SchedulerDeps {
  readonly tasks: Tasks;
  readonly definitions: TaskDefinitions;
  readonly rollouts: Rollouts;
  readonly announcer: Announcer;
  readonly targets: TargetLookup;
  readonly clock: Clock;
  /** How long after RUNNING a task without any health check counts as healthy. */
  readonly settleMs: number;
  /** How many tasks the account may run: what Fargate's vCPU quota is on AWS. */
  readonly taskQuota: number;
}

/** Brings each service to what it should be: a look at everything, then what is needed, again and again. */
export class Scheduler {
  readonly #deps: SchedulerDeps;
  readonly #quotaTold = new WeakSet<ServiceRecord>();

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
  }

  /** One look at one service. */
  reconcile(service: ServiceRecord): void {
    const primary = service.deployments.find(({ status }) => status === 'PRIMARY');
    if (!primary || service.status === 'INACTIVE') return;
    const own = this.#deps.tasks.all().filter((task) => task.service === service);
    const live = own.filter(isLive);
    for (const task of live) this.#judge(service, task);
    this.#act(service, primary, live);
    this.#deps.rollouts.retire(service, own);
    this.#advance(service);
    if (service.status === 'DRAINING' && own.every((task) => task.lastStatus === 'STOPPED'))
      service.status = 'INACTIVE';
  }

  #act(service: ServiceRecord, primary: DeploymentRecord, live: readonly TaskRecord[]): void {
    const { minimumHealthyPercent = 100, maximumPercent = 200 } = service.deploymentConfiguration;
    const mayStart = primary.rolloutState !== 'FAILED' && this.#deps.clock.now() >= primary.noLaunchBefore;
    const planned = live.map((task) => ({
      id: task.id,
      primary: task.startedBy === primary.id,
      healthy: task.healthySince !== undefined && task.condemned === undefined,
      condemned: task.condemned !== undefined,
    }));
    const { start, stop } = plan(planned, {
      desired: service.desiredCount,
      minimumHealthyPercent,
      maximumPercent,
      mayStart,
    });
    if (start > 0 || stop.length > 0) service.steady = false;
    this.#stopTasks(
      service,
      primary,
      live.filter(({ id }) => stop.includes(id)),
    );
    this.#startTasks(service, primary, start);
  }

  #startTasks(service: ServiceRecord, primary: DeploymentRecord, count: number): void {
    const { tasks, announcer, definitions } = this.#deps;
    const room = Math.max(0, this.#deps.taskQuota - tasks.all().filter(isLive).length);
    const definition = definitions.find(primary.taskDefinition);
    if (!definition || count === 0) return;
    if (room < count) this.#tellQuota(service);
    const ids: string[] = [];
    for (let n = 0; n < Math.min(count, room); n += 1) {
      const tags = new Map(service.propagateTags === 'SERVICE' ? service.tags : []);
      if (service.propagateTags === 'TASK_DEFINITION') for (const [key, value] of definition.tags) tags.set(key, value);
      if (service.enableECSManagedTags) {
        tags.set('aws:ecs:clusterName', service.cluster.name);
        tags.set('aws:ecs:serviceName', service.name);
      }
      const group = `service:${service.name}`;
      const task = tasks.start({ cluster: service.cluster, definition, group, startedBy: primary.id, service, tags });
      void task.ended.promise.then(() => this.#ended(service, task));
      ids.push(`(task ${task.id})`);
    }
    if (ids.length > 0) announcer.tell(service, `has started ${ids.length} tasks: ${ids.join(' ')}.`);
  }

  #stopTasks(service: ServiceRecord, primary: DeploymentRecord, stopping: readonly TaskRecord[]): void {
    if (stopping.length === 0) return;
    const running = stopping.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    for (const task of stopping) {
      const reason = task.condemned ?? `Scaling activity initiated by (deployment ${primary.id})`;
      void this.#deps.tasks.stop(task, 'ServiceSchedulerInitiated', reason);
    }
    const names = running.map(({ id }) => `(task ${id})`).join(' ');
    if (running.length > 0)
      this.#deps.announcer.tell(service, `has stopped ${running.length} running tasks: ${names}.`);
    const pending = stopping.length - running.length;
    if (pending > 0) this.#deps.announcer.tell(service, `stopped ${pending} pending tasks.`);
  }

  /** Looks at a task's checks: whether it is healthy, and whether it must go. */
  #judge(service: ServiceRecord, task: TaskRecord): void {
    const { clock, rollouts } = this.#deps;
    if (task.lastStatus !== 'RUNNING' || task.startedAt === undefined || task.condemned) return;
    const verdict = this.#verdict(service, task);
    if (verdict === 'healthy' && task.healthySince === undefined) {
      task.healthySince = clock.now();
      const deployment = service.deployments.find(({ id }) => id === task.startedBy);
      if (deployment) rollouts.countSuccess(service, deployment);
    }
    if (typeof verdict === 'string') return;
    delete task.healthySince;
    const inGrace = clock.now() - task.startedAt < service.healthCheckGracePeriodSeconds * 1000;
    if (inGrace) return;
    task.condemned = verdict.reason;
    this.#deps.announcer.tell(service, verdict.told);
    service.steady = false;
  }

  #verdict(service: ServiceRecord, task: TaskRecord): 'healthy' | 'waiting' | { reason: string; told: string } {
    if (task.containers.some(({ health }) => health === 'UNHEALTHY'))
      return {
        reason: 'Task failed container health checks',
        told: `(task ${task.id}) failed container health checks.`,
      };
    let waiting = false;
    for (const { targetGroupArn, containerPort } of registrationsOf(task)) {
      const state = this.#deps.targets.health(targetGroupArn, task.privateIp);
      if (state === 'unhealthy') {
        const why = this.#deps.targets.describeTarget?.(targetGroupArn, task.privateIp).description;
        const where = `(task ${task.id}) (port ${containerPort}) is unhealthy in (target-group ${targetGroupArn})`;
        return {
          reason: `Task failed ELB health checks in (target-group ${targetGroupArn})`,
          told: `${where} due to (reason ${why ?? 'Health checks failed'}).`,
        };
      }
      waiting ||= state !== 'healthy';
    }
    const checked = task.containers.filter(({ definition }) => definition.healthCheck);
    waiting ||= checked.some(({ health }) => health !== 'HEALTHY');
    if (service.loadBalancers.length === 0 && checked.length === 0)
      waiting ||= this.#deps.clock.now() - (task.startedAt ?? 0) < this.#deps.settleMs;
    return waiting ? 'waiting' : 'healthy';
  }

  /** A task has stopped: whether that was a failure, and what follows for the next launch. */
  #ended(service: ServiceRecord, task: TaskRecord): void {
    const { rollouts, clock } = this.#deps;
    const deployment = service.deployments.find(({ id }) => id === task.startedBy);
    const wanted =
      task.stopCode === 'UserInitiated' || (task.stopCode === 'ServiceSchedulerInitiated' && !task.condemned);
    if (!deployment || wanted) return;
    service.steady = false;
    const neverRan = task.startedAt === undefined;
    const early = neverRan || (task.stoppingAt ?? 0) - (task.startedAt ?? 0) < EARLY_EXIT_MS;
    if (early && !task.condemned) {
      deployment.launchFailures += 1;
      const longest = neverRan ? LONGEST_BACK_OFF_MS : LONGEST_CRASH_BACK_OFF_MS;
      deployment.noLaunchBefore = clock.now() + backOffMs(deployment.launchFailures, longest);
    }
    if (neverRan && deployment.launchFailures >= IMPAIRED_AFTER) this.#tellImpaired(service, deployment);
    if (task.condemned || task.healthySince === undefined) rollouts.countFailure(service, deployment);
  }

  #advance(service: ServiceRecord): void {
    const primary = service.deployments.find(({ status }) => status === 'PRIMARY');
    if (!primary) return;
    const own = this.#deps.tasks.all().filter((task) => task.service === service && isLive(task));
    const serving = own.filter((task) => task.startedBy === primary.id && task.healthySince && !task.condemned);
    const asWanted = own.length === service.desiredCount && serving.length === service.desiredCount;
    if (!asWanted || service.deployments.length > 1) return;
    if (primary.rolloutState === 'IN_PROGRESS') this.#deps.rollouts.complete(service, primary);
    if (service.steady || primary.rolloutState !== 'COMPLETED') return;
    service.steady = true;
    this.#deps.announcer.tell(service, 'has reached a steady state.');
    this.#deps.announcer.serviceAction(service, 'INFO', 'SERVICE_STEADY_STATE');
  }

  #tellImpaired(service: ServiceRecord, deployment: DeploymentRecord): void {
    if (deployment.impairedAnnounced) return;
    deployment.impairedAnnounced = true;
    this.#deps.announcer.tell(
      service,
      'is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.',
    );
    this.#deps.announcer.serviceAction(service, 'WARN', 'SERVICE_TASK_START_IMPAIRED');
  }

  #tellQuota(service: ServiceRecord): void {
    if (this.#quotaTold.has(service)) return;
    this.#quotaTold.add(service);
    const reason = "You've reached the limit on the number of vCPUs you can run concurrently";
    this.#deps.announcer.tell(service, `was unable to place a task. Reason: ${reason}.`);
    this.#deps.announcer.serviceAction(service, 'ERROR', 'SERVICE_TASK_PLACEMENT_FAILURE', 'RESOURCE:FARGATE');
  }
}
