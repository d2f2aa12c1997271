import type { Ratio } from '../units.ts';

/**
 * P(at least `least` of independent trials succeed), each with a chance of its own (the Poisson binomial distribution, Poisson
 * 1837). What is beyond is added up itself, so that the smallest tails keep their digits.
 */
export function atLeast(least: number, chances: readonly Ratio[]): Ratio {
  if (least <= 0) return 1;
  // Of k successes so far, for k below `least`; the last place is for all that reached it.
  const mass = new Float64Array(least + 1);
  mass[0] = 1;
  for (const chance of chances) {
    mass[least]! += mass[least - 1]! * chance;
    for (let k = least - 1; k > 0; k -= 1) mass[k] = mass[k]! * (1 - chance) + mass[k - 1]! * chance;
    mass[0]! *= 1 - chance;
  }
  return mass[least]!;
}
