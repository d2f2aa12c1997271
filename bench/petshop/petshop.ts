/**
 * Root-cause ranking on PetShop, a real application on AWS (ECS, Lambda, DynamoDB) with X-Ray's graph and five-minute
 * statistics. Scored by top-1: there are five distinct causes only, and the same three guesses would be in the top three of
 * most issues. Issues of the scenarios without normal operation are left out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edge, Kind, Measured } from '../../functions/diagnose/ranking/input.ts';
import { rank } from '../../functions/diagnose/ranking/rank.ts';
import { estimate, resultOf, save, table, type Row, type SetResult } from '../support/measured-table.ts';
import { filesIn, foldersIn, numberOf, optionsOf, rowsOf, textOf } from '../support/public-set.ts';
import { rankedCorrelation, traversal } from './peers.ts';
import { seededIssues } from './seeded.ts';

const SOURCE = 'github.com/amazon-science/petshop-root-cause-analysis (Hardt et al., CLeaR 2024)';

/** Where every issue of the set is noticed. */
const TARGET = 'PetSite';
const SEEDED = 'faults seeded into normal operation';
/** Faults a resource and scenario, latency and availability in turn. */
const REPEATS = 6;

export interface Issue {
  readonly name: string;
  readonly measured: readonly Measured[];
  readonly edges: readonly Edge[];
  readonly target: { readonly node: string; readonly metric: string; readonly agg: string };
  readonly onset: number;
  readonly cause: string;
}

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const options = optionsOf(args, 'petshop', SOURCE, print);
  if (!options) return;
  const issues = read(join(options.folder, 'dataset'), print);
  if (issues.length === 0) return print(`petshop: no issue to judge in ${options.folder}. They come from ${SOURCE}.`);
  const causes = new Set(issues.map(({ cause }) => cause));
  print(`PetShop: ${issues.length} issues, ${causes.size} distinct causes`);
  if (causes.size < 3)
    print(
      'With so few causes a constant guess scores as well: judge by the whole set, and by the seeded faults below.',
    );
  const methods: Record<string, (issue: Issue) => readonly string[]> = {
    Prunella: ours,
    'ranked correlation': (issue) => rankedCorrelation(question(issue)),
    traversal: (issue) => traversal(question(issue)),
  };
  const results: Record<string, SetResult> = {};
  const seeded = scenariosIn(join(options.folder, 'dataset')).flatMap((one) => seededIssues(one, TARGET, REPEATS));
  for (const [title, cases] of Object.entries({ issues, [SEEDED]: seeded })) {
    const began = performance.now();
    const rows = Object.entries(methods).map(([name, method]) => row(name, method, cases));
    print(`\n${table(title, rows)}`);
    results[title === 'issues' ? 'petshop' : `petshop, ${title}`] = resultOf(rows, (performance.now() - began) / 1000);
  }
  save(options.json, results);
}

/** The five minutes of the trigger may have begun with the row before. */
function ours({ measured, edges, target, onset }: Issue): readonly string[] {
  const kind = target.metric as Kind;
  return rank({ measured, edges, target: { node: target.node, kind }, onset }).map(({ node }) => node);
}

const question = ({ measured, edges, target }: Issue) => ({
  measured: measured.filter(({ metric }) => metric === `${target.metric} ${target.agg}`),
  edges,
  target: target.node,
});

function row(name: string, method: (issue: Issue) => readonly string[], issues: readonly Issue[]): Row {
  const places = issues.map((issue) => ({ of: issue.target.metric, place: method(issue).indexOf(issue.cause) }));
  const top = (k: number, of?: string) =>
    estimate(places.filter((one) => !of || one.of === of).map(({ place }) => (place >= 0 && place < k ? 1 : 0)));
  return {
    name,
    metrics: {
      'top-1': top(1),
      'top-1 latency': top(1, 'latency'),
      'top-1 availability': top(1, 'availability'),
      'top-3': top(3),
    },
  };
}

export function read(folder: string, print: (line: string) => void): Issue[] {
  return foldersIn(folder).flatMap((scenario) => {
    const issues = foldersIn(join(folder, scenario)).flatMap((split) =>
      foldersIn(join(folder, scenario, split))
        .filter((name) => name.startsWith('issue_'))
        .map((name) => join(folder, scenario, split, name)),
    );
    if (!filesIn(join(folder, scenario, 'noissue')).includes('metrics.csv')) {
      print(`${scenario}: ${issues.length} issues left out, there is no normal operation to compare with`);
      return [];
    }
    const normal = columns(join(folder, scenario, 'noissue', 'metrics.csv'));
    const edges = graph(join(folder, scenario, 'graph.csv'));
    return issues.map((path): Issue => {
      const { target, root_cause: cause } = JSON.parse(readFileSync(join(path, 'target.json'), 'utf8')) as {
        target: Issue['target'];
        root_cause: { node: string };
      };
      const { times, found } = columns(join(path, 'metrics.csv'));
      const measured = [...found].map(([id, series]): Measured => {
        const reference = normal.found.get(id)?.values;
        return { ...series, times, ...(reference ? { reference } : {}) };
      });
      // The row that holds the trigger, as the authors take it: the third.
      return { name: path, measured, edges, target, onset: times[2] ?? NaN, cause: cause.node };
    });
  });
}

/** Normal operation of the scenarios that have it. */
function scenariosIn(folder: string): { name: string; normal: readonly Measured[]; edges: readonly Edge[] }[] {
  return foldersIn(folder)
    .filter((scenario) => filesIn(join(folder, scenario, 'noissue')).includes('metrics.csv'))
    .map((name) => {
      const { times, found } = columns(join(folder, name, 'noissue', 'metrics.csv'));
      const normal = [...found.values()].map((column) => ({ ...column, times }));
      return { name, normal, edges: graph(join(folder, name, 'graph.csv')) };
    });
}

type Column = Omit<Measured, 'times'>;

function columns(path: string): { times: Float64Array; found: ReadonlyMap<string, Column> } {
  const [nodes = [], metrics = [], statistics = [], ...rest] = rowsOf(textOf(path));
  const rows = rest.filter(([time]) => Number.isFinite(numberOf(time)));
  const kinds: Readonly<Record<string, Kind>> = {
    latency: 'latency',
    requests: 'traffic',
    availability: 'availability',
  };
  const found = new Map<string, Column>();
  nodes.forEach((node, i) => {
    const kind = kinds[metrics[i] ?? ''];
    if (i === 0 || !kind) return;
    const metric = `${metrics[i]} ${statistics[i]}`;
    const mean = statistics[i] === 'Average';
    found.set(`${node} ${metric}`, {
      node,
      metric,
      kind,
      mean,
      values: Float64Array.from(rows, (row) => numberOf(row[i])),
    });
  });
  return { times: Float64Array.from(rows, ([time]) => numberOf(time)), found };
}

function graph(path: string): Edge[] {
  const [[, ...callees] = [], ...rows] = rowsOf(textOf(path));
  return rows.flatMap(([from = '', ...cells]) =>
    callees.flatMap((to, i) => (numberOf(cells[i]) > 0 && from !== to ? [{ from, to }] : [])),
  );
}
