import { failureThreshold } from '../../../sandbox/ecs/breaker.ts';
import type { Arn } from '../../../layers/core/arn.ts';
import { hex } from '../chance.ts';
import { deploymentChanged, serviceAction, tell } from './announce.ts';
import { primaryOf, type Deployment, type Fleet, type Service, type Task } from './fleet.ts';

/** The deployments of a service: how they begin, end, fail and are rolled back. */

const REMEMBERED = 100;

/** Starts a deployment of a revision. What was under way ends as stopped. */
export function deploy(fleet: Fleet, service: Service, definition: Arn, isRollback = false): Deployment {
  const before = service.deployments[0];
  const id = `ecs-svc/${String(Math.floor(fleet.random() * 1e15)).padStart(19, '1')}`;
  const deployment: Deployment = {
    id,
    definition,
    createdAt: fleet.now,
    updatedAt: fleet.now,
    revisionId: hex(fleet.random, 19),
    recordId: hex(fleet.random, 21),
    status: 'PRIMARY',
    rollout: 'IN_PROGRESS',
    reason: `ECS deployment ${id} in progress.`,
    failedTasks: 0,
    outcome: 'IN_PROGRESS',
    isRollback,
    shared: {},
  };
  if (before) {
    before.status = 'ACTIVE';
    if (before.outcome === 'IN_PROGRESS' && !isRollback) {
      before.outcome = 'STOPPED';
      before.finishedAt = fleet.now;
    }
  }
  service.deployments.unshift(deployment);
  service.deployments.splice(REMEMBERED);
  service.definition = definition;
  service.launchFailures = 0;
  service.nextLaunch = fleet.now;
  service.steady = false;
  deploymentChanged(fleet, service, deployment, 'INFO');
  return deployment;
}

/** The primary deployment has all its tasks, healthy, and no other has any left. */
export function complete(fleet: Fleet, service: Service): void {
  const primary = primaryOf(service);
  primary.rollout = 'COMPLETED';
  primary.reason = `ECS deployment ${primary.id} completed.`;
  primary.failedTasks = 0;
  primary.updatedAt = fleet.now;
  primary.outcome = 'SUCCESSFUL';
  primary.finishedAt = fleet.now;
  const undone = primary.isRollback ? service.deployments[1] : undefined;
  if (undone?.outcome === 'IN_PROGRESS') {
    undone.outcome = 'ROLLBACK_SUCCESSFUL';
    undone.finishedAt = fleet.now;
  }
  for (const other of service.deployments.slice(1)) if (other.status === 'ACTIVE') other.status = 'INACTIVE';
  tell(fleet, service, `(deployment ${primary.id}) deployment completed.`);
  deploymentChanged(fleet, service, primary, 'INFO');
}

/** Counts a task that failed while its deployment was under way, and trips the circuit breaker when it was one too many. */
export function countFailure(fleet: Fleet, service: Service, task: Task): void {
  const primary = primaryOf(service);
  if (task.deployment !== primary.id || primary.rollout !== 'IN_PROGRESS') return;
  primary.failedTasks += 1;
  primary.updatedAt = fleet.now;
  if (!service.spec.breaker || primary.failedTasks < failureThreshold(undefined, service.desired)) return;
  primary.rollout = 'FAILED';
  primary.reason = 'ECS deployment circuit breaker: tasks failed to start.';
  tell(fleet, service, `(deployment ${primary.id}) deployment failed: tasks failed to start.`);
  deploymentChanged(fleet, service, primary, 'ERROR');
  const steady = service.deployments.find(({ outcome, id }) => outcome === 'SUCCESSFUL' && id !== primary.id);
  if (!steady || primary.isRollback) return;
  const back = deploy(fleet, service, steady.definition, true);
  tell(fleet, service, `rolling back to deployment ${back.id}.`);
}

/** Sets how many tasks there should be. */
export function setDesired(fleet: Fleet, service: Service, desired: number): void {
  if (desired === service.desired) return;
  service.desired = desired;
  service.steady = false;
  serviceAction(fleet, service, 'INFO', 'SERVICE_DESIRED_COUNT_UPDATED', { desiredCount: desired });
}
