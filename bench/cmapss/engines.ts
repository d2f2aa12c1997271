import { join } from 'node:path';
import { featureRows } from '../../functions/detect/failure/features.ts';
import { seeded, type Random } from '../../layers/core/statistics/random.ts';
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

/**
 * Engines of the training file, in folds; those of the test file, whose remaining life the truth tells, with them. Where there is
 * no training file those of the test file are in folds. Nothing where neither can be judged.
 */
export function readEngines(folder: string): Engine[] {
  const [train, test, truth] = ['train_FD001.txt', 'test_FD001.txt', 'RUL_FD001.txt'].map((file) =>
    readNumbers(join(folder, file)),
  );
  const random = seeded(SEED);
  const learned = unitsOf(train ?? []);
  const folds = foldsOf(learned.length, random);
  const folded = learned.map(({ rows }, i) => engineOf(rows, folds[i]!, 0, Math.floor(random() * rows.length)));
  if (!test || !truth) return folded;
  const tested = unitsOf(test);
  // A part of the engines comes with its part of the truth, or with the whole of it.
  const left = tested.map(({ unit }, i) => truth[truth.length === tested.length ? i : unit - 1]?.[0]);
  const places = train ? tested.map(() => TEST) : foldsOf(tested.length, random);
  return [
    ...folded,
    ...tested.flatMap(({ rows }, i) =>
      left[i] === undefined ? [] : engineOf(rows, places[i]!, left[i], rows.length - 1),
    ),
  ];
}

/** Folds of one size, drawn at random. */
function foldsOf(count: number, random: Random): number[] {
  const drawn = Array.from({ length: count }, (_, i) => ({ i, key: random() })).sort((a, b) => a.key - b.key);
  const places = new Map(drawn.map(({ i }, place) => [i, place % FOLDS]));
  return Array.from({ length: count }, (_, i) => places.get(i)!);
}

const engineOf = (rows: Float64Array[], fold: number, left: number, cut: number): Engine => ({
  rows,
  features: featureRows(rows),
  fold,
  left,
  cut,
});

/** The rows of each unit, without its number and the count of cycles. */
function unitsOf(table: readonly Float64Array[]): { unit: number; rows: Float64Array[] }[] {
  const units = Map.groupBy(table, ([unit]) => unit!);
  return [...units].map(([unit, rows]) => ({ unit, rows: rows.map((row) => row.slice(2)) }));
}
