/** A straight line through points of which up to 29 % may be wild. */
import { median, scaledMad } from '../../../layers/core/statistics/quantiles.ts';
import type { Seconds } from '../../../layers/core/units.ts';

export interface TimedValue {
  readonly at: Seconds;
  readonly value: number;
}

export interface Trend {
  /** Where time is counted from: the middle of the points. */
  readonly origin: Seconds;
  readonly level: number;
  /** Per second. */
  readonly slope: number;
  /** Scatter of the points about the line, one standard deviation (scaled MAD). */
  readonly scatter: number;
  /** Standard error of the slope, of the level: their scatter when it does not come independently at each point. */
  readonly slopeError: number;
  readonly levelError: number;
  readonly points: number;
}

/** Slopes of at most so many pairs are taken: of more points every n-th pair by distance, so that cost stays bounded. */
const PAIRS = 20_000;

/**
 * Theil 1950, Sen 1968: the median of the slopes of all pairs of points. Its error is that of least squares widened for the
 * efficiency of the estimator (0.91 for normal scatter, Sen 1968 §6) and for autocorrelated scatter, whose n points say as much as
 * n (1 - r) / (1 + r) independent ones (Bayley and Hammersley 1946).
 * @param points in the order of time, each with its own time and a finite value
 * @returns undefined for fewer than three points
 */
export function theilSen(points: readonly TimedValue[]): Trend | undefined {
  const n = points.length;
  if (n < 3) return undefined;
  const origin = median(points.map(({ at }) => at));
  const slope = middleOf(pairSlopes(points));
  const level = median(points.map(({ at, value }) => value - slope * (at - origin)));
  const residuals = points.map(({ at, value }) => value - level - slope * (at - origin));
  const scatter = scaledMad(residuals, 0);
  const effective = Math.max(2, (n * (1 - correlation(residuals))) / (1 + correlation(residuals)));
  const spread = Math.sqrt(points.reduce((sum, { at }) => sum + (at - origin) ** 2, 0) / n);
  const levelError = (scatter / Math.sqrt(effective)) * EFFICIENCY;
  return { origin, level, slope, scatter, slopeError: levelError / spread, levelError, points: n };
}

/** One over the square root of the asymptotic efficiency. */
const EFFICIENCY = 1 / Math.sqrt(0.91);

function pairSlopes(points: readonly TimedValue[]): Float64Array {
  const n = points.length;
  const stride = Math.max(1, Math.ceil((n * (n - 1)) / 2 / PAIRS));
  const times = Float64Array.from(points, ({ at }) => at);
  const values = Float64Array.from(points, ({ value }) => value);
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let count = 0;
  for (let apart = 1; apart < n; apart += stride)
    for (let i = 0; i + apart < n; i += 1) {
      const slope = (values[i + apart]! - values[i]!) / (times[i + apart]! - times[i]!);
      if (Number.isFinite(slope)) slopes[count++] = slope;
    }
  return slopes.subarray(0, count);
}

/** The median, found without sorting (Hoare 1961): slopes are many. Changes their order. */
function middleOf(values: Float64Array): number {
  if (values.length === 0) return Number.NaN;
  const upper = selected(values, values.length >> 1);
  if (values.length % 2 === 1) return upper;
  return (upper + values.subarray(0, values.length >> 1).reduce((most, value) => Math.max(most, value))) / 2;
}

/** The value that would be at this place, were they sorted; none before it is larger then. */
function selected(values: Float64Array, place: number): number {
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    const pivot = values[(from + to) >> 1]!;
    let [left, right] = [from, to];
    while (left <= right) {
      while (values[left]! < pivot) left += 1;
      while (values[right]! > pivot) right -= 1;
      if (left > right) break;
      [values[left], values[right]] = [values[right]!, values[left]!];
      left += 1;
      right -= 1;
    }
    if (place <= right) to = right;
    else if (place >= left) from = left;
    else break;
  }
  return values[place]!;
}

/** Between neighbours, 0 to 0.95; signs and ranks of wild points must not decide it, so residuals are cut at 3 scatters. */
function correlation(residuals: readonly number[]): number {
  const limit = 3 * scaledMad(residuals, 0);
  const cut = residuals.map((value) => Math.min(limit, Math.max(-limit, value)));
  const whole = cut.reduce((sum, value) => sum + value ** 2, 0);
  const neighbours = cut.reduce((sum, value, i) => sum + (i > 0 ? value * cut[i - 1]! : 0), 0);
  return whole > 0 ? Math.min(0.95, Math.max(0, neighbours / whole)) : 0;
}
