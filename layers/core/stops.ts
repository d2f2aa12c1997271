import type { StoppedTask } from './signal.ts';
import { secondsBetween, type Instant, type Seconds } from './units.ts';

const OUT_OF_MEMORY = /OutOfMemory/i;
const FAILED_CHECK = /failed .*health checks|is unhealthy/i;
/** What ECS or its operator stops on purpose: a deployment, a scale-in, a person, a host that goes. */
const ON_PURPOSE = ['ServiceSchedulerInitiated', 'UserInitiated', 'SpotInterruption', 'TerminationNotice'];
/** SIGTERM obeyed. */
const ASKED_TO_END = 143;

/** True when a task ended because something is wrong, not because it was asked to. */
export function isFailingStop({ stopCode, reason = '', exitCode }: StoppedTask): boolean {
  if (OUT_OF_MEMORY.test(reason) || FAILED_CHECK.test(reason)) return true;
  if (ON_PURPOSE.includes(stopCode ?? '')) return false;
  return stopCode === 'TaskFailedToStart' || exitCode !== ASKED_TO_END;
}

/** Stopped by ECS because it did not answer its health checks: it did not end by itself. */
export const isFailedCheck = ({ reason = '' }: Pick<StoppedTask, 'reason'>): boolean => FAILED_CHECK.test(reason);

/** 137 by the kernel's hand: the container went over its memory. */
export const isOutOfMemory = ({ reason = '', exitCode, stopCode }: StoppedTask): boolean =>
  OUT_OF_MEMORY.test(reason) || (exitCode === 137 && !ON_PURPOSE.includes(stopCode ?? ''));

/** Seconds a task lived; undefined when it never started. */
export const lifeOf = ({ startedAt, stoppedAt }: StoppedTask): Seconds | undefined =>
  startedAt === undefined ? undefined : secondsBetween(startedAt, stoppedAt);

export const stoppedSince = <T extends StoppedTask>(tasks: readonly T[], since: Instant): T[] =>
  tasks.filter((task) => task.stoppedAt >= since && isFailingStop(task));
