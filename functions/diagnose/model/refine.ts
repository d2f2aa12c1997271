import * as z from 'zod';
import { Fault } from '../../../layers/core/taxonomy.ts';
import { leafAt, rowOf, type Forest, type Tree } from '../classify/forest.ts';

/** An incident of the account's own whose fault is known. */
export const OwnCase = z.object({
  incidentId: z.string(),
  fault: Fault,
  /** 1 where it is known, less where it is only likely. */
  weight: z.number().positive().max(1),
  /** By feature; what is missing was not known. */
  values: z.record(z.string(), z.number()),
});
export type OwnCase = z.infer<typeof OwnCase>;

/** What an account adds to the shipped model: small, and it fits the shipped model of any release. */
export const OwnCases = z.object({
  schema: z.literal(1),
  /** As many of the account's incidents in one leaf count as much as all that the shipped model learned there. */
  shippedCounts: z.number().positive(),
  cases: z.array(OwnCase),
});
export type OwnCases = z.infer<typeof OwnCases>;

/**
 * The shipped model with what the account knows: its trees stay, and each leaf's shares become those of the shipped model and
 * of the account's incidents that fall into it together. A leaf is a Dirichlet prior of weight `shippedCounts` around the
 * shipped shares, and the incidents are counts: the mean of the posterior (m-estimate, Cestnik 1990, "Estimating probabilities:
 * a crucial task in machine learning"). Keeping what a forest knows of one domain and learning its leaves again from few cases
 * of another is Segev et al. 2017, "Learn on source, refine on target". A case changes only what looks like it.
 */
export function refined(forest: Forest, { shippedCounts, cases }: OwnCases): Forest {
  const own = new Set<string>(cases.map(({ fault }) => fault));
  const labels = [...forest.labels, ...[...own].filter((label) => !forest.labels.includes(label)).sort()];
  const counted = cases.map(({ fault, weight, values }) => ({
    row: rowOf(forest, values),
    label: labels.indexOf(fault),
    weight,
  }));
  return { ...forest, labels, trees: forest.trees.map((tree) => refinedTree(tree, counted, labels, shippedCounts)) };
}

interface Counted {
  readonly row: Float64Array;
  readonly label: number;
  readonly weight: number;
}

const sumOf = (cases: readonly Counted[]): number => cases.reduce((sum, { weight }) => sum + weight, 0);

function refinedTree(tree: Tree, cases: readonly Counted[], labels: readonly string[], shippedCounts: number): Tree {
  const here = Map.groupBy(cases, ({ row }) => leafAt(tree, row));
  const leaves = tree.leaves.map((shares, leaf) => {
    const own = here.get(leaf) ?? [];
    if (own.length === 0 && shares.length === labels.length) return shares;
    const total = shippedCounts + sumOf(own);
    return labels.map((_, label) => {
      const count = sumOf(own.filter((one) => one.label === label));
      return (shippedCounts * (shares[label] ?? 0) + count) / total;
    });
  });
  return { ...tree, leaves };
}
