/** Mean and covariance of rows seen one at a time. Plain JSON; updated in place. */
export interface Moments {
  /** Weight of the rows seen. */
  count: number;
  readonly mean: number[];
  /** Row-major, of the population. */
  readonly covariance: number[];
}

export const emptyMoments = (metrics: number): Moments => ({
  count: 0,
  mean: Array<number>(metrics).fill(0),
  covariance: Array<number>(metrics * metrics).fill(0),
});

/**
 * Takes one more row in (Welford 1962, for covariances).
 * @param memory how many rows are remembered: older ones fade exponentially. Default: all, with equal weight.
 */
export function withRow(moments: Moments, row: ArrayLike<number>, memory = Number.POSITIVE_INFINITY): void {
  const { mean, covariance } = moments;
  const n = mean.length;
  moments.count = Math.min(moments.count + 1, memory);
  const weight = 1 / moments.count;
  const delta = mean.map((centre, j) => row[j]! - centre);
  for (let i = 0; i < n; i += 1) {
    mean[i]! += weight * delta[i]!;
    const gain = (1 - weight) * weight * delta[i]!;
    const keep = 1 - weight;
    for (let j = 0; j < n; j += 1) covariance[i * n + j] = keep * covariance[i * n + j]! + gain * delta[j]!;
  }
}
