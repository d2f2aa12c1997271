import { defineServiceDetector, sharesOf, type ServiceView } from '../../../layers/core/service-detector.ts';
import { emptyMoments, withRow } from '../../../layers/core/statistics/moments.ts';
import { eigenSymmetric } from '../../../layers/core/statistics/linear-algebra.ts';
import { rootMeanSquares } from './forecast-error.ts';

interface Model {
  readonly centre: readonly number[];
  /** The directions in which the metrics usually move together, each of length one. */
  readonly components: readonly (readonly number[])[];
  /** Standard deviation of what remains of each metric while healthy. */
  readonly scales: readonly number[];
}

/** The components kept carry at least this share of the variance: the common load of the service, not its details. */
const EXPLAINED = 0.5;

/**
 * What remains of a row after its projection on the principal components (Jackson and Mudholkar 1979): metrics that
 * usually move together no longer do. The residual of each metric is standardised by its own healthy spread and the mean
 * of their absolute values taken, so that one wild metric does not hide the others (the classical statistic squares).
 */
export const detector = defineServiceDetector<Model>({
  name: 'pca-residual',
  summary: 'Metrics that usually move together no longer do.',
  fit(healthy: readonly ServiceView[]) {
    const moments = emptyMoments(healthy[0]?.level.length ?? 0);
    for (const { level } of healthy) withRow(moments, level);
    const { mean, covariance } = moments;
    const { values, vectors } = eigenSymmetric(covariance, mean.length);
    const components = vectors.slice(0, kept(values));
    const unscaled = { centre: [...mean], components };
    return { ...unscaled, scales: rootMeanSquares(healthy.map(({ level }) => residual(unscaled, level))) };
  },
  score(model, { level }) {
    const parts = residual(model, level).map((rest, j) => Math.abs(rest / model.scales[j]!));
    return { score: parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length), shares: sharesOf(parts) };
  },
});

function kept(values: readonly number[]): number {
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let explained = 0;
  const enough = values.findIndex((value) => (explained += Math.max(0, value)) >= EXPLAINED * total);
  return total > 0 ? enough + 1 : 0;
}

function residual({ centre, components }: Pick<Model, 'centre' | 'components'>, level: ArrayLike<number>): number[] {
  const rest = centre.map((mean, j) => level[j]! - mean);
  for (const component of components) {
    const along = component.reduce((sum, weight, j) => sum + weight * rest[j]!, 0);
    for (let j = 0; j < rest.length; j += 1) rest[j]! -= along * component[j]!;
  }
  return rest;
}
