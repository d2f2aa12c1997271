import type { Ratio } from '../units.ts';

/** P(a Poisson variable of this mean is at least `count`). @param mean 0 and more */
export function poissonTail(count: number, mean: number): Ratio {
  let term = Math.exp(-mean);
  let below = 0;
  for (let n = 0; n < count; n += 1) {
    below += term;
    term *= mean / (n + 1);
  }
  if (below < 0.5) return 1 - below;
  // Where hardly anything is left, what is left is summed itself: 1 - below would be rounding.
  let above = 0;
  for (let n = count; term > above * Number.EPSILON && n < count + 100; n += 1) {
    above += term;
    term *= mean / (n + 1);
  }
  return Math.min(1, above);
}
