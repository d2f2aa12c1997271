/** What the benchmarks on metric series share: options, reading files, intervals, tables, and the peers' interpreter. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { quantile } from '../../layers/core/statistics/quantiles.ts';
import { seeded } from '../../layers/core/statistics/random.ts';

export interface SeriesBenchOptions {
  readonly data: string;
  readonly json: string | undefined;
}

/** `--data DIR` (or PRUNELLA_DATA, else `data/`) and `--json FILE`. */
export function seriesBenchOptions(args: readonly string[]): SeriesBenchOptions {
  const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' }, json: { type: 'string' } } });
  return { data: values.data ?? process.env['PRUNELLA_DATA'] ?? 'data', json: values.json };
}

/** True when FILE.gz or FILE is there. */
export const isThere = (file: string): boolean => existsSync(`${file}.gz`) || existsSync(file);

/** Rows of numbers, whatever separates them, from FILE.gz or FILE. */
export function readNumbers(file: string): Float64Array[] {
  const packed = existsSync(`${file}.gz`);
  const text = (packed ? gunzipSync(readFileSync(`${file}.gz`)) : readFileSync(file)).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Float64Array.from(line.trim().split(/[\s,]+/), Number));
}

export const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** 95 % interval of a statistic over cases, by the percentile bootstrap (Efron 1979) with a fixed seed. */
export function interval<Case>(
  cases: readonly Case[],
  statistic: (sample: readonly Case[]) => number,
): readonly [number, number] {
  const random = seeded(4);
  const draws = Array.from({ length: 2000 }, () =>
    statistic(cases.map(() => cases[Math.floor(random() * cases.length)]!)),
  );
  return [quantile(draws, 0.025), quantile(draws, 0.975)];
}

/** Columns padded to their widest cell. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

const root = join(import.meta.dirname, '..', '..');
const environment = join(root, '.venv-bench');
const requirements = join(root, 'bench', 'requirements.txt');
const stamp = join(environment, 'installed.txt');

/** Answers of a peers' script, which reads `question` as JSON from standard input; or why there is none. */
export function peersOf<Answer>(script: string, question: unknown): { answer?: Answer; missing?: string } {
  const problem = prepareEnvironment();
  if (problem) return { missing: problem };
  const python = join(environment, 'bin', 'python');
  const run = spawnSync(python, [script], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    // Threads that wait for one another by spinning take many times as long on a busy machine.
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  if (run.status !== 0) return { missing: lastOf(run) };
  return { answer: JSON.parse(run.stdout) as Answer };
}

/** Makes `.venv-bench` once for each version of the pins. @returns what went wrong */
function prepareEnvironment(): string | undefined {
  const pins = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === pins) return undefined;
  const made = spawnSync('python3', ['-m', 'venv', environment], { encoding: 'utf8' });
  if (made.status !== 0) return lastOf(made);
  const pip = ['-m', 'pip', 'install', '--quiet', '-r', requirements];
  const installed = spawnSync(join(environment, 'bin', 'python'), pip, { encoding: 'utf8' });
  if (installed.status !== 0) return lastOf(installed);
  writeFileSync(stamp, pins);
  return undefined;
}

const lastOf = (run: { stderr: string | null; error?: Error }): string =>
  (run.error?.message ?? run.stderr ?? '').trim().slice(-300);
