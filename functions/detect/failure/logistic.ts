/** Logistic regression. */
import { solvePositive } from '../../../layers/core/statistics/linear-algebra.ts';
import type { Ratio } from '../../../layers/core/units.ts';

/** Plain JSON. */
export interface Logistic {
  readonly means: readonly number[];
  readonly scales: readonly number[];
  readonly intercept: number;
  /** Of the standardised features. */
  readonly weights: readonly number[];
}

/** A row to learn from: finite features, whether it failed, and how much it counts. */
export interface Example {
  readonly features: ArrayLike<number>;
  readonly failed: boolean;
  readonly weight: number;
}

const STEPS = 30;

export const sigmoid = (logit: number): Ratio => 1 / (1 + Math.exp(-logit));

/**
 * Fitted by Newton's method (iteratively reweighted least squares, McCullagh and Nelder 1989), with a ridge on the weights
 * (le Cessie and van Houwelingen 1992) so that features that say the same share the weight and separable examples have an end.
 * @param ridge penalty in examples: weights are drawn to 0 as by this many. @param examples at least one
 */
export function learnLogistic(examples: readonly Example[], ridge: number): Logistic {
  const { means, scales } = standards(examples);
  const n = means.length + 1;
  const rows = examples.map(({ features }) =>
    Float64Array.from({ length: n }, (_, j) => (j === 0 ? 1 : (features[j - 1]! - means[j - 1]!) / scales[j - 1]!)),
  );
  const beta = new Float64Array(n);
  for (let step = 0; step < STEPS; step += 1) {
    const { gradient, hessian } = derivatives(examples, rows, beta, ridge);
    const move = solvePositive(hessian, gradient, n, 1);
    const longest = move.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const damped = Math.min(1, 2 / longest);
    for (let j = 0; j < n; j += 1) beta[j]! += damped * move[j]!;
    if (longest < 1e-6) break;
  }
  return { means, scales, intercept: beta[0]!, weights: Array.from(beta.subarray(1)) };
}

function derivatives(examples: readonly Example[], rows: readonly Float64Array[], beta: Float64Array, ridge: number) {
  const n = beta.length;
  const gradient = Float64Array.from(beta, (value, j) => (j === 0 ? 0 : -ridge * value));
  const hessian = new Float64Array(n * n);
  for (let j = 0; j < n; j += 1) hessian[j * n + j] = j === 0 ? 1e-9 : ridge;
  rows.forEach((row, i) => {
    const { failed, weight } = examples[i]!;
    const p = sigmoid(row.reduce((sum, value, j) => sum + value * beta[j]!, 0));
    const error = weight * ((failed ? 1 : 0) - p);
    const curvature = weight * Math.max(p * (1 - p), 1e-9);
    for (let j = 0; j < n; j += 1) {
      gradient[j]! += error * row[j]!;
      const scaled = curvature * row[j]!;
      if (scaled !== 0) for (let k = 0; k <= j; k += 1) hessian[j * n + k]! += scaled * row[k]!;
    }
  });
  for (let j = 0; j < n; j += 1) for (let k = 0; k < j; k += 1) hessian[k * n + j] = hessian[j * n + k]!;
  return { gradient, hessian };
}

function standards(examples: readonly Example[]): { means: number[]; scales: number[] } {
  const all = examples.reduce((sum, { weight }) => sum + weight, 0);
  const columns = Array.from(examples[0]?.features ?? [], (_, j) => j);
  const means = columns.map((j) => examples.reduce((sum, one) => sum + one.weight * one.features[j]!, 0) / all);
  const variances = columns.map(
    (j) => examples.reduce((sum, one) => sum + one.weight * (one.features[j]! - means[j]!) ** 2, 0) / all,
  );
  return { means, scales: variances.map((variance) => (variance > 1e-24 ? Math.sqrt(variance) : 1)) };
}

export function logisticLogit({ means, scales, intercept, weights }: Logistic, features: ArrayLike<number>): number {
  return weights.reduce((sum, weight, j) => sum + weight * ((features[j]! - means[j]!) / scales[j]!), intercept);
}
