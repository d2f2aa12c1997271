import * as z from 'zod';
import type { MetricLimit } from './named-metric.ts';
import { Foretold } from './signal.ts';
import type { Ratio, Seconds } from './units.ts';

/** A forecast that was told, until it is known what became of it. */
export const Pending = z.object({
  /** When it was made, seconds since the epoch. */
  at: z.number(),
  foretold: Foretold,
});
export type Pending = z.infer<typeof Pending>;

/**
 * What became of a forecast. `cut-short`: what had filled up was freed before (a restart, by us or by anyone), so that
 * nobody can know whether it would have come true.
 */
export type Fate = 'came-true' | 'did-not' | 'cut-short' | 'open';

/** How long after the end of its interval a forecast may still come true; of an interval without an end, after twice the expected time. */
const LATE: Ratio = 0.25;
/** A fall by so much of the way to the limit is no noise: what had filled up was freed. */
const FREED: Ratio = 1 / 3;

/** When the forecast must have come true, seconds since the epoch. */
export function endOf({ at, foretold: { inSeconds, latest } }: Pending): Seconds {
  return at + (latest === null ? 2 * inSeconds : latest + LATE * (latest - inSeconds));
}

/**
 * Judges a forecast by the points after it. Pure.
 * @param points [seconds since the epoch, value], oldest first
 */
export function fateOf(pending: Pending, points: readonly (readonly [Seconds, number])[], now: Seconds): Fate {
  const { at, foretold } = pending;
  const until = endOf(pending);
  const room = Math.abs(foretold.limit.value - foretold.value);
  const base = foretold.value;
  for (const [time, value] of points) {
    if (time <= at || time > until) continue;
    if (isReached(foretold.limit, value)) return 'came-true';
    const fell = foretold.limit.when === 'above' ? base - value : value - base;
    if (fell > FREED * Math.max(room, Math.abs(base))) return 'cut-short';
  }
  return now > until ? 'did-not' : 'open';
}

export const isReached = ({ value: limit, when }: MetricLimit, value: number): boolean =>
  when === 'above' ? value >= limit : value <= limit;

/** How long it takes from a value to the limit at the slope that was foretold; never negative, and for ever without a slope. */
export function timeLeft({ limit, slope }: Pick<Foretold, 'limit' | 'slope'>, value: number): Seconds {
  if (isReached(limit, value)) return 0;
  return slope === 0 ? Number.POSITIVE_INFINITY : Math.max(0, (limit.value - value) / slope);
}

/** The name under which the forecasts of learned models are counted beside those of metrics. */
export const FAILURE_RECORD = 'failure-model';

/** What is believed of a forecast before any was judged: nine of ten come true, as its interval says, worth ten of them. */
export const PREDICTION_PRIOR = { alpha: 9, beta: 1 } as const;
