/**
 * Two of the methods that PetShop's authors measured (Hardt et al., CLeaR 2024, arXiv 2311.04806), re-stated from their code:
 * a metric is anomalous when it is more than five median absolute deviations from the median of normal operation at the
 * third row, or at the first anomalous one of the target from there on.
 */
import type { Edge, Measured } from '../../functions/diagnose/ranking/input.ts';
import { quantileOf, sortedFinite } from '../../layers/core/statistics/quantiles.ts';

export interface Question {
  /** The target's metric and statistic only, a series a node, with all its rows. */
  readonly measured: readonly Measured[];
  readonly edges: readonly Edge[];
  readonly target: string;
}

const THRESHOLD = 5;
const THIRD = 2;

/** Anomalous nodes by the p-value of their Pearson correlation with the target over the rows. */
export function rankedCorrelation({ measured, target }: Question): readonly string[] {
  const scores = anomalous(measured, target);
  const goal = measured.find(({ node }) => node === target);
  if (!goal) return [];
  return measured
    .filter(({ node }) => node !== target && scores.has(node))
    .map((series) => ({ node: series.node, p: pValue(series.values, goal.values) }))
    .filter(({ p }) => Number.isFinite(p))
    .sort((a, b) => a.p - b.p)
    .map(({ node }) => node);
}

/** Anomalous nodes without an anomalous callee, on an anomalous path from the target, by the sum of scores on that path. */
export function traversal({ measured, edges, target }: Question): readonly string[] {
  const scores = anomalous(measured, target);
  const callees = Map.groupBy(edges, ({ from }) => from);
  const best = new Map<string, number>();
  const walk = (node: string, path: readonly string[], sum: number): void => {
    const next = (callees.get(node) ?? []).map(({ to }) => to).filter((to) => scores.has(to) && !path.includes(to));
    if (next.length === 0 && path.length > 1) best.set(node, Math.max(best.get(node) ?? -Infinity, sum));
    for (const to of next) walk(to, [...path, to], sum + (scores.get(to) ?? 0));
  };
  if (scores.has(target)) walk(target, [target], scores.get(target) ?? 0);
  return [...best].sort(([, a], [, b]) => b - a).map(([node]) => node);
}

/** Scores of the anomalous nodes; none when the target is not. */
function anomalous(measured: readonly Measured[], target: string): ReadonlyMap<string, number> {
  const scores = new Map(measured.map((series) => [series.node, scoresOf(series)]));
  const goal = scores.get(target) ?? [];
  const row = goal.findIndex((score, i) => i >= THIRD && score > THRESHOLD);
  if (row < 0) return new Map();
  return new Map(
    [...scores].flatMap(([node, found]) => ((found[row] ?? 0) > THRESHOLD ? [[node, found[row] ?? 0]] : [])),
  );
}

function scoresOf({ values, reference }: Measured): readonly number[] {
  const normal = sortedFinite(reference ?? new Float64Array());
  if (normal.length < 10) return [...values].map(() => 0);
  const constant = normal[0] === normal.at(-1);
  const median = quantileOf(normal, 0.5);
  const spread = constant ? 1 : quantileOf(normal.map((value) => Math.abs(value - median)).sort(), 0.5) * 1.4826;
  return [...values].map((value) => {
    if (!Number.isFinite(value)) return 0;
    const off = Math.abs(value - median);
    if (constant) return off > 0 ? off + THRESHOLD : 0;
    return off === 0 ? 0 : off / spread;
  });
}

/** Two-sided p-value of Pearson's correlation over rows that both have; NaN with fewer than three. */
function pValue(x: Float64Array, y: Float64Array): number {
  const rows = [...x.keys()].filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]));
  const mean = (values: Float64Array) => rows.reduce((sum, i) => sum + (values[i] ?? 0), 0) / rows.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: Float64Array, b: Float64Array, ma: number, mb: number) =>
    rows.reduce((sum, i) => sum + ((a[i] ?? 0) - ma) * ((b[i] ?? 0) - mb), 0);
  const r = product(x, y, mx, my) / Math.sqrt(product(x, x, mx, mx) * product(y, y, my, my));
  if (rows.length === 2) return 1;
  return rows.length < 3 || !Number.isFinite(r) ? NaN : studentTail(Math.abs(r), rows.length);
}

/** P(|R| ≥ r) for uncorrelated normal values: the density of r is (1 - r²)^(n/2 - 2), integrated by the midpoint rule. */
function studentTail(r: number, n: number): number {
  const steps = 4000;
  let total = 0;
  let beyond = 0;
  for (let i = 0; i < steps; i += 1) {
    const angle = ((i + 0.5) / steps) * (Math.PI / 2);
    const density = Math.cos(angle) ** (n - 3); // with r = sin(angle), so that n = 3 has no pole
    total += density;
    if (Math.sin(angle) >= r) beyond += density;
  }
  return beyond / total;
}
