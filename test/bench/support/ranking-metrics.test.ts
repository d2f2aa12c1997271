import { describe, expect, it } from 'vitest';
import { rankingMetrics } from '../../../bench/support/ranking-metrics.ts';

describe('ranking metrics', () => {
  it("agree with scikit-learn's documented example of average_precision_score", () => {
    const { aucPr, bestF1 } = rankingMetrics([false, false, true, true], [0.1, 0.4, 0.35, 0.8]);

    expect(aucPr).toBeCloseTo(0.8333, 4);
    expect(bestF1).toBeCloseTo(0.8, 12);
  });

  it('give a score that never varies the share of anomalous rows', () => {
    expect(rankingMetrics([true, false, false, false], [5, 5, 5, 5]).aucPr).toBe(0.25);
  });

  it('refuse to judge where nothing is anomalous', () => {
    expect(() => rankingMetrics([false], [1])).toThrow('at least one anomalous row');
  });
});
