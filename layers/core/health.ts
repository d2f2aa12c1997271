import type { ServiceState } from './evidence.ts';
import type { StoppedTask } from './signal.ts';
import { isFailingStop } from './stops.ts';
import type { Instant } from './units.ts';

const UNWELL = ['UNHEALTHY', 'unhealthy'];

/** Whether a resource is well by its own account, with the reasons why not. */
export interface Health {
  readonly well: boolean;
  readonly why: readonly string[];
}

/** True when ECS or the load balancer says that the task is not well. A target that is still `initial` is neither. */
export const isUnwell = ({ health = '', targetHealth = '' }: ServiceState['tasks'][number]): boolean =>
  UNWELL.includes(health) || UNWELL.includes(targetHealth);

/**
 * An ECS service is well when it runs what it should, no task is unhealthy, and none failed since `since`.
 * @param stopped tasks that ended, as ECS still knows them
 */
export function healthOf(state: ServiceState, stopped: readonly StoppedTask[], since: Instant): Health {
  const why: string[] = [];
  if (state.running < state.desired) why.push(`${state.running} of ${state.desired} tasks run`);
  const unwell = state.tasks.filter(isUnwell).length;
  if (unwell > 0) why.push(`${unwell} of ${state.tasks.length} tasks are unhealthy`);
  const failed = stopped.filter((task) => task.stoppedAt >= since && isFailingStop(task)).length;
  if (failed > 0) why.push(`${failed} task${failed === 1 ? '' : 's'} failed since ${since}`);
  return { well: why.length === 0, why };
}
