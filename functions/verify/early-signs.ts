/** Whether what was foretold, or was odd, is gone after an action. Pure. */
import { isReached, timeLeft } from '../../layers/core/prediction.ts';
import type { Foretold } from '../../layers/core/signal.ts';
import type { Ratio, Seconds } from '../../layers/core/units.ts';
import { median } from '../../layers/core/statistics/quantiles.ts';
import { carrierOf, isCarried, isOdd } from '../detect/early/judge.ts';
import type { EarlyLook, SpokenLook } from '../detect/early/look.ts';
import { neededOf, oddNow, type FollowedLook } from '../detect/early/sessions.ts';

export type Gone =
  | { readonly kind: 'gone'; readonly why: readonly string[] }
  | { readonly kind: 'still' | 'too-early'; readonly why: readonly string[]; readonly again: Seconds };

/** Of what had filled up since its lowest, so much must be free again. */
const FREED: Ratio = 0.5;

interface Acted {
  /** Seconds since the epoch. */
  readonly appliedAt: Seconds;
  readonly settledAt: Seconds;
  readonly goodPoints: number;
}

/** Judged by the points of whole periods after the action settled; of each sign, and all of them must be gone. */
export function signsGone(looks: readonly EarlyLook[], acted: Acted): Gone {
  return together(looks.map((look) => judgeOne(look, acted)));
}

/** All of them must be gone. */
export function together(all: readonly Gone[]): Gone {
  const open = all.filter((one) => one.kind !== 'gone');
  const why = all.flatMap((one) => one.why);
  if (open.length === 0) return { kind: 'gone', why };
  const kind = open.some((one) => one.kind === 'still') ? 'still' : 'too-early';
  return { kind, why, again: Math.max(...open.map((one) => ('again' in one ? one.again : 0))) };
}

/** Before an action settled, the pace of a message is looked at over this time. */
export const PACE: Seconds = 300;
/** So many lines would have come: that they did not is no chance. */
const LINES_MISSED = 10;
const LEAST_SILENCE: Seconds = 30;

/**
 * A message that was told of must not be logged again for as long as ten lines took before, but not for longer than good points
 * of a minute take.
 */
export function spokenGone(
  looks: readonly SpokenLook[],
  { settledAt, goodPoints }: Omit<Acted, 'appliedAt'>,
  now: Seconds,
): Gone {
  const taken = looks.map(({ heard = [] }) => (PACE / heard.filter((at) => at <= settledAt).length) * LINES_MISSED);
  const needed = Math.ceil(Math.min(goodPoints * 60, Math.max(LEAST_SILENCE, ...taken)));
  const again = Math.max(10, settledAt + needed - now);
  const unread = looks.filter(({ heard }) => heard === undefined);
  const still = looks.filter(({ heard }) => heard?.some((at) => at > settledAt && at > now - needed));
  const quoted = (some: readonly SpokenLook[]): string => some.map(({ message }) => `"${message.template}"`).join(', ');
  if (unread.length > 0) return { kind: 'too-early', why: [`the log could not be read: ${quoted(unread)}`], again: 30 };
  if (still.length > 0) return { kind: 'still', why: [`since it settled the log says ${quoted(still)}`], again: 60 };
  const why = [`since it settled the log does not say ${quoted(looks)}`];
  return now - settledAt < needed ? { kind: 'too-early', why, again } : { kind: 'gone', why };
}

/** Of the sessions that began since it settled and are over, enough must be seen, and no more be odd than usual. */
export function followedGone(looks: readonly FollowedLook[]): Gone {
  return together(
    looks.map(({ told, seen }): Gone => {
      if (!seen) return { kind: 'too-early', why: [`the log could not be read as a whole: ${told.group}`], again: 30 };
      const now = oddNow(told, seen);
      const why = [`of the sessions since it settled ${now.why}`];
      if (now.still) return { kind: 'still', why, again: 60 };
      return now.of < neededOf(told) ? { kind: 'too-early', why, again: 60 } : { kind: 'gone', why };
    }),
  );
}

function judgeOne({ signal, series, points }: EarlyLook, { appliedAt, settledAt, goodPoints }: Acted): Gone {
  const { metric } = series.metric;
  const after = points.filter(([at]) => at >= settledAt).map(([, value]) => value);
  if (after.length < goodPoints)
    return {
      kind: 'too-early',
      why: [`${metric} has ${after.length} points since it settled, ${goodPoints} are needed`],
      again: (goodPoints - after.length) * series.period,
    };
  const newest = after.slice(-goodPoints);
  if (isCarried(signal)) {
    const carrier = carrierOf(signal);
    const odd = newest.filter((value) => isOdd(carrier, value)).length;
    const usual = `usual is ${carrier.usual.low} to ${carrier.usual.high}, ${carrier.value} alerted`;
    const why = [`${metric} was ${newest.join(', ')} since it settled (${usual})`];
    return odd === 0 ? { kind: 'gone', why } : { kind: 'still', why, again: series.period };
  }
  const { foretold } = signal;
  // The period in which tasks were replaced belongs to neither side.
  const past = points.filter(([at]) => at + series.period <= appliedAt).map(([, one]) => one);
  const before = past.at(-1) ?? foretold.value;
  const value = median(newest);
  const [had, has] = [timeLeft(foretold, before), timeLeft(foretold, value)];
  const pace = Number.isFinite(has)
    ? `: at the old pace its limit is ${Math.round(has / 60)} min away, it was ${Math.round(had / 60)} min`
    : '';
  const told = `${metric} is ${value} of ${foretold.limit.value}, it was ${before}${pace}`;
  return has > had && freedOf(foretold, past, before, value) >= FREED
    ? { kind: 'gone', why: [told] }
    : { kind: 'still', why: [told], again: series.period };
}

/** What is free again of what had filled up since it was emptiest; all of it of what was never seen anywhere but at its limit. */
function freedOf({ limit }: Foretold, past: readonly number[], before: number, value: number): Ratio {
  const emptiest = limit.when === 'above' ? Math.min(before, ...past) : Math.max(before, ...past);
  if (before === emptiest && isReached(limit, before)) return 1;
  return (before - value) / (before - emptiest || 1);
}
