/** One-step forecast of all metrics of a service from its last rows. */
import { solvePositive } from '../../../layers/core/statistics/linear-algebra.ts';

/** Plain JSON. */
export interface Forecast {
  readonly metrics: number;
  /** A row a lagged metric (lag by lag), a column a metric foretold; row-major. */
  readonly weights: readonly number[];
}

/** Rows ago: dense where memory is short, thin where it is long. */
const LAGS = [1, 2, 3, 5, 10] as const;
/** As a share of a metric's variance. Metrics of one service say nearly the same: without it their weights would be noise. */
const RIDGE = 0.1;

/** How many rows a forecast looks back. */
export const MEMORY = LAGS.at(-1) ?? 1;

/**
 * Vector autoregression fitted by ridge regression (Lütkepohl 2005, §3; Hoerl and Kennard 1970).
 * @param rows conditioned, oldest first, one a step
 */
export function learnForecast(rows: readonly ArrayLike<number>[]): Forecast {
  const metrics = rows[0]?.length ?? 0;
  const size = metrics * LAGS.length;
  const gram = new Float64Array(size * size);
  const target = new Float64Array(size * metrics);
  const lagged = new Float64Array(size);
  rows.forEach((row, t) => {
    fillLagged(lagged, (lag) => rows[Math.max(0, t - lag)]!, metrics);
    for (let i = 0; i < size; i += 1) {
      const value = lagged[i]!;
      for (let j = 0; j <= i; j += 1) gram[i * size + j]! += value * lagged[j]!;
      for (let j = 0; j < metrics; j += 1) target[i * metrics + j]! += value * row[j]!;
    }
  });
  for (let i = 0; i < size; i += 1) {
    gram[i * size + i]! += RIDGE * rows.length;
    for (let j = 0; j < i; j += 1) gram[j * size + i] = gram[i * size + j]!;
  }
  return { metrics, weights: Array.from(solvePositive(gram, target, size, metrics)) };
}

/**
 * What the rows before did not foretell of this one.
 * @param before the rows before it, oldest first; where there are too few, the oldest stands in; without any nothing is foretold
 */
export function innovationOf(
  { metrics, weights }: Forecast,
  before: readonly ArrayLike<number>[],
  row: ArrayLike<number>,
): Float64Array {
  const innovation = Float64Array.from(row);
  LAGS.forEach((lag, block) => {
    const past = before[Math.max(0, before.length - lag)];
    for (let i = 0; past && i < metrics; i += 1) {
      const value = past[i]!;
      const at = (block * metrics + i) * metrics;
      if (value !== 0) for (let j = 0; j < metrics; j += 1) innovation[j]! -= value * weights[at + j]!;
    }
  });
  return innovation;
}

function fillLagged(lagged: Float64Array, rowBefore: (lag: number) => ArrayLike<number>, metrics: number): void {
  LAGS.forEach((lag, block) => {
    const past = rowBefore(lag);
    for (let i = 0; i < metrics; i += 1) lagged[block * metrics + i] = past[i]!;
  });
}
