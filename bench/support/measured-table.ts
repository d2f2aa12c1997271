/** What every benchmark on public data prints: ours beside the peers, with n and 95 % intervals. */
import { writeJson } from '../../cli/output-files.ts';
import { wilson } from '../../layers/core/wilson.ts';
import { columns } from './columns.ts';
import { average, interval } from './intervals.ts';

/** The mean of one metric over cases, with a 95 % interval. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/**
 * The mean with its interval by the bootstrap. Where every case is right or wrong, Wilson's interval (1927): resampling thirty
 * right ones never finds a wrong one.
 */
export function estimate(scores: readonly number[]): Estimate {
  const [n, mean] = [scores.length, average(scores)];
  if (scores.every((score) => score === 0 || score === 1)) {
    const { from, to } = wilson(scores.filter((score) => score === 1).length, n);
    return { mean, low: from, high: to, n };
  }
  const [low, high] = interval(scores, average);
  return { mean, low, high, n };
}

/** A statistic of all cases together with its interval by the bootstrap. */
export function estimateOf<Case>(cases: readonly Case[], statistic: (sample: readonly Case[]) => number): Estimate {
  const [low, high] = interval(cases, statistic);
  return { mean: statistic(cases), low, high, n: cases.length };
}

export interface Row {
  readonly name: string;
  readonly metrics: Readonly<Record<string, Estimate>>;
}

/** One line a method, one column a metric. */
export function table(title: string, rows: readonly Row[]): string {
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  return columns([
    [title, ...metrics],
    ...rows.map(({ name, metrics: found }) => [name, ...metrics.map((metric) => said(found[metric]))]),
  ]);
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

export const save = (file: string | undefined, results: Readonly<Record<string, SetResult>>): void =>
  writeJson(file, results);
