/** The Beta distribution, and Student's t, which follows from it. */
import type { Posterior } from '../posterior.ts';
import type { Ratio } from '../units.ts';
import { logGamma } from './gamma.ts';

/**
 * P(X ≤ x) of a Beta distribution: the regularised incomplete beta function, by its continued fraction (Press et al. 2007,
 * "Numerical Recipes", §6.4), whose side is chosen where it converges. Both parameters from 0.5 on.
 */
export function betaProbability(x: Ratio, { alpha, beta }: Posterior): Ratio {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    logGamma(alpha + beta) - logGamma(alpha) - logGamma(beta) + alpha * Math.log(x) + beta * Math.log1p(-x),
  );
  return x < (alpha + 1) / (alpha + beta + 2)
    ? (front * fraction(x, alpha, beta)) / alpha
    : 1 - (front * fraction(1 - x, beta, alpha)) / beta;
}

const TERMS = 1000;
const TINY = 1e-300;

/** Lentz's method, 1976. */
function fraction(x: Ratio, a: number, b: number): number {
  const kept = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const term of [even, odd]) {
      d = 1 / kept(1 + term * d);
      c = kept(1 + term / c);
      step = d * c;
      value *= step;
    }
    if (Math.abs(step - 1) < 1e-14) break;
  }
  return value;
}

/** The x with P(X ≤ x) = p, by bisection. */
export function betaQuantile(p: Ratio, posterior: Posterior): Ratio {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (betaProbability(middle, posterior) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The t with P(T ≤ t) = p of Student's t distribution, for p over one half. */
export function studentQuantile(p: Ratio, freedom: number): number {
  const x = betaQuantile(2 * (1 - p), { alpha: freedom / 2, beta: 0.5 });
  return Math.sqrt((freedom * (1 - x)) / x);
}
