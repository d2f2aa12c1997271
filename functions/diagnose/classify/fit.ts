import { calibrated } from './calibrate.ts';
import { average, type Forest } from './forest.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { grow, GROWTH, type Cases, type Growth } from './train.ts';

/** A case with its name, so that it can be told from the others: values by feature, and what it turned out to be. */
export interface Labelled {
  readonly values: Readonly<Record<string, number | undefined>>;
  readonly label: string;
  /** Cases of one group are alike: no tree that is asked about one has seen another. Default: each is its own. */
  readonly group?: string;
}

/** Rows and label numbers in the order of `features` and `labels`. */
export function casesOf(cases: readonly Labelled[], features: readonly string[], labels: readonly string[]): Cases {
  return {
    rows: cases.map(({ values }) => Float64Array.from(features, (name) => values[name] ?? NaN)),
    labels: Int32Array.from(cases, ({ label }) => labels.indexOf(label)),
    count: labels.length,
  };
}

/**
 * Trains a classifier: trees on all cases, its sharpness on what trees say about cases they have not seen (five folds).
 *
 * @param knownFrom see `Forest`
 */
export function fit(
  cases: readonly Labelled[],
  features: readonly string[],
  { growth = GROWTH, knownFrom = 0 }: { growth?: Growth; knownFrom?: number } = {},
): Forest {
  if (cases.length === 0) throw new Error('supply at least one case to learn from, got none');
  const labels = [...new Set(cases.map(({ label }) => label))].sort();
  const all = casesOf(cases, features, labels);
  const seen = outOfFold(all, 5, growth, groupsOf(cases));
  return {
    schema: 1,
    features: [...features],
    labels,
    trees: grow(all, growth),
    sharpness: calibrated(seen, all.labels),
    knownFrom,
  };
}

/** Probabilities of every case by trees that were grown without its fold. Folds hold each label in proportion. */
export function outOfFold(
  cases: Cases,
  folds: number,
  growth: Growth = GROWTH,
  groups?: readonly string[],
): Float64Array[] {
  const fold = groups
    ? foldsOfGroups(groups, folds, growth.seed)
    : foldsOf(cases.labels, cases.count, folds, growth.seed);
  const found: Float64Array[] = cases.rows.map(() => new Float64Array(cases.count).fill(1 / cases.count));
  for (let out = 0; out < folds; out += 1) {
    const kept = [...cases.rows.keys()].filter((i) => fold[i] !== out);
    if (kept.length === 0 || kept.length === cases.rows.length) continue;
    const trees = grow(
      {
        rows: kept.flatMap((i) => cases.rows[i] ?? []),
        labels: Int32Array.from(kept, (i) => cases.labels[i] ?? 0),
        count: cases.count,
      },
      { ...growth, seed: growth.seed + out },
    );
    cases.rows.forEach((row, i) => {
      if (fold[i] === out) found[i] = average(trees, row, cases.count);
    });
  }
  return found;
}

/** Undefined where every case is its own group. */
export const groupsOf = (cases: readonly Labelled[]): string[] | undefined =>
  cases.some(({ group }) => group !== undefined) ? cases.map(({ group }, i) => group ?? `case ${i}`) : undefined;

/** A fold for every case, the same for all of a group. */
export function foldsOfGroups(groups: readonly string[], folds: number, seed: number): Int32Array {
  const random = seeded(seed);
  const names = [...new Set(groups)];
  for (let i = names.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [names[i], names[j]] = [names[j] ?? '', names[i] ?? ''];
  }
  const fold = new Map(names.map((name, at) => [name, at % folds]));
  return Int32Array.from(groups, (name) => fold.get(name) ?? 0);
}

/** A fold for every case: shuffled within each label, then dealt out. */
export function foldsOf(labels: Int32Array, count: number, folds: number, seed: number): Int32Array {
  const random = seeded(seed);
  const fold = new Int32Array(labels.length);
  let dealt = 0;
  for (let label = 0; label < count; label += 1) {
    const members = [...labels.keys()].filter((i) => labels[i] === label);
    for (let i = members.length - 1; i > 0; i -= 1) {
      const j = Math.floor(random() * (i + 1));
      [members[i], members[j]] = [members[j] ?? 0, members[i] ?? 0];
    }
    for (const member of members) fold[member] = dealt++ % folds;
  }
  return fold;
}
