import { healthOf } from '../../layers/core/health.ts';
import { targetsOf } from '../../layers/core/inventory.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { readingOf, slots, trailingRun, type Run } from '../../layers/core/points.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { stoppedSince } from '../../layers/core/stops.ts';
import { addSeconds, minutes, type Seconds } from '../../layers/core/units.ts';

/** Without a failed task for so long, what restarted has held. */
const CALM = minutes(1);

/**
 * Why there may be nothing left to heal: it was bad and is good again, in every metric for as long as Verify would ask
 * for. Undefined while anything speaks against it. Tasks that failed twice come back, so they always speak against it.
 */
export function wellAgain(evidence: Evidence, policy: Policy): string | undefined {
  const troubled = troubledMetrics(evidence);
  if (troubled.length === 0) return undefined;
  const healed = troubled.every(({ run }) => run.state === 'good' && run.length >= policy.goodPoints);
  return healed
    ? `${troubled.length} metrics that were bad have been good for ${policy.goodPoints} periods or more, before anything was done`
    : undefined;
}

/**
 * Why there will perhaps be nothing left to heal soon: a metric has been good again for long enough, and the others only
 * cannot know it yet. The last bad period of a coarser one began before that.
 */
export function improving(evidence: Evidence, policy: Policy): string | undefined {
  const troubled = troubledMetrics(evidence);
  const [good, others] = [troubled.filter(isWell), troubled.filter((one) => !isWell(one))];
  if (good.length === 0) return undefined;
  const since = Math.max(...good.map(({ lastBad, period }) => lastBad + period));
  if (others.some(({ lastBad }) => lastBad >= since)) return undefined;
  return `${good.length} of ${troubled.length} metrics that were bad are good again: it may be over`;

  function isWell({ run, period }: Troubled): boolean {
    return run.state === 'good' && run.length * period >= Math.min(COARSE, policy.goodPoints * period);
  }
}

/** One good minute is no accident. */
const COARSE = minutes(1);

interface Troubled {
  readonly period: Seconds;
  /** When its last bad period began, in seconds since the epoch. */
  readonly lastBad: number;
  readonly run: Run;
}

/** The metrics that were bad; none while the resource itself is seen not to be well. */
function troubledMetrics(evidence: Evidence): Troubled[] {
  const { window, takenAt, resource: arn } = evidence;
  const resource = evidence.resources.find((one) => one.arn === arn);
  if (!resource) return [];
  const stopped = evidence.stoppedTasks.filter((task) => task.resource === arn);
  if (stoppedSince(stopped, addSeconds(window.onset, -minutes(10))).length > 1) return [];
  const state = evidence.services.find((service) => service.resource === arn);
  // What the tasks before it answer well says nothing of a deployment that does not come to an end.
  if (state?.deploymentInProgress && evidence.signals.some(({ kind }) => kind === 'deployment-stalled')) return [];
  if (state && !healthOf(state, stopped, addSeconds(takenAt, -CALM)).well) return [];
  return targetsOf(resource).flatMap((criterion): Troubled[] => {
    const { period } = criterion;
    const all = slots(readingOf(criterion, evidence.series), addSeconds(window.onset, -2 * period), takenAt);
    const lastBad = all.findLast((slot) => slot.state === 'bad')?.at;
    return lastBad === undefined ? [] : [{ period, lastBad, run: trailingRun(all) }];
  });
}
