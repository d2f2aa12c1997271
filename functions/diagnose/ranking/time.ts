import type { Seconds } from '../../../layers/core/units.ts';
import type { Measured, RankingInput } from './input.ts';

/** The earliest the trouble may have begun. */
export function earliest({ measured, onset, tolerance }: RankingInput): Seconds {
  return onset - (tolerance ?? Math.max(60, ...measured.map(periodOf)));
}

/** Median distance of neighbouring points; 0 for a single point. */
export function periodOf({ times }: Pick<Measured, 'times'>): Seconds {
  const ascending = times.filter(Number.isFinite).sort();
  const steps = ascending
    .map((at, i) => at - (ascending[i - 1] ?? NaN))
    .slice(1)
    .sort();
  return steps[Math.floor(steps.length / 2)] ?? 0;
}
