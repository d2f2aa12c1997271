/**
 * Faults seeded into PetShop's normal operation, one in every resource that the target calls: what the recorded issues here
 * do not have (they hold few causes), and what shows whether a method prefers one resource to another. The fault is made up,
 * the noise around it is real.
 */
import { seeded } from '../../layers/core/statistics/random.ts';
import { graphOf, reachable } from '../../functions/diagnose/ranking/graph.ts';
import type { Edge, Measured } from '../../functions/diagnose/ranking/input.ts';
import type { Issue } from './petshop.ts';

const ROWS = 5;
/** A resource with fewer requests a row hardly shows in the target. */
const BUSY = 30;
/** How much of the target's usual level the fault adds up to: PetShop's own issues add a fifth to a half. */
const ADDED = { from: 0.2, to: 0.5 };

interface Scenario {
  readonly name: string;
  /** Normal operation, all rows. */
  readonly normal: readonly Measured[];
  readonly edges: readonly Edge[];
}

export function seededIssues({ name, normal, edges }: Scenario, target: string, repeats: number): Issue[] {
  const graph = graphOf(edges);
  const depth = reachable(graph, target);
  const order = [...depth.keys()].filter((node) => node !== target && busy(node, normal)).sort();
  return order.flatMap((cause, i) =>
    Array.from({ length: repeats }, (_, repeat) => {
      const random = seeded(i * 1009 + repeat);
      const metric = repeat % 2 === 0 ? 'latency' : 'availability';
      return seed({ name, normal, edges }, target, cause, metric, random);
    }),
  );
}

function busy(node: string, normal: readonly Measured[]): boolean {
  return mean(series(normal, node, 'requests Sum')?.values ?? new Float64Array()) >= BUSY;
}

function seed(
  scenario: Scenario,
  target: string,
  cause: string,
  metric: 'latency' | 'availability',
  random: () => number,
): Issue {
  const rows = scenario.normal[0]?.times.length ?? 0;
  const start = Math.floor(random() * (rows - ROWS));
  const dose = [0, 0, 0.5 + random() / 2, 0.5 + random() / 2, random() < 0.5 ? 0 : random()];
  const weights = shareOf(scenario, target, cause, random);
  const added = ADDED.from + random() * (ADDED.to - ADDED.from);
  const goal = series(scenario.normal, target, `${metric} Average`);
  const unit = metric === 'latency' ? mean(goal?.values ?? new Float64Array()) * added : -100 * added * 0.15;
  const atCause = unit / Math.max(weights.get(target) ?? 0, 1e-9);
  const measured = scenario.normal.map((one): Measured => {
    const weight = one.kind === metric ? (weights.get(one.node) ?? 0) : 0;
    const values = one.values.slice(start, start + ROWS).map((value, row) => {
      const seeded = value + atCause * weight * (dose[row] ?? 0);
      return metric === 'availability' && one.kind === 'availability' ? Math.max(0, seeded) : seeded;
    });
    const reference = one.values.filter((_, row) => row < start || row >= start + ROWS);
    return { ...one, times: Float64Array.from({ length: ROWS }, (_, row) => row * 300), values, reference };
  });
  return {
    name: `${scenario.name} ${cause}`,
    measured,
    edges: scenario.edges,
    target: { node: target, metric, agg: 'Average' },
    onset: 600,
    cause,
  };
}

/** How much of one unit added to the cause shows in each of its callers, by calls a request; some calls are not waited for. */
function shareOf(
  { normal, edges }: Scenario,
  target: string,
  cause: string,
  random: () => number,
): Map<string, number> {
  const { callees, callers } = graphOf(edges);
  const traffic = (node: string) => mean(series(normal, node, 'requests Sum')?.values ?? new Float64Array());
  const weights = new Map([[cause, 1]]);
  const visit = (node: string, path: readonly string[]): number => {
    const known = weights.get(node);
    if (known !== undefined) return known;
    const sum = (callees.get(node) ?? [])
      .filter(({ to }) => !path.includes(to))
      .reduce((total, { to }) => {
        const all = (callers.get(to) ?? []).reduce((count, { from }) => count + traffic(from), 0);
        const calls = (traffic(to) * traffic(node)) / Math.max(all, 1e-9) / Math.max(traffic(node), 1e-9);
        return total + visit(to, [...path, node]) * calls * (0.7 + 0.3 * random());
      }, 0);
    weights.set(node, sum);
    return sum;
  };
  visit(target, []);
  return weights;
}

const series = (all: readonly Measured[], node: string, metric: string) =>
  all.find((one) => one.node === node && one.metric === metric);

function mean(values: Float64Array): number {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? 0 : finite.reduce((sum, value) => sum + value, 0) / finite.length;
}
