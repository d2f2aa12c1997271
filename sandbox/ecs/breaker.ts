import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs';

const SMALLEST_THRESHOLD = 3;
const LARGEST_THRESHOLD = 200;

/**
 * How many failed tasks end a deployment: half of the desired count, between 3 and 200, unless the service says otherwise
 * (Amazon ECS API Reference, ThresholdConfiguration).
 */
export function failureThreshold(breaker: DeploymentCircuitBreaker | undefined, desired: number): number {
  const { type = 'BOUNDED_PERCENT', value = 50 } = breaker?.thresholdConfiguration ?? {};
  if (type === 'COUNT') return value;
  const share = Math.ceil((value / 100) * desired);
  if (type === 'UNBOUNDED_PERCENT') return Math.max(1, share);
  return Math.min(LARGEST_THRESHOLD, Math.max(SMALLEST_THRESHOLD, share));
}

/** Longest wait between launches of tasks that never reach RUNNING. AWS goes up to 27 minutes; nobody waits that long here. */
export const LONGEST_BACK_OFF_MS = 60_000;

/**
 * Longest wait after tasks that end within seconds of RUNNING. AWS does not throttle these: a new task takes it half a minute to
 * place anyway, which here takes no time.
 */
export const LONGEST_CRASH_BACK_OFF_MS = 10_000;

/** A task that lived shorter than this after RUNNING counts as a crash on start. */
export const EARLY_EXIT_MS = 10_000;

/** How long to wait before the next launch after `failures` failed ones in a row: 1, 2, 4, … seconds. */
export function backOffMs(failures: number, longestMs: number): number {
  return failures === 0 ? 0 : Math.min(longestMs, 1000 * 2 ** (failures - 1));
}

/** From how many launches in a row that never reached RUNNING the service says that it cannot start tasks. */
export const IMPAIRED_AFTER = 3;
