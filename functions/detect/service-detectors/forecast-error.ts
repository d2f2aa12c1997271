import { defineServiceDetector, sharesOf, type ServiceView } from '../../../layers/core/service-detector.ts';
import { rootMeanSquares } from '../multivariate/spread.ts';

interface Model {
  /** Standard deviation of each metric's innovation while healthy. */
  readonly scales: readonly number[];
}

/**
 * Mean absolute standardised error of the one-step forecast: a change that the service's own recent past does not
 * explain, in many metrics a little or in few a lot. The absolute value, not the square, keeps one wild metric from
 * hiding what the others say (the residual of a linear autoregression as the baseline to beat: Sarfraz et al. 2024).
 */
export const detector = defineServiceDetector<Model>({
  name: 'forecast-error',
  summary: 'The metrics move in a way that their last minutes did not foretell.',
  fit: (healthy: readonly ServiceView[]) => ({ scales: rootMeanSquares(healthy.map(({ innovation }) => innovation)) }),
  score({ scales }, { innovation }) {
    const parts = scales.map((scale, j) => Math.abs(innovation[j]! / scale));
    return { score: parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length), shares: sharesOf(parts) };
  },
});
