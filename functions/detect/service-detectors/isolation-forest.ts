import { defineServiceDetector, sharesOf, type ServiceView } from '../../../layers/core/service-detector.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { averagePath, growTree, pathLength, type IsolationTree } from '../multivariate/isolation-tree.ts';
import { rootMeanSquares } from '../multivariate/spread.ts';

interface Model {
  readonly scales: readonly number[];
  readonly trees: readonly IsolationTree[];
  /** Rows each tree was grown on. */
  readonly sample: number;
}

/** As in the paper: more of either changes little. */
const TREES = 100;
const SAMPLE = 256;

/**
 * Isolation forest (Liu, Ting and Zhou 2008): rows that a few random cuts part from all others are anomalous. It is grown
 * on the size of the forecast errors, not on the levels: there each healthy row lies near 0, whatever the load, so that
 * what a cut isolates is what the service's own recent past does not explain.
 */
export const detector = defineServiceDetector<Model>({
  name: 'isolation-forest',
  summary: 'The forecast errors of the metrics lie apart, together, from all healthy ones.',
  fit(healthy: readonly ServiceView[], seed: number) {
    const scales = rootMeanSquares(healthy.map(({ innovation }) => innovation));
    const random = seeded(seed);
    const sample = Math.min(SAMPLE, healthy.length);
    const draw = () => {
      const rows = distinct(healthy.length, sample, random).map((i) => sizes(scales, healthy[i]!));
      return growTree(rows, random);
    };
    return { scales, sample, trees: Array.from({ length: TREES }, draw) };
  },
  score({ scales, trees, sample }, view) {
    const row = sizes(scales, view);
    const shares = new Float64Array(row.length);
    const deepest = Math.ceil(Math.log2(Math.max(2, sample)));
    const paths = trees.reduce((sum, tree) => sum + pathLength(tree, row, shares, deepest), 0);
    const usual = Math.max(1, averagePath(sample));
    return { score: 2 ** (-paths / Math.max(1, trees.length) / usual), shares: sharesOf([...shares]) };
  },
});

function sizes(scales: readonly number[], { innovation }: ServiceView): Float64Array {
  return Float64Array.from(scales, (scale, j) => Math.abs(innovation[j]! / scale));
}

/** `count` different indices below `of` (Floyd's algorithm, Bentley 1987). */
function distinct(of: number, count: number, random: () => number): number[] {
  const chosen = new Set<number>();
  for (let j = of - count; j < of; j += 1) {
    const i = Math.floor(random() * (j + 1));
    chosen.add(chosen.has(i) ? j : i);
  }
  return [...chosen];
}
