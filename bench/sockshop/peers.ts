/**
 * BARO and n-sigma as their papers and RCAEval's protocol have them: columns constant in either half are dropped, memory is
 * in megabytes, the score of a metric is the largest signed standardised value after the onset.
 */
import type { Measured } from '../../functions/diagnose/ranking/input.ts';
import { quantileOf, sortedFinite } from '../../layers/core/statistics/quantiles.ts';

export type Scorer = (before: Float64Array, after: Float64Array) => number;

/** BARO's robust scorer: median and interquartile range (Pham et al., FSE 2024). A range of 0 counts as 1. */
export const baro: Scorer = (before, after) => {
  const ascending = sortedFinite(before);
  const range = quantileOf(ascending, 0.75) - quantileOf(ascending, 0.25);
  return (Math.max(...after) - quantileOf(ascending, 0.5)) / (range || 1);
};

/** N-sigma: mean and standard deviation (as in RCAEval, Pham et al. 2024). */
export const nSigma: Scorer = (before, after) => {
  const mean = before.reduce((sum, value) => sum + value, 0) / before.length;
  const variance = before.reduce((sum, value) => sum + (value - mean) ** 2, 0) / before.length;
  return (Math.max(...after) - mean) / (Math.sqrt(variance) || 1);
};

/** Services by the largest score of their metrics. */
export function rankBy(scorer: Scorer, measured: readonly Measured[], onset: number): readonly string[] {
  const best = new Map<string, number>();
  for (const { node, kind, times, values } of measured) {
    const scaled = kind === 'memory' ? values.map((value) => value / 1e6) : values;
    const before = scaled.filter((_, i) => (times[i] ?? NaN) < onset);
    const after = scaled.filter((_, i) => (times[i] ?? NaN) >= onset);
    if (isConstant(before) || isConstant(after)) continue;
    best.set(node, Math.max(best.get(node) ?? -Infinity, scorer(before, after)));
  }
  return [...best].sort(([, a], [, b]) => b - a).map(([node]) => node);
}

const isConstant = (values: Float64Array): boolean => values.every((value) => value === values[0]);
