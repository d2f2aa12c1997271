import { healthOf } from '../../layers/core/health.ts';
import { slots, trailingRun } from '../../layers/core/points.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { addSeconds, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { Look } from '../../layers/runtime/observe/look.ts';

export type UndoJudgement =
  | { readonly kind: 'as-before'; readonly why: readonly string[] }
  | { readonly kind: 'worse'; readonly why: readonly string[] }
  | { readonly kind: 'unsettled'; readonly why: readonly string[]; readonly again: Seconds };

export interface UndoTrial {
  /** When the attempt that was undone began. */
  readonly startedAt: Instant;
  readonly undoneAt: Instant;
  readonly looks: number;
}

const NEXT_LOOK: Seconds = 10;

/**
 * Is it at least as well as before the attempt? What was good before must be good again; what was bad may be bad still.
 * What cannot be seen within the looks there are is not worse, and that is said.
 */
export function judgeUndo(look: Look, { startedAt, undoneAt, looks }: UndoTrial, policy: Policy): UndoJudgement {
  // The finest metrics say soonest whether it is worse; a coarser one is judged as far as it goes.
  const period = Math.max(NEXT_LOOK, Math.min(60, ...look.readings.map(({ criterion }) => criterion.period)));
  const watched = secondsBetween(undoneAt, look.at);
  const deploying = look.service?.deploymentInProgress === true;
  const last = looks >= policy.maxLooks;
  if (!last && (deploying || watched < policy.goodPoints * period)) {
    const why = deploying
      ? 'the undo’s own deployment is in progress'
      : `${Math.round(watched)} s have passed since the undo, ${policy.goodPoints * period} s are needed`;
    return {
      kind: 'unsettled',
      why: [why],
      again: deploying ? NEXT_LOOK : Math.ceil(policy.goodPoints * period - watched),
    };
  }
  const worse = look.readings.flatMap((reading) => {
    const before = trailingRun(slots(reading, addSeconds(startedAt, -5 * reading.criterion.period), startedAt));
    const after = trailingRun(slots(reading, undoneAt, look.at));
    const isWorse =
      before.state === 'good' &&
      before.length >= policy.goodPoints &&
      after.state === 'bad' &&
      after.length >= policy.goodPoints;
    return isWorse ? [`${reading.criterion.id} was good before the attempt and is bad after its undo`] : [];
  });
  if (worse.length > 0) return { kind: 'worse', why: worse };
  const health = look.service ? healthOf(look.service, look.stopped, undoneAt) : undefined;
  return {
    kind: 'as-before',
    why: ['nothing that was good before the attempt is bad after its undo', ...(health?.why ?? []), ...look.gaps],
  };
}
