/** The benchmark of detection over all metrics of a service: one configuration for every machine of every set. */
import { join } from 'node:path';
import { writeJson } from '../../cli/output-files.ts';
import { serviceDetectors } from '../../functions/detect/serviceDetectors.generated.ts';
import { learnService } from '../../functions/detect/multivariate/service-model.ts';
import { startService, stepService } from '../../functions/detect/multivariate/service-step.ts';
import type { Seconds } from '../../layers/core/units.ts';
import { rankingMetrics, type RankingMetrics } from './ranking-metrics.ts';
import { columns } from './columns.ts';
import { average, interval } from './intervals.ts';
import { askPeers } from './peers.ts';
import { filesIn, optionsOf, readNumbers } from './public-set.ts';

export interface ServiceSet {
  readonly name: string;
  /** What one row is, as the set's own documentation says. */
  readonly step: Seconds;
  readonly source: string;
  readonly wholeSet: string;
}

const SEED = 1;
const MEASURES = ['aucPr', 'bestF1'] as const;
const OURS = 'Prunella';

export async function runServiceBench(set: ServiceSet, args: readonly string[], print: (line: string) => void) {
  const started = performance.now();
  const options = optionsOf(args, set.name, set.source, print);
  if (!options) return;
  const { folder, json } = options;
  const cases = casesIn(folder, print);
  if (cases.length === 0) return print(`${set.name}: no case in ${folder}. Get it from ${set.source}.`);
  const ours = cases.map((name) => {
    const { metrics, microseconds } = scoreCase(folder, name, set.step);
    const why = `AUC-PR ${metrics.aucPr.toFixed(3)}, best F1 ${metrics.bestF1.toFixed(3)}`;
    print(`  ${name}: ${why}, ${microseconds.toFixed(0)} µs a row`);
    return metrics;
  });
  const { answer, missing } = askPeers<Record<string, RankingMetrics[]>>(
    join(import.meta.dirname, 'service-peers.py'),
    {
      folder,
      cases,
      smoothed: Math.round(900 / set.step),
    },
  );
  print(tableOf(set, cases.length, { [OURS]: ours, ...answer }));
  if (missing !== undefined) print(`no peer, no ratio: ${missing}`);
  print(`${set.wholeSet} Whole set, not comparable with a part of it.`);
  const means = (metrics: readonly RankingMetrics[]) =>
    Object.fromEntries(MEASURES.map((measure) => [measure, average(metrics.map((one) => one[measure]))]));
  const peers = Object.fromEntries(Object.entries(answer ?? {}).map(([name, metrics]) => [name, means(metrics)]));
  const seconds = (performance.now() - started) / 1000;
  writeJson(json, { [set.name]: { ours: means(ours), peers, seconds } });
}

const PARTS = ['train.csv', 'test.csv', 'test_label.txt'];

/** Those with all their parts. */
function casesIn(folder: string, print: (line: string) => void): string[] {
  const files = new Set(filesIn(folder).map((file) => file.replace(/\.gz$/, '')));
  const names = [...files].flatMap((file) => /^(.+)\.test_label\.txt$/.exec(file)?.[1] ?? []);
  return names.sort().filter((name) => {
    const missing = PARTS.filter((part) => !files.has(`${name}.${part}`));
    if (missing.length > 0) print(`  ${name} is left out: there is no ${missing.join(', ')} of it`);
    return missing.length === 0;
  });
}

/** Learns from the training part, then streams the test part through the model, as it would be deployed. */
function scoreCase(folder: string, name: string, step: Seconds): { metrics: RankingMetrics; microseconds: number } {
  const [train = [], test = [], labels = []] = PARTS.map((part) => readNumbers(join(folder, `${name}.${part}`)));
  const metrics = Array.from(train[0] ?? [], (_, j) => `metric ${j + 1}`);
  const model = learnService({ metrics, from: 0, step, rows: train }, serviceDetectors, SEED);
  // Of processor time: on a busy machine the clock on the wall says little.
  const started = process.cpuUsage();
  let state = startService();
  const scores = test.map((row, t) => {
    const next = stepService(model, serviceDetectors, state, (train.length + t) * step, Array.from(row));
    state = next.state;
    return next.verdict.kind === 'scored' ? next.verdict.score : 0;
  });
  const { user, system } = process.cpuUsage(started);
  const microseconds = (user + system) / test.length;
  const anomalous = labels.map(([label]) => label === 1);
  return { metrics: rankingMetrics(anomalous, scores), microseconds };
}

function tableOf(set: ServiceSet, n: number, results: Readonly<Record<string, readonly RankingMetrics[]>>): string {
  const cell = (metrics: readonly RankingMetrics[], measure: (typeof MEASURES)[number]) => {
    const values = metrics.map((one) => one[measure]);
    const [low, high] = interval(values, average);
    return `${average(values).toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`;
  };
  const ours = results[OURS] ?? [];
  const rows = Object.entries(results).map(([name, metrics]) => {
    const ahead = metrics.map((one, i) => (ours[i]?.aucPr ?? 0) - one.aucPr);
    const [low, high] = interval(ahead, average);
    const lead = `${average(ahead).toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`;
    return [name, ...MEASURES.map((measure) => cell(metrics, measure)), name === OURS ? '' : lead];
  });
  const header = [`${set.name}, n = ${n}, mean (95 %)`, 'AUC-PR', 'best F1', 'ours ahead by, paired'];
  return columns([header, ...rows]);
}
