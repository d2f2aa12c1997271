import type { Ratio } from '../units.ts';

/** P(Z > z) for z ≥ 0 (Abramowitz and Stegun 1964, 26.2.17: within 7.5e-8). */
export function normalTail(z: number): Ratio {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/** P(Z ≤ z) of the standard normal distribution. */
export const normalProbability = (z: number): Ratio => (z >= 0 ? 1 - normalTail(z) : normalTail(-z));

/** Its inverse, by bisection. */
export function normalQuantile(p: Ratio): number {
  let low = -40;
  let high = 40;
  for (let i = 0; i < 100; i += 1) {
    const middle = (low + high) / 2;
    if (normalProbability(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
