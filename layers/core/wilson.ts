import type { Ratio } from './units.ts';

/** The 97.5 % point of the standard normal distribution: 2.5 % are left out on either side. */
const Z = 1.959963984540054;

/**
 * The 95 % score interval of a proportion (Wilson 1927; Newcombe 1998, method 3, without continuity correction). It stays
 * within 0 and 1, and says something also of few or no successes. Without any trial nothing is known: 0 to 1.
 */
export function wilson(successes: number, trials: number): { readonly from: Ratio; readonly to: Ratio } {
  if (trials === 0) return { from: 0, to: 1 };
  const share = successes / trials;
  const scale = 1 + (Z * Z) / trials;
  const centre = (share + (Z * Z) / (2 * trials)) / scale;
  const half = (Z * Math.sqrt((share * (1 - share)) / trials + (Z * Z) / (4 * trials * trials))) / scale;
  return { from: Math.max(0, centre - half), to: Math.min(1, centre + half) };
}
