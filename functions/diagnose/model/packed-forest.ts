import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { Forest, type Tree } from '../classify/forest.ts';

/**
 * A tree with numbers to four digits, and of every leaf only the labels that are in it, each as its number and its share:
 * `[3, 0.75, 7, 0.25]`.
 */
const PackedTree = z.object({
  f: z.array(z.number().int()),
  t: z.array(z.number()),
  l: z.array(z.number().int()),
  s: z.array(z.array(z.number())),
});
type PackedTree = z.infer<typeof PackedTree>;

/** A forest as it is shipped: its trees packed, compressed, and in base64, for they are most of what Diagnose is made of. */
export const PackedForest = Forest.omit({ trees: true }).extend({ trees: z.string() });
export type PackedForest = z.infer<typeof PackedForest>;

export function pack({ trees, schema: _, ...rest }: Forest): Omit<PackedForest, 'schema'> {
  return { ...rest, trees: gzipSync(JSON.stringify(trees.map(packTree))).toString('base64') };
}

/** @throws ZodError, or an error of zlib, when the file is damaged */
export function unpack({ trees, ...rest }: PackedForest): Forest {
  const text = gunzipSync(Buffer.from(trees, 'base64')).toString();
  const packed = z.array(PackedTree).parse(JSON.parse(text));
  return { ...rest, trees: packed.map((tree) => unpackTree(tree, rest.labels.length)) };
}

const packTree = ({ feature, threshold, left, leaves }: Tree): PackedTree => ({
  f: feature,
  t: threshold.map((value) => Number(value.toPrecision(4))),
  l: left,
  s: leaves.map((shares) => shares.flatMap((share, label) => (share > 0 ? [label, round(share)] : []))),
});

function unpackTree({ f, t, l, s }: PackedTree, labels: number): Tree {
  const leaves = s.map((pairs) => {
    const shares = new Array<number>(labels).fill(0);
    for (let i = 0; i < pairs.length; i += 2) shares[pairs[i] ?? 0] = pairs[i + 1] ?? 0;
    return shares;
  });
  return { feature: f, threshold: t, left: l, leaves };
}

const round = (share: number): number => Math.round(share * 1e3) / 1e3;
