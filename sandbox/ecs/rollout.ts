import type { Clock } from '../elb/clock.ts';
import type { Announcer } from './announce.ts';
import { failureThreshold } from './breaker.ts';
import { deploymentId, type Arns } from './ids.ts';
import type { DeploymentRecord, RevisionRecord, ServiceDeploymentRecord, ServiceRecord, TaskRecord } from './model.ts';

/** The deployments of services: how they begin, end, fail and are rolled back. */
export class Rollouts {
  readonly #arns: Arns;
  readonly #clock: Clock;
  readonly #announcer: Announcer;

  constructor(arns: Arns, clock: Clock, announcer: Announcer) {
    this.#arns = arns;
    this.#clock = clock;
    this.#announcer = announcer;
  }

  /** Starts a deployment of the service as it is configured now. What was under way ends as stopped. */
  begin(service: ServiceRecord): DeploymentRecord {
    const now = this.#clock.now();
    const revision: RevisionRecord = {
      arn: this.#arns.serviceRevision(service.cluster.name, service.name),
      taskDefinition: service.taskDefinition,
      createdAt: now,
      loadBalancers: service.loadBalancers,
      ...(service.networkConfiguration ? { networkConfiguration: service.networkConfiguration } : {}),
    };
    service.revisions.push(revision);
    const current = service.history[0];
    if (current && isOpen(current)) this.#close(current, 'STOPPED', 'A newer service deployment took its place.');
    const deployment = this.#makePrimary(service, newDeployment(revision, now));
    const sources = service.lastCompletedRevision ? [service.lastCompletedRevision] : [];
    service.history.unshift({
      arn: this.#arns.serviceDeployment(service.cluster.name, service.name),
      deploymentId: deployment.id,
      createdAt: now,
      updatedAt: now,
      sourceRevisionArns: sources,
      targetRevisionArn: revision.arn,
      status: 'IN_PROGRESS',
      breaker: service.deploymentConfiguration.deploymentCircuitBreaker?.enable ? 'MONITORING' : 'DISABLED',
      failureCount: 0,
    });
    this.#announcer.deploymentChanged(service, deployment, 'INFO', deployment.rolloutStateReason);
    return deployment;
  }

  /** The primary deployment has all its tasks, healthy, and no other has any left. */
  complete(service: ServiceRecord, deployment: DeploymentRecord): void {
    this.#enter(deployment, 'COMPLETED', `ECS deployment ${deployment.id} completed.`);
    deployment.failedTasks = 0;
    service.lastCompletedRevision = deployment.revisionArn;
    const record = service.history[0];
    if (record && isOpen(record)) {
      this.#close(record, record.rollback ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL');
      if (record.breaker === 'MONITORING') record.breaker = 'MONITORING_COMPLETE';
    }
    this.#announcer.tell(service, `(deployment ${deployment.id}) deployment completed.`);
    this.#announcer.deploymentChanged(service, deployment, 'INFO', deployment.rolloutStateReason);
  }

  /** Counts a task that failed before it was healthy, and trips the circuit breaker when it was one too many. */
  countFailure(service: ServiceRecord, deployment: DeploymentRecord): void {
    if (deployment.rolloutState !== 'IN_PROGRESS') return;
    deployment.failedTasks += 1;
    deployment.updatedAt = this.#clock.now();
    const record = service.history[0];
    if (record) record.failureCount = deployment.failedTasks;
    const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
    if (!breaker?.enable || deployment.status !== 'PRIMARY') return;
    if (deployment.failedTasks >= failureThreshold(breaker, service.desiredCount)) this.#trip(service, deployment);
  }

  /** A task of the deployment passed all its checks. */
  countSuccess(service: ServiceRecord, deployment: DeploymentRecord): void {
    deployment.launchFailures = 0;
    const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
    if (breaker?.resetOnHealthyTask !== false) deployment.failedTasks = 0;
  }

