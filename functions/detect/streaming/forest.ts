import { type CutTree, displacement, insert, massOf, removeAny, startCutTree } from './cut-tree.ts';
import { next, type Randomness } from '../../../layers/core/statistics/random.ts';

export interface ForestShape {
  readonly trees: number;
  /** Points a tree holds. */
  readonly sample: number;
  /** Consecutive values that make one point. */
  readonly shingle: number;
  /** Points over which a tree forgets. */
  readonly memory: number;
  readonly seed: number;
}

/** A robust random cut forest over one series (Guha et al. 2016). */
export interface Forest {
  readonly shape: ForestShape;
  readonly trees: readonly CutTree[];
  readonly random: Randomness;
  /** The latest values, oldest first. */
  readonly shingle: Float32Array;
  seen: number;
  /** Values are kept relative to the first: 32 bits are enough for what differs. */
  origin: number;
}

export function startForest(shape: ForestShape): Forest {
  return {
    shape,
    trees: Array.from({ length: shape.trees }, () => startCutTree(shape.shingle, shape.sample)),
    random: { word: shape.seed },
    shingle: new Float32Array(shape.shingle),
    seen: 0,
    origin: 0,
  };
}

/** The mean displacement, 0..1, that the shingle ending in `value` would cause; then the trees may take it in. */
export function displaced(forest: Forest, value: number): number {
  const { shingle, trees, shape } = forest;
  if (forest.seen++ === 0) forest.origin = value;
  shingle.copyWithin(0, 1);
  // 1e30: beyond it the sum of a box's sides would not fit 32 bits.
  shingle[shape.shingle - 1] = Math.min(1e30, Math.max(-1e30, value - forest.origin));
  if (forest.seen < shape.shingle) return 0;
  let sum = 0;
  for (const tree of trees) {
    sum += displacement(tree, shingle);
    learn(forest, tree);
  }
  return sum / trees.length;
}

/** Samples all points evenly up to `memory` of them, from then on later ones more (biased reservoir, Aggarwal 2006). */
function learn({ shape, random, shingle, seen }: Forest, tree: CutTree): void {
  if (massOf(tree) === shape.sample) {
    if (next(random) >= shape.sample / Math.min(seen, shape.memory)) return;
    removeAny(tree, random);
  }
  insert(tree, shingle, random);
}
