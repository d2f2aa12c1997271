/** Gradient-boosted trees for a probability. */
import { quantileOf, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';
import { sigmoid, type Example } from './logistic.ts';

/** A tree in preorder: the left child follows its parent. Plain JSON. */
export interface BoostedTree {
  /** Feature a node asks; -1 at a leaf. */
  readonly feature: number[];
  /** Up to this goes left. At a leaf, what it adds to the logit. */
  readonly value: number[];
  readonly right: number[];
}

/** Plain JSON. */
export interface Boosting {
  /** Logit before any tree: the share that fails. */
  readonly start: number;
  readonly trees: readonly BoostedTree[];
}

export interface BoostingSettings {
  readonly rounds: number;
  readonly rate: number;
  readonly depth: number;
  /** Least curvature (roughly, uncertain examples) on each side of a split, in examples of weight 1. */
  readonly leastWeight: number;
  /** L2 penalty on what a leaf adds. */
  readonly ridge: number;
}

const BINS = 64;

/**
 * Boosting with second-order steps and histograms (Friedman 2001; Chen and Guestrin 2016; bins as Ke et al. 2017).
 * Deterministic. @param examples at least one, features finite
 */
export function learnBoosting(examples: readonly Example[], settings: BoostingSettings): Boosting {
  const table = binned(examples);
  const failing = examples.reduce((sum, { failed, weight }) => sum + (failed ? weight : 0), 0);
  const all = examples.reduce((sum, { weight }) => sum + weight, 0);
  const start = Math.log((failing + 0.5) / (all - failing + 0.5));
  const logits = new Float64Array(examples.length).fill(start);
  const gradients = new Float64Array(examples.length);
  const curvatures = new Float64Array(examples.length);
  const trees = Array.from({ length: settings.rounds }, () => {
    examples.forEach(({ failed, weight }, i) => {
      const p = sigmoid(logits[i]!);
      gradients[i] = weight * ((failed ? 1 : 0) - p);
      curvatures[i] = weight * p * (1 - p);
    });
    const tree: BoostedTree = { feature: [], value: [], right: [] };
    const rows = Uint32Array.from(examples, (_, i) => i);
    grow({ tree, table, gradients, curvatures, logits, settings }, rows, settings.depth);
    return tree;
  });
  return { start, trees };
}

export function boostingLogit({ start, trees }: Boosting, features: ArrayLike<number>): number {
  return trees.reduce((sum, { feature, value, right }) => {
    let at = 0;
    for (let j = feature[0]!; j >= 0; j = feature[at]!) at = features[j]! <= value[at]! ? at + 1 : right[at]!;
    return sum + value[at]!;
  }, start);
}

interface Table {
  /** Ascending borders of each feature's bins: bin b holds what is over border b - 1 and not over border b. */
  readonly borders: readonly Float64Array[];
  /** Bin of each example, a column a feature. */
  readonly bins: readonly Uint8Array[];
}

function binned(examples: readonly Example[]): Table {
  const columns = Array.from(examples[0]?.features ?? [], (_, j) => examples.map(({ features }) => features[j]!));
  const borders = columns.map((column) => {
    const sorted = sortedFinite(column);
    const cuts = Array.from({ length: BINS - 1 }, (_, b) => quantileOf(sorted, (b + 1) / BINS));
    return Float64Array.from(new Set(cuts)).filter((cut) => cut < sorted.at(-1)!);
  });
  return { borders, bins: columns.map((column, j) => Uint8Array.from(column, (value) => binOf(borders[j]!, value))) };
}

function binOf(borders: Float64Array, value: number): number {
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > borders[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Growing {
  readonly tree: BoostedTree;
  readonly table: Table;
  readonly gradients: Float64Array;
  readonly curvatures: Float64Array;
  readonly logits: Float64Array;
  readonly settings: BoostingSettings;
}

function grow(growing: Growing, rows: Uint32Array, depth: number): void {
  const { tree, table, gradients, curvatures, logits, settings } = growing;
  const sum = (of: Float64Array) => rows.reduce((total, i) => total + of[i]!, 0);
  const [gradient, curvature] = [sum(gradients), sum(curvatures)];
  const split = depth > 0 ? bestSplit(growing, rows, gradient, curvature) : undefined;
  const at = tree.feature.length;
  const step = (settings.rate * gradient) / (curvature + settings.ridge);
  tree.feature.push(split?.feature ?? -1);
  tree.value.push(split ? table.borders[split.feature]![split.bin]! : Number(step.toPrecision(8)));
  tree.right.push(0);
  if (!split) return rows.forEach((i) => (logits[i]! += step));
  const bins = table.bins[split.feature]!;
  grow(
    growing,
    rows.filter((i) => bins[i]! <= split.bin),
    depth - 1,
  );
  tree.right[at] = tree.feature.length;
  grow(
    growing,
    rows.filter((i) => bins[i]! > split.bin),
    depth - 1,
  );
}

/** The split that lowers the loss most (Chen and Guestrin 2016, eq. 7); undefined where none lowers it. */
function bestSplit({ table, gradients, curvatures, settings }: Growing, rows: Uint32Array, g: number, h: number) {
  const { ridge, leastWeight } = settings;
  let best: { feature: number; bin: number; gain: number } | undefined;
  // Side by side in memory: every feature reads them once more.
  const pulls = Float64Array.from(rows, (i) => gradients[i]!);
  const doubts = Float64Array.from(rows, (i) => curvatures[i]!);
  const sums = new Float64Array(BINS);
  const weights = new Float64Array(BINS);
  table.bins.forEach((bins, feature) => {
    sums.fill(0);
    weights.fill(0);
    for (let r = 0; r < rows.length; r += 1) {
      const bin = bins[rows[r]!]!;
      sums[bin]! += pulls[r]!;
      weights[bin]! += doubts[r]!;
    }
    let left = 0;
    let leftWeight = 0;
    for (let bin = 0; bin < table.borders[feature]!.length; bin += 1) {
      left += sums[bin]!;
      leftWeight += weights[bin]!;
      if (leftWeight < leastWeight || h - leftWeight < leastWeight) continue;
      const gain = left ** 2 / (leftWeight + ridge) + (g - left) ** 2 / (h - leftWeight + ridge) - g ** 2 / (h + ridge);
      if (gain > (best?.gain ?? 1e-9)) best = { feature, bin, gain };
    }
  });
  return best;
}
