import type { Seconds } from '../../../layers/core/units.ts';

const DAY: Seconds = 86_400;
const SLOTS = 96;
/** Bandwidth of the smoothing: an hour, so that what comes at a slightly different minute each day still fits. */
const BANDWIDTH = 4;
/** With fewer days a profile would learn the days themselves. */
const LEAST_DAYS = 3;

/**
 * The mean by time of day, smoothed around the clock with a Gaussian kernel (Nadaraya 1964, Watson 1964).
 * @returns a value for each quarter of an hour since midnight UTC; empty when fewer than three days were seen.
 */
export function dailyProfile(values: ArrayLike<number>, from: Seconds, step: Seconds): number[] {
  if (values.length * step < LEAST_DAYS * DAY || step >= DAY / 4) return [];
  const sums = new Float64Array(SLOTS);
  const counts = new Float64Array(SLOTS);
  for (let i = 0; i < values.length; i += 1) {
    if (!Number.isFinite(values[i]!)) continue;
    const slot = Math.floor((timeOfDay(from + i * step) / DAY) * SLOTS);
    sums[slot]! += values[i]!;
    counts[slot]! += 1;
  }
  return Array.from({ length: SLOTS }, (_, slot) => smoothed(sums, slot) / Math.max(1e-9, smoothed(counts, slot)));
}

function smoothed(values: Float64Array, slot: number): number {
  return values.reduce((sum, value, other) => {
    const apart = Math.abs(slot - other);
    return sum + value * Math.exp(-0.5 * (Math.min(apart, SLOTS - apart) / BANDWIDTH) ** 2);
  }, 0);
}

const timeOfDay = (at: Seconds): Seconds => ((at % DAY) + DAY) % DAY;

/** Linear between the middles of the slots; 0 without a profile. */
export function profileAt(profile: readonly number[], at: Seconds): number {
  if (profile.length === 0) return 0;
  const position = (timeOfDay(at) / DAY) * profile.length - 0.5 + profile.length;
  const low = Math.floor(position);
  const share = position - low;
  return (1 - share) * profile[low % profile.length]! + share * profile[(low + 1) % profile.length]!;
}
