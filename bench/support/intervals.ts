import { quantile } from '../../layers/core/statistics/quantiles.ts';
import { seeded } from '../../layers/core/statistics/random.ts';

const RESAMPLES = 2000;

export const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The 95 % interval of a statistic over cases: percentile bootstrap (Efron 1979), seeded, so that the same cases give the same
 * interval.
 */
export function interval<Case>(
  cases: readonly Case[],
  statistic: (sample: readonly Case[]) => number,
  resamples = RESAMPLES,
): [low: number, high: number] {
  const random = seeded(1);
  const drawn = Array.from({ length: resamples }, () =>
    statistic(cases.map(() => cases[Math.floor(random() * cases.length)] as Case)),
  );
  return [quantile(drawn, 0.025), quantile(drawn, 0.975)];
}
