import { serviceAction, steady, tell } from './announce.ts';
import { hasBalancer, isDeploying, isLive, primaryOf, runs, type Fleet, type Service, type Task } from './fleet.ts';
import { complete, countFailure } from './rollout.ts';
import { launch, stop } from './tasks.ts';

/** ECS's service scheduler: keeps as many tasks as are wanted, rolls deployments out, replaces what fails its checks. */

/** minimumHealthyPercent and maximumPercent, as most services have them. */
export const MINIMUM = 100;
export const MAXIMUM = 200;
/** Launches in a row that never ran, from which ECS says so; and how often. */
const IMPAIRED_AFTER = 3;
const AGAIN = 600_000;
const CHECKS_TO_CHANGE = 2;

/** Load balancer checks of this step: two in a row the other way change a target's state. */
export function checkHealth(service: Service): void {
  if (!hasBalancer(service)) return;
  for (const task of service.tasks) {
    if (!runs(task)) continue;
    const answers = !task.effective.hangs && !task.effective.sick;
    const agrees = task.target === (answers ? 'healthy' : 'unhealthy');
    task.contrary = agrees ? 0 : task.contrary + 1;
    if (task.contrary < CHECKS_TO_CHANGE) continue;
    task.target = answers ? 'healthy' : 'unhealthy';
    task.contrary = 0;
  }
}

const isHealthy = (service: Service, task: Task): boolean =>
  runs(task) && (!hasBalancer(service) || task.target === 'healthy');

export function schedule(fleet: Fleet, service: Service): void {
  const primary = primaryOf(service);
  const live = service.tasks.filter(isLive);
  const own = live.filter(({ deployment }) => deployment === primary.id);
  const old = live.filter(({ deployment }) => deployment !== primary.id);
  const failing = own.filter((task) => failsItsChecks(fleet, service, task));
  const missing = service.desired - (own.length - failing.length);
  const most = Math.floor((service.desired * MAXIMUM) / 100);
  const room = Math.max(0, most - live.length);
  start(fleet, service, Math.min(missing, room));
  const healthy = live.filter((task) => isHealthy(service, task)).length;
  replaceFailing(fleet, service, own, failing);
  retireOld(fleet, service, old, healthy);
  scaleIn(fleet, service, own);
  rest(fleet, service, own, old);
}

/** A target that fails its checks, when they count by now. */
function failsItsChecks(fleet: Fleet, service: Service, task: Task): boolean {
  return task.target === 'unhealthy' && fleet.now - (task.startedAt ?? fleet.now) > service.spec.grace * 1000;
}

function start(fleet: Fleet, service: Service, count: number): void {
  if (count <= 0 || fleet.now < service.nextLaunch) return;
  if (service.placement && service.placement.until > fleet.now)
    return unplaced(fleet, service, service.placement.reason);
  const impaired = service.launchFailures >= IMPAIRED_AFTER && fleet.now - service.impairedToldAt > AGAIN;
  if (impaired && lastNeverRan(service)) {
    service.impairedToldAt = fleet.now;
    tell(fleet, service, 'is unable to consistently start tasks successfully.');
    serviceAction(fleet, service, 'WARN', 'SERVICE_TASK_START_IMPAIRED');
  }
  const ids = Array.from({ length: count }, () => launch(fleet, service).id);
  tell(fleet, service, `has started ${count} tasks: ${ids.map((id) => `(task ${id})`).join(' ')}.`);
}

const lastNeverRan = ({ tasks }: Service): boolean =>
  tasks.findLast(({ status }) => status === 'STOPPED')?.stopCode === 'TaskFailedToStart';

function unplaced(fleet: Fleet, service: Service, reason: string): void {
  service.steady = false;
  if (fleet.now - service.impairedToldAt <= AGAIN) return;
  service.impairedToldAt = fleet.now;
  tell(fleet, service, `was unable to place a task. Reason: ${reason}.`);
  serviceAction(fleet, service, 'ERROR', 'SERVICE_TASK_PLACEMENT_FAILURE', { reason });
}

/**
 * The replacement comes first; once it is healthy the failing one goes, and when it fails as well, one of the two goes
 * ("Amazon ECS service scheduler: replacing unhealthy tasks").
 */
function replaceFailing(fleet: Fleet, service: Service, own: readonly Task[], failing: readonly Task[]): void {
  const surplus = own.filter((task) => isHealthy(service, task) || failing.includes(task)).length - service.desired;
  for (const task of failing.slice(0, Math.max(0, surplus))) {
    const group = fleet.names.targetGroup(service.spec.name);
    const why = `Task failed ELB health checks in (target-group ${group})`;
    tell(
      fleet,
      service,
      `(task ${task.id}) (port 8080) is unhealthy in (target-group ${group}) due to (reason Request timed out)`,
    );
    stop(fleet, service, task, 'ServiceSchedulerInitiated', why);
    countFailure(fleet, service, task);
  }
}

/** Tasks of earlier deployments go as fast as the healthy ones allow. */
function retireOld(fleet: Fleet, service: Service, old: readonly Task[], healthy: number): void {
  const least = Math.ceil((service.desired * MINIMUM) / 100);
  let left = healthy;
  for (const task of old) {
    const counts = isHealthy(service, task);
    if (counts && left - 1 < least) continue;
    if (counts) left -= 1;
    const why = `Scaling activity initiated by (deployment ${primaryOf(service).id})`;
    tell(fleet, service, `has stopped 1 running tasks: (task ${task.id}).`);
    stop(fleet, service, task, 'ServiceSchedulerInitiated', why);
  }
}

function scaleIn(fleet: Fleet, service: Service, own: readonly Task[]): void {
  // While one is being replaced there is one more on purpose.
  const sound = own.filter((task) => isLive(task) && !failsItsChecks(fleet, service, task));
  const why = `Scaling activity initiated by (deployment ${primaryOf(service).id})`;
  for (const task of sound.slice(service.desired)) {
    tell(fleet, service, `has stopped 1 running tasks: (task ${task.id}).`);
    stop(fleet, service, task, 'ServiceSchedulerInitiated', why);
  }
}

/** Nothing left to do: the deployment is complete, the service steady. */
function rest(fleet: Fleet, service: Service, own: readonly Task[], old: readonly Task[]): void {
  const healthy = own.filter((task) => isHealthy(service, task)).length;
  if (healthy < service.desired || own.length !== service.desired || old.some(isLive)) return;
  if (isDeploying(service)) complete(fleet, service);
  service.launchFailures = 0;
  steady(fleet, service);
}
