import type { Tree } from './forest.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';

/** Cases to learn from: `rows[i]` holds the values of case `i`, NaN where missing; `labels[i]` is the index of its label. */
export interface Cases {
  readonly rows: readonly Float64Array[];
  readonly labels: Int32Array;
  /** How many labels there are. */
  readonly count: number;
}

export interface Growth {
  readonly trees: number;
  /** Share of the features that every split looks at. */
  readonly tried: number;
  /** Cases that a leaf holds at least. */
  readonly leaf: number;
  readonly seed: number;
}

/** Two hundred trees: more change no answer. Four tenths of the features: between the square root and all, where rare events are found and trees still differ. */
export const GROWTH: Growth = { trees: 200, tried: 0.4, leaf: 1, seed: 1 };

/** Missing values take the left branch: they count as lower than any. */
const LOWEST = -Number.MAX_VALUE;

/**
 * Extremely randomised trees (Geurts, Ernst, Wehenkel 2006): every split tries random features, each at one random threshold,
 * and keeps the one that lowers the Gini impurity most. No bootstrap: each tree sees all cases. Labels weigh the same however
 * rare they are only if `weights` says so. The same seed grows the same trees.
 */
export function grow(cases: Cases, growth: Growth = GROWTH, weights?: Float64Array): Tree[] {
  const random = seeded(growth.seed);
  const columns = columnsOf(cases.rows);
  const weight = weights ?? new Float64Array(cases.rows.length).fill(1);
  return Array.from({ length: growth.trees }, () => growTree({ cases, columns, weight, growth, random }));
}

/** Values by feature, so that a split reads one array. */
function columnsOf(rows: readonly Float64Array[]): Float64Array[] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, feature) =>
    Float64Array.from(rows, (row) => (Number.isFinite(row[feature]) ? (row[feature] ?? LOWEST) : LOWEST)),
  );
}

interface Ground {
  readonly cases: Cases;
  readonly columns: readonly Float64Array[];
  readonly weight: Float64Array;
  readonly growth: Growth;
  readonly random: () => number;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly impurity: number;
}

function growTree(ground: Ground): Tree {
  const { cases, columns } = ground;
  const tree: Tree = { feature: [0], threshold: [0], left: [0], leaves: [] };
  const open: { at: number; members: Int32Array }[] = [{ at: 0, members: Int32Array.from(cases.rows.keys()) }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, members } = next;
    const split = isPure(members, cases.labels) ? undefined : bestSplit(ground, members);
    if (!split) {
      tree.feature[at] = -1;
      tree.left[at] = tree.leaves.push(shares(ground, members)) - 1;
      continue;
    }
    const column = columns[split.feature];
    const goesRight = (member: number) => (column?.[member] ?? LOWEST) > split.threshold;
    const left = tree.feature.length;
    tree.feature[at] = split.feature;
    tree.threshold[at] = split.threshold;
    tree.left[at] = left;
    for (const child of [left, left + 1]) {
      tree.feature[child] = -1;
      tree.threshold[child] = 0;
      tree.left[child] = 0;
    }
    open.push({ at: left, members: members.filter((member) => !goesRight(member)) });
    open.push({ at: left + 1, members: members.filter(goesRight) });
  }
  return tree;
}

function isPure(members: Int32Array, labels: Int32Array): boolean {
  const first = labels[members[0] ?? 0];
  return members.every((member) => labels[member] === first);
}

/** The best of as many features that vary as are to be tried; undefined where none varies or a side would be too small. */
function bestSplit({ cases, columns, weight, growth, random }: Ground, members: Int32Array): Split | undefined {
  const order = Int32Array.from(columns.keys());
  const wanted = Math.max(1, Math.round(growth.tried * columns.length));
  let best: Split | undefined;
  let tried = 0;
  for (let i = 0; i < order.length && tried < wanted; i += 1) {
    const swap = i + Math.floor(random() * (order.length - i));
    const feature = order[swap] ?? 0;
    order[swap] = order[i] ?? 0;
    const column = columns[feature];
    if (!column) continue;
    const threshold = randomThreshold(column, members, random);
    if (threshold === undefined) continue;
    tried += 1;
    const impurity = impurityOf(column, threshold, members, cases, weight, growth.leaf);
    if (impurity !== undefined && (!best || impurity < best.impurity)) best = { feature, threshold, impurity };
  }
  return best;
}

/** Uniform between the least and the greatest value; where some are missing, half the time between missing and not. */
function randomThreshold(column: Float64Array, members: Int32Array, random: () => number): number | undefined {
  let low = Infinity;
  let high = -Infinity;
  let isMissing = false;
  for (const member of members) {
    const value = column[member] ?? LOWEST;
    if (value === LOWEST) {
      isMissing = true;
      continue;
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (high === -Infinity || (low === high && !isMissing)) return undefined;
  if (isMissing && (low === high || random() < 0.5)) return low - Math.max(1, Math.abs(low)) * 1e-6;
  return low + random() * (high - low) * (1 - 1e-9);
}

/** Weighted Gini impurity of both sides; undefined where a side has too few cases. */
function impurityOf(
  column: Float64Array,
  threshold: number,
  members: Int32Array,
  { labels, count }: Cases,
  weight: Float64Array,
  least: number,
): number | undefined {
  const sums = new Float64Array(2 * count);
  let right = 0;
  for (const member of members) {
    const side = (column[member] ?? LOWEST) > threshold ? 1 : 0;
    right += side;
    const at = side * count + (labels[member] ?? 0);
    sums[at] = (sums[at] ?? 0) + (weight[member] ?? 1);
  }
  if (right < least || members.length - right < least) return undefined;
  return gini(sums, 0, count) + gini(sums, count, 2 * count);
}

/** Sum of weights times Gini impurity. */
function gini(sums: Float64Array, from: number, to: number): number {
  let total = 0;
  let squares = 0;
  for (let i = from; i < to; i += 1) {
    total += sums[i] ?? 0;
    squares += (sums[i] ?? 0) ** 2;
  }
  return total === 0 ? 0 : total - squares / total;
}

/** Label shares of a leaf, to four digits: what is stored should be small. */
function shares({ cases, weight }: Ground, members: Int32Array): number[] {
  const sums = new Float64Array(cases.count);
  for (const member of members) {
    const label = cases.labels[member] ?? 0;
    sums[label] = (sums[label] ?? 0) + (weight[member] ?? 1);
  }
  const total = sums.reduce((sum, value) => sum + value, 0);
  return Array.from(sums, (value) => Math.round((value / total) * 1e4) / 1e4);
}
