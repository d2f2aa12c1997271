import { defineServiceDetector, sharesOf, type ServiceView } from '../../../layers/core/service-detector.ts';
import { learnResidual, residualSizes, type PrincipalResidual } from '../multivariate/principal-residual.ts';

/**
 * As `pca-residual`, but to the row belong the means of each metric and of its size over the last half hour, so that it sees how
 * the rows before go with this one (dynamic PCA: Ku, Storer and Georgakis 1995, with means in place of lags): small shifts that
 * last, and unrest, which no single row shows.
 */
export const detector = defineServiceDetector<PrincipalResidual>({
  name: 'pca-residual-lately',
  summary: 'The last half hour was unlike any usual one.',
  fit: (healthy: readonly ServiceView[]) => learnResidual(healthy.map(extended)),
  score(model, view) {
    const parts = residualSizes(model, extended(view));
    const n = view.level.length;
    const metrics = Array.from(view.level, (_, j) => parts[j]! + parts[n + j]! + parts[2 * n + j]!);
    return { score: parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length), shares: sharesOf(metrics) };
  },
});

const extended = ({ level, lately }: ServiceView): number[] => [
  ...Array.from(level),
  ...Array.from(lately.level),
  ...Array.from(lately.size),
];
