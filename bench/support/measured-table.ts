/** What every benchmark on public data prints: ours beside the peers, with n and 95 % intervals. */
import { writeFile } from 'node:fs/promises';
import { randomOf } from '../../functions/diagnose/classify/random.ts';

/** The mean of one metric over cases, with a 95 % interval. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

const RESAMPLES = 2000;

/**
 * The mean with its interval: percentile bootstrap over cases (Efron 1979), seeded, so that the same cases give the same
 * interval. Where every case is right or wrong, Wilson's interval (1927): resampling thirty right ones never finds a wrong one.
 */
export function estimate(scores: readonly number[], seed = 1): Estimate {
  const n = scores.length;
  const mean = scores.reduce((sum, score) => sum + score, 0) / n;
  if (scores.every((score) => score === 0 || score === 1)) return { mean, n, ...wilson(mean, n) };
  const random = randomOf(seed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += scores[Math.floor(random() * n)] ?? 0;
    return sum / n;
  }).sort();
  return {
    mean,
    low: means[Math.floor(RESAMPLES * 0.025)] ?? NaN,
    high: means[Math.floor(RESAMPLES * 0.975)] ?? NaN,
    n,
  };
}

function wilson(mean: number, n: number): { low: number; high: number } {
  const z2 = 1.96 ** 2;
  const middle = (mean + z2 / (2 * n)) / (1 + z2 / n);
  const half = (1.96 / (1 + z2 / n)) * Math.sqrt((mean * (1 - mean)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export interface Row {
  readonly name: string;
  readonly metrics: Readonly<Record<string, Estimate>>;
}

/** One line a method, one column a metric. */
export function table(title: string, rows: readonly Row[]): string {
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  const lines = [
    [title, ...metrics],
    ...rows.map(({ name, metrics: found }) => [name, ...metrics.map((metric) => said(found[metric]))]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function said(found: Estimate | undefined): string {
  if (!found) return '-';
  return `${found.mean.toFixed(3)} (${found.low.toFixed(3)}-${found.high.toFixed(3)}, n ${found.n})`;
}

export interface SetResult {
  readonly ours: Readonly<Record<string, number>>;
  readonly peers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly seconds: number;
}

/** The first row is ours. */
export function resultOf([ours, ...peers]: readonly Row[], seconds: number): SetResult {
  const means = (row: Row | undefined) =>
    Object.fromEntries(Object.entries(row?.metrics ?? {}).map(([name, { mean }]) => [name, mean]));
  return { ours: means(ours), peers: Object.fromEntries(peers.map((row) => [row.name, means(row)])), seconds };
}

export async function save(file: string | undefined, results: Readonly<Record<string, SetResult>>): Promise<void> {
  if (file) await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
