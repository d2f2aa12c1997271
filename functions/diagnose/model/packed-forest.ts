import * as z from 'zod';
import { Forest, type Tree } from '../classify/forest.ts';

/**
 * A forest as it is shipped: numbers to four digits, and of every leaf only the labels that are in it, each as its number
 * and its share: `[3, 0.75, 7, 0.25]`.
 */
export const PackedForest = Forest.omit({ trees: true }).extend({
  trees: z.array(
    z.object({
      f: z.array(z.number().int()),
      t: z.array(z.number()),
      l: z.array(z.number().int()),
      s: z.array(z.array(z.number())),
    }),
  ),
});
export type PackedForest = z.infer<typeof PackedForest>;

export function pack({ trees, schema: _, ...rest }: Forest): Omit<PackedForest, 'schema'> {
  return {
    ...rest,
    trees: trees.map(({ feature, threshold, left, leaves }) => ({
      f: feature,
      t: threshold.map((value) => Number(value.toPrecision(4))),
      l: left,
      s: leaves.map((shares) => shares.flatMap((share, label) => (share > 0 ? [label, round(share)] : []))),
    })),
  };
}

export function unpack({ trees, ...rest }: PackedForest): Forest {
  return { ...rest, trees: trees.map((tree) => unpackTree(tree, rest.labels.length)) };
}

function unpackTree({ f, t, l, s }: PackedForest['trees'][number], labels: number): Tree {
  const leaves = s.map((pairs) => {
    const shares = new Array<number>(labels).fill(0);
    for (let i = 0; i < pairs.length; i += 2) shares[pairs[i] ?? 0] = pairs[i + 1] ?? 0;
    return shares;
  });
  return { feature: f, threshold: t, left: l, leaves };
}

const round = (share: number): number => Math.round(share * 1e3) / 1e3;
