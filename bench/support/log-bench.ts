/** What the log benchmarks share: where the data lies, reading it, tables, and intervals. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

export interface BenchOptions {
  readonly data: string;
  readonly json: string | undefined;
}

/** `--data DIR` (or PRUNELLA_DATA, else `data/`) and `--json FILE`; undefined when only the usage was asked for. */
export function benchOptions(
  name: string,
  args: readonly string[],
  print: (line: string) => void,
): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    print(`Usage: npm run bench -- ${name} [--data DIR] [--json FILE]`);
    return undefined;
  }
  return { data: values.data ?? process.env['PRUNELLA_DATA'] ?? 'data', json: values.json };
}

/** A file's text, from FILE.gz or FILE; undefined when neither is there. */
export function readText(folder: string, file: string): string | undefined {
  const path = join(folder, file);
  if (existsSync(`${path}.gz`)) return gunzipSync(readFileSync(`${path}.gz`)).toString('utf8');
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Comma-separated values with quotes (RFC 4180), a record a row by the names of the header. */
export function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) throw new Error(`a CSV field must end with a comma or a line end, at character ${field.lastIndex}`);
    const [, value = '', end = ''] = match;
    rows.at(-1)?.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end !== ',') rows.push([]);
  }
  const [header = [], ...records] = rows.filter((row) => row.length > 0);
  return records.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])));
}

/** Columns padded to their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** 95 % percentile bootstrap (Efron 1979) of a statistic over cases; seeded, so that a run can be repeated. */
export function bootstrap<T>(
  cases: readonly T[],
  statistic: (sample: readonly T[]) => number,
  rounds = 2000,
): [number, number] {
  const random = mulberry32(1);
  const values = Array.from({ length: rounds }, () =>
    statistic(cases.map(() => cases[Math.floor(random() * cases.length)] as T)),
  ).sort((a, b) => a - b);
  return [values[Math.floor(0.025 * rounds)] ?? NaN, values[Math.floor(0.975 * rounds)] ?? NaN];
}

function mulberry32(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export const three = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '-' : value.toFixed(3);
