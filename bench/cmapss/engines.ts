import { join } from 'node:path';
import { featureRows } from '../../functions/detect/failure/features.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { readNumbers } from '../support/public-set.ts';

export const HORIZON = 30;
export const FOLDS = 5;
/** The fold of engines of the test file. */
export const TEST = FOLDS;
export const SEED = 1;

export interface Engine {
  /** Settings and sensors, a row a cycle. */
  readonly rows: readonly Float64Array[];
  readonly features: readonly Float64Array[];
  readonly fold: number;
  /** Cycles it went on for after its last row. */
  readonly left: number;
  /** The last cycle that is seen of it when it is tested, counted from 0. */
  readonly cut: number;
}

/** Nothing without the training file. */
export function readEngines(folder: string): Engine[] {
  const [train, test, truth] = ['train_FD001.txt', 'test_FD001.txt', 'RUL_FD001.txt'].map((file) =>
    readNumbers(join(folder, file)),
  );
  if (!train) return [];
  const random = seeded(SEED);
  const learned = unitsOf(train);
  const places = new Map(
    learned
      .map((_, i) => ({ i, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ i }, place) => [i, place]),
  );
  const folded = learned.map((rows, i) => engineOf(rows, places.get(i)! % FOLDS, 0, random));
  if (!test || !truth) return folded;
  const left = truth.map(([cycles]) => cycles!);
  const tested = unitsOf(test).map((rows, i) => engineOf(rows, TEST, left[i]!, () => 1 - Number.EPSILON));
  return [...folded, ...tested];
}

const engineOf = (rows: Float64Array[], fold: number, left: number, random: () => number): Engine => ({
  rows,
  features: featureRows(rows),
  fold,
  left,
  cut: Math.floor(random() * rows.length),
});

/** The rows of each unit, without its number and the count of cycles. */
function unitsOf(table: readonly Float64Array[]): Float64Array[][] {
  const units = Map.groupBy(table, ([unit]) => unit);
  return [...units.values()].map((rows) => rows.map((row) => row.slice(2)));
}
