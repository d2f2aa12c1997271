import { defineServiceDetector, sharesOf, type ServiceView } from '../../../layers/core/service-detector.ts';
import { learnResidual, residualSizes, type PrincipalResidual } from '../multivariate/principal-residual.ts';

/**
 * What remains of a row after its projection on the principal components (Jackson and Mudholkar 1979): metrics that
 * usually move together no longer do. The residual of each metric is standardised by its own healthy spread and the mean
 * of their absolute values taken, so that one wild metric does not hide the others (the classical statistic squares).
 */
export const detector = defineServiceDetector<PrincipalResidual>({
  name: 'pca-residual',
  summary: 'Metrics that usually move together no longer do.',
  fit: (healthy: readonly ServiceView[]) => learnResidual(healthy.map(({ level }) => level)),
  score(model, { level }) {
    const parts = residualSizes(model, level);
    return { score: parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length), shares: sharesOf(parts) };
  },
});
