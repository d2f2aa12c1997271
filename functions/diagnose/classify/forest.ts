import * as z from 'zod';
import type { Ratio } from '../../../layers/core/units.ts';

/**
 * One decision tree in parallel arrays. At node `i`: `feature[i]` ≥ 0 is an inner node, whose next node is `left[i]` where the
 * feature's value is at most `threshold[i]` or missing, else `left[i] + 1`. `feature[i]` = -1 is a leaf: `left[i]` is its row
 * in `leaves`, one probability a label.
 */
export const Tree = z.object({
  feature: z.array(z.number().int()),
  threshold: z.array(z.number()),
  left: z.array(z.number().int()),
  leaves: z.array(z.array(z.number())),
});
export type Tree = z.infer<typeof Tree>;

/** A trained classifier as it is stored and shipped. */
export const Forest = z.object({
  schema: z.literal(1),
  /** Names of the values that `probabilities` takes, in order. */
  features: z.array(z.string()).min(1),
  labels: z.array(z.string()).min(1),
  trees: z.array(Tree).min(1),
  /** Exponent of every probability: 1 leaves them as the trees have them, less evens them out. See `calibrate.ts`. */
  sharpness: z.number().positive(),
  /** Where the best label is less probable than this, the answer is `unknown`. */
  knownFrom: z.number().min(0).max(1),
});
export type Forest = z.infer<typeof Forest>;

export const UNKNOWN = 'unknown';

/** Every label with its probability, most probable first; ties in the order of the labels. */
export interface Verdict {
  /** A label, or `unknown`. */
  readonly label: string;
  readonly probabilities: readonly { readonly label: string; readonly probability: Ratio }[];
}

/** Values of one case by feature name: what is not there or not finite is missing. */
export function classify(forest: Forest, values: Readonly<Record<string, number | undefined>>): Verdict {
  const row = rowOf(forest, values);
  const probabilities = sharpen(average(forest.trees, row, forest.labels.length), forest.sharpness);
  const ranked = forest.labels
    .map((label, i) => ({ label, probability: probabilities[i] ?? 0 }))
    .sort((a, b) => b.probability - a.probability);
  const [best] = ranked;
  return { label: best && best.probability >= forest.knownFrom ? best.label : UNKNOWN, probabilities: ranked };
}

/** Values in the order of the forest's features, NaN where missing. */
export const rowOf = (
  { features }: Pick<Forest, 'features'>,
  values: Readonly<Record<string, number | undefined>>,
): Float64Array => Float64Array.from(features, (name) => values[name] ?? NaN);

/** Mean of the trees' leaves. */
export function average(trees: readonly Tree[], row: Float64Array, labels: number): Float64Array {
  const sum = new Float64Array(labels);
  for (const tree of trees) {
    const leaf = leafOf(tree, row);
    for (let i = 0; i < labels; i += 1) sum[i] = (sum[i] ?? 0) + (leaf[i] ?? 0) / trees.length;
  }
  return sum;
}

const leafOf = (tree: Tree, row: Float64Array): readonly number[] => tree.leaves[leafAt(tree, row)] ?? [];

/** Which of a tree's leaves a row of values falls into. */
export function leafAt({ feature, threshold, left }: Tree, row: Float64Array): number {
  let at = 0;
  while ((feature[at] ?? -1) >= 0) {
    const isRight = (row[feature[at] ?? 0] ?? NaN) > (threshold[at] ?? 0);
    at = (left[at] ?? 0) + (isRight ? 1 : 0);
  }
  return left[at] ?? 0;
}

/** Every probability to the power of `exponent`, then scaled to a sum of 1. */
export function sharpen(probabilities: Float64Array, exponent: number): Float64Array {
  const powers = probabilities.map((probability) => Math.max(probability, 1e-6) ** exponent);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