  /** Ends the deployment under way by hand. Answers false when there is none to stop, or nothing to go back to. */
  stop(service: ServiceRecord, record: ServiceDeploymentRecord, how: 'ROLLBACK' | 'ABORT'): boolean {
    const primary = service.deployments.find(({ status }) => status === 'PRIMARY');
    if (!primary || !isOpen(record) || record !== service.history[0] || record.rollback) return false;
    if (how === 'ROLLBACK' && !this.#lastCompleted(service)) return false;
    this.#enter(primary, 'FAILED', 'ECS deployment stopped: service deployment was stopped by a user.');
    record.stoppedAt = this.#clock.now();
    if (how === 'ABORT') this.#close(record, 'STOPPED', 'Service deployment was stopped by a user.');
    else this.#rollBack(service, record, 'Service deployment was rolled back by a user.', 'ECS deployment stopped');
    return true;
  }

  /** Takes replaced deployments without tasks off the list. */
  retire(service: ServiceRecord, tasks: readonly TaskRecord[]): void {
    const inUse = new Set(tasks.filter((task) => task.lastStatus !== 'STOPPED').map((task) => task.startedBy));
    const gone = service.deployments.filter(({ status, id }) => status !== 'PRIMARY' && !inUse.has(id));
    for (const deployment of gone) deployment.status = 'INACTIVE';
    if (gone.length > 0) service.deployments = service.deployments.filter(({ status }) => status !== 'INACTIVE');
  }

  #trip(service: ServiceRecord, deployment: DeploymentRecord): void {
    this.#enter(deployment, 'FAILED', 'ECS deployment circuit breaker: tasks failed to start.');
    this.#announcer.tell(service, `(deployment ${deployment.id}) deployment failed: tasks failed to start.`);
    this.#announcer.deploymentChanged(
      service,
      deployment,
      'ERROR',
      'ECS deployment circuit breaker: task failed to start.',
    );
    const record = service.history[0];
    if (!record) return;
    record.breaker = 'TRIGGERED';
    const reason = 'Service deployment rolled back because the circuit breaker threshold was exceeded.';
    const rollback = service.deploymentConfiguration.deploymentCircuitBreaker?.rollback;
    if (record.rollback) this.#close(record, 'ROLLBACK_FAILED', reason);
    else if (rollback && this.#lastCompleted(service))
      this.#rollBack(service, record, reason, 'ECS deployment circuit breaker');
    else this.#close(record, 'STOPPED', 'Service deployment circuit breaker threshold was exceeded.');
  }

  #rollBack(service: ServiceRecord, record: ServiceDeploymentRecord, reason: string, by: string): void {
    const revision = this.#lastCompleted(service);
    if (!revision) return;
    const now = this.#clock.now();
    service.taskDefinition = revision.taskDefinition;
    service.loadBalancers = revision.loadBalancers;
    const before = service.deployments.find(({ revisionArn }) => revisionArn === revision.arn);
    const deployment = this.#makePrimary(service, before ?? newDeployment(revision, now));
    this.#enter(deployment, 'IN_PROGRESS', `${by}: rolling back to deployment ${deployment.id}.`);
    deployment.failedTasks = 0;
    Object.assign(record, { status: 'ROLLBACK_IN_PROGRESS', statusReason: reason, updatedAt: now });
    record.rollback = { reason, startedAt: now, serviceRevisionArn: revision.arn };
    this.#announcer.tell(service, `rolling back to deployment ${deployment.id}.`);
    this.#announcer.deploymentChanged(
      service,
      deployment,
      'INFO',
      `${by}: rolling back to deploymentId ${deployment.id}.`,
    );
  }

  #lastCompleted(service: ServiceRecord): RevisionRecord | undefined {
    return service.revisions.find(({ arn }) => arn === service.lastCompletedRevision);
  }

  #makePrimary(service: ServiceRecord, deployment: DeploymentRecord): DeploymentRecord {
    for (const other of service.deployments) {
      if (other.status !== 'PRIMARY') continue;
      other.status = 'ACTIVE';
      other.updatedAt = this.#clock.now();
    }
    service.deployments = [deployment, ...service.deployments.filter((other) => other !== deployment)];
    deployment.status = 'PRIMARY';
    service.steady = false;
    return deployment;
  }

  #enter(deployment: DeploymentRecord, state: DeploymentRecord['rolloutState'], reason: string): void {
    deployment.rolloutState = state;
    deployment.rolloutStateReason = reason;
    deployment.updatedAt = this.#clock.now();
  }

  #close(record: ServiceDeploymentRecord, status: ServiceDeploymentRecord['status'], reason?: string): void {
    record.status = status;
    record.finishedAt = record.updatedAt = this.#clock.now();
    if (status === 'STOPPED') record.stoppedAt ??= record.finishedAt;
    if (reason) record.statusReason = reason;
  }
}

/** Whether a service deployment is still under way. */
export function isOpen(record: ServiceDeploymentRecord): boolean {
  return record.status === 'IN_PROGRESS' || record.status === 'ROLLBACK_IN_PROGRESS';
}

function newDeployment(revision: RevisionRecord, now: number): DeploymentRecord {
  const id = deploymentId();
  return {
    id,
    taskDefinition: revision.taskDefinition,
    createdAt: now,
    updatedAt: now,
    revisionArn: revision.arn,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    failedTasks: 0,
    launchFailures: 0,
    noLaunchBefore: 0,
    impairedAnnounced: false,
  };
}
