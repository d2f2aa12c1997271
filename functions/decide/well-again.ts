import { healthOf } from '../../layers/core/health.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { readingOf, slots, trailingRun } from '../../layers/core/points.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { stoppedSince } from '../../layers/core/stops.ts';
import { addSeconds, minutes } from '../../layers/core/units.ts';

/** Without a failed task for so long, what restarted has held. */
const CALM = minutes(1);

/**
 * Why there may be nothing left to heal: it was bad and is good again, in every metric for as long as Verify would ask
 * for. Undefined while anything speaks against it. Tasks that failed twice come back, so they always speak against it.
 */
export function wellAgain(evidence: Evidence, policy: Policy): string | undefined {
  const { window, takenAt, resource: arn } = evidence;
  const resource = evidence.resources.find((one) => one.arn === arn);
  if (!resource) return undefined;
  const stopped = evidence.stoppedTasks.filter((task) => task.resource === arn);
  if (stoppedSince(stopped, addSeconds(window.onset, -minutes(10))).length > 1) return undefined;
  const state = evidence.services.find((service) => service.resource === arn);
  if (state && !healthOf(state, stopped, addSeconds(takenAt, -CALM)).well) return undefined;
  const targets = [...resource.alarms.flatMap(({ criteria }) => criteria), ...resource.own].filter(
    ({ role }) => role === 'target',
  );
  const runs = targets.map((criterion) => {
    const all = slots(readingOf(criterion, evidence.series), addSeconds(window.onset, -2 * criterion.period), takenAt);
    return { wasBad: all.some((slot) => slot.state === 'bad'), run: trailingRun(all) };
  });
  const troubled = runs.filter(({ wasBad }) => wasBad);
  if (troubled.length === 0) return undefined;
  const healed = troubled.every(({ run }) => run.state === 'good' && run.length >= policy.goodPoints);
  return healed
    ? `${troubled.length} metrics that were bad have been good for ${policy.goodPoints} periods or more, before anything was done`
    : undefined;
}
