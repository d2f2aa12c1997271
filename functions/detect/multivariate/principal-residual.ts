/** What remains of rows after their projection on the principal components (Jackson and Mudholkar 1979). */
import { emptyMoments, withRow } from '../../../layers/core/statistics/moments.ts';
import { eigenSymmetric } from '../../../layers/core/statistics/linear-algebra.ts';
import { rootMeanSquares } from './spread.ts';

/** Plain JSON. */
export interface PrincipalResidual {
  readonly centre: readonly number[];
  /** The directions in which the columns usually move together, each of length one. */
  readonly components: readonly (readonly number[])[];
  /** Standard deviation of what remains of each column while healthy. */
  readonly scales: readonly number[];
}

/** The components kept carry at least this share of the variance: the common load of the service, not its details. */
const EXPLAINED = 0.5;

/** @param healthy rows of numbers, at least one */
export function learnResidual(healthy: readonly ArrayLike<number>[]): PrincipalResidual {
  const moments = emptyMoments(healthy[0]?.length ?? 0);
  for (const row of healthy) withRow(moments, row);
  const { mean, covariance } = moments;
  const { values, vectors } = eigenSymmetric(covariance, mean.length);
  const unscaled = { centre: [...mean], components: vectors.slice(0, kept(values)) };
  return { ...unscaled, scales: rootMeanSquares(healthy.map((row) => residual(unscaled, row))) };
}

/** What remains of each column, in units of its own healthy spread, without its sign. */
export const residualSizes = (model: PrincipalResidual, row: ArrayLike<number>): number[] =>
  residual(model, row).map((rest, j) => Math.abs(rest / model.scales[j]!));

function kept(values: readonly number[]): number {
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let explained = 0;
  const enough = values.findIndex((value) => (explained += Math.max(0, value)) >= EXPLAINED * total);
  return total > 0 ? enough + 1 : 0;
}

function residual({ centre, components }: Omit<PrincipalResidual, 'scales'>, row: ArrayLike<number>): number[] {
  const rest = centre.map((mean, j) => row[j]! - mean);
  for (const component of components) {
    const along = component.reduce((sum, weight, j) => sum + weight * rest[j]!, 0);
    for (let j = 0; j < rest.length; j += 1) rest[j]! -= along * component[j]!;
  }
  return rest;
}
