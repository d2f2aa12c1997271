import type { Sample } from '../../../layers/core/detector.ts';
import type { Seconds } from '../../../layers/core/units.ts';

export const DAY: Seconds = 86_400;

export interface Clock {
  /** Time of the last sample taken, null before the first (JSON has no infinity). */
  last: Seconds | null;
}

/**
 * Whether a sample is to be looked at: a finite value, later than the last one taken. A step back of more than a day is a
 * clock set right, not a late sample: else one sample from the far future would silence a series for good.
 */
export function admits(clock: Clock, { at, value }: Sample): boolean {
  // Beyond 1e150 squares of distances overflow.
  if (!Number.isFinite(at) || !(Math.abs(value) <= 1e150)) return false;
  if (clock.last !== null && at <= clock.last && clock.last - at <= DAY) return false;
  clock.last = at;
  return true;
}
