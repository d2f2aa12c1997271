import type { Signal } from '../../../layers/core/signal.ts';
import { addSeconds, hours, minutes, secondsBetween, type Instant } from '../../../layers/core/units.ts';

/** Time before the first signal that is read: what normal looks like. */
const BEFORE = minutes(30);
/** A signal dated further back is older than what a diagnosis may read: GetMetricData answers 100,800 points a call. */
const LONGEST = hours(6);
/** Clocks that differ less than this are as good as the same. */
const TOLERATED = minutes(2);

export interface Window {
  readonly from: Instant;
  /** The first signal, on our own clock. */
  readonly first: Instant;
  readonly gaps: readonly string[];
}

/** The time that evidence is collected of. A sender whose clock is far off is not believed, and named. */
export function windowOf(signals: readonly Signal[], openedAt: Instant, now: Instant): Window {
  const told = signals.map(({ at }) => at).sort()[0] ?? openedAt;
  const earliest = addSeconds(now, -LONGEST);
  const first = told > now ? now : told < earliest ? earliest : told;
  const off = secondsBetween(now, told);
  const gaps =
    off > TOLERATED
      ? [`the first signal is dated ${told}, ${Math.round(off / 60)} min after now: its sender's clock is wrong`]
      : told < earliest
        ? [`the first signal is dated ${told}: nothing before ${earliest} was read`]
        : [];
  return { from: addSeconds(first, -BEFORE), first, gaps };
}
