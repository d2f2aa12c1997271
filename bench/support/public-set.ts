/** What every benchmark on public data shares: where the data is, how its files are read, what it says when there is none. */
import { existsSync, readdirSync, readFileSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../../cli/command.ts';
import { mustBeWritable } from '../../cli/output-files.ts';

export interface Options {
  /** The set's own folder. */
  readonly folder: string;
  readonly json: string | undefined;
}

/**
 * Reads `--data DIR` (else PRUNELLA_DATA, else `data/`) and `--json FILE`.
 *
 * @param source where the set comes from publicly, said when the folder is absent
 * @returns undefined after saying how it is used
 * @throws UsageError when the set is not there, or the file cannot be written
 */
export function optionsOf(
  args: readonly string[],
  set: string,
  source: string,
  print: (line: string) => void,
): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    print(`Options: --data DIR (default: PRUNELLA_DATA, else data/), --json FILE. The set: ${source}`);
    return undefined;
  }
  const folder = join(values.data ?? process.env['PRUNELLA_DATA'] ?? 'data', set);
  if (!existsSync(folder)) {
    throw new UsageError(
      `there is no ${folder}. The set comes from ${source}; put it there, or name its parent with --data DIR`,
    );
  }
  mustBeWritable(values);
  return { folder, json: values.json };
}

/** The text of a file, unpacked when its name ends in `.gz`. */
export function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** A file's text, from FILE.gz or FILE; undefined when neither is there. */
export function readText(file: string): string | undefined {
  const path = [`${file}.gz`, file].find((one) => existsSync(one));
  return path === undefined ? undefined : textOf(path);
}

/** Rows of numbers, whatever separates them, from FILE.gz or FILE; undefined when neither is there. */
export const readNumbers = (file: string): Float64Array[] | undefined =>
  readText(file)
    ?.split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Float64Array.from(line.trim().split(/[\s,]+/), Number));

/** Names of the files in a folder, sorted; none when there is no such folder. */
export const filesIn = (folder: string): readonly string[] => entries(folder, (entry) => entry.isFile());

/** Names of the folders in a folder, sorted; none when there is no such folder. */
export const foldersIn = (folder: string): readonly string[] => entries(folder, (entry) => entry.isDirectory());

function entries(folder: string, wanted: (entry: Dirent) => boolean): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(wanted)
    .map(({ name }) => name)
    .sort();
}

/** Rows of a CSV file (RFC 4180); lines that are no rows (a quote that never ends) are left out. */
export function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const row = cells(line.endsWith('\r') ? line.slice(0, -1) : line);
      return row ? [row] : [];
    });
}

function cells(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const found: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] !== '"') {
      const end = line.indexOf(',', at);
      found.push(line.slice(at, end < 0 ? line.length : end));
      at = end < 0 ? line.length + 1 : end + 1;
      continue;
    }
    let end = at + 1;
    while (end < line.length && (line[end] !== '"' || line[end + 1] === '"')) end += line[end] === '"' ? 2 : 1;
    if (end >= line.length) return undefined;
    found.push(line.slice(at + 1, end).replaceAll('""', '"'));
    at = end + 2;
    if (at === line.length + 1) break;
  }
  return found;
}

/** Rows of a CSV file by the names of its header. */
export function recordsOf(text: string): Record<string, string>[] {
  const [header = [], ...rows] = rowsOf(text);
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])));
}

/** A number, or NaN for an empty cell and for what is none. */
export const numberOf = (cell: string | undefined): number =>
  cell === undefined || cell.trim() === '' ? NaN : Number(cell);
