import type { Seconds } from '../../../layers/core/units.ts';
import type { Measured } from './input.ts';
import { normalOf } from './spread.ts';

/** No point counts for more than this many standard deviations, so that one wild point does not place the change. */
const CLIP = 8;
/** A change that explains less than this share of a metric's variance places nothing. */
const CLEAR = 0.2;

/** Where one metric changed most. `gain` is the share of the variance that two levels explain better than one. */
export interface ChangePoint {
  /** Time of the first point of the new level. */
  readonly at: Seconds;
  readonly gain: number;
}

/**
 * The most likely single change of level whose first point lies in `[from, to]`: least squares over every split
 * (Hinkley 1970), on values in clipped standard deviations. Linear in the number of points, after sorting by time.
 *
 * @returns undefined where no split has points on both sides, or nothing varies
 */
export function changePoint(series: Measured, from: Seconds, to: Seconds): ChangePoint | undefined {
  const order = [...series.times.keys()]
    .filter((i) => Number.isFinite(series.times[i]) && Number.isFinite(series.values[i]))
    .sort((a, b) => (series.times[a] ?? 0) - (series.times[b] ?? 0));
  const times = order.map((i) => series.times[i] ?? 0);
  const before = order.flatMap((i) => ((series.times[i] ?? 0) < from ? [series.values[i] ?? 0] : []));
  const normal = normalOf(before.length >= 3 ? Float64Array.from(before) : series.values, series.kind);
  const clipped = order.map((i) => {
    const off = (series.values[i] ?? 0) - normal.level;
    return Math.max(-CLIP, Math.min(CLIP, off / (off > 0 ? normal.above : normal.below)));
  });
  const total = clipped.reduce((sum, value) => sum + value, 0);
  const squares = clipped.reduce((sum, value) => sum + value * value, 0);
  const n = clipped.length;
  const variance = squares - (total * total) / n;
  if (!(variance > 0)) return undefined;
  let left = 0;
  let best: ChangePoint | undefined;
  for (let i = 1; i < n; i += 1) {
    left += clipped[i - 1] ?? 0;
    const at = times[i] ?? 0;
    if (at < from || at > to || at === times[i - 1]) continue;
    const right = total - left;
    const gain = (left * left) / i + (right * right) / (n - i) - (total * total) / n;
    if (!best || gain / variance > best.gain) best = { at, gain: gain / variance };
  }
  return best;
}

/**
 * When the trouble began, from the metrics that changed most: the median of their change points, weighted by how clear
 * each is. Falls back to `guess` where nothing changed clearly within `tolerance` of it.
 */
export function estimateOnset(changed: readonly Measured[], guess: Seconds, tolerance: Seconds): Seconds {
  const found = changed
    .flatMap((series) => changePoint(series, guess - tolerance, guess + tolerance) ?? [])
    .filter(({ gain }) => gain >= CLEAR)
    .sort((a, b) => a.at - b.at);
  const half = found.reduce((sum, { gain }) => sum + gain, 0) / 2;
  let passed = 0;
  for (const { at, gain } of found) {
    passed += gain;
    if (passed >= half) return at;
  }
  return guess;
}
