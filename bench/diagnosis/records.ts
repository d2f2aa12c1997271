/** Incidents of the local account, recorded with their truth by `npm start -- --record DIR`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { Evidence } from '../../layers/core/evidence.ts';
import type { RecordedTruth } from '../../cli/record.ts';
import { filesIn } from '../support/public-set.ts';
import type { Case } from './episodes.ts';

/** Those that are kept with the bench: a line of JSON each, compressed. `node bench/diagnosis/records.ts DIR…` writes it. */
export const KEPT = join(import.meta.dirname, 'recorded.jsonl.br');

/** Rules may be tuned on recordings of these seeds, and are scored on the others. */
const TUNED_UP_TO = 2;
export const isForTuning = ({ seed }: Pick<Recorded, 'seed'>): boolean => seed <= TUNED_UP_TO;

export interface Recorded extends Case {
  readonly seed: number;
}

interface Line {
  readonly evidence: unknown;
  readonly truth?: Omit<RecordedTruth, 'truth'> & {
    readonly truth: readonly { resource: string; faults: readonly string[]; name?: string }[];
  };
}

/** Of those whose truth is known to have a cause: silence and false alarms have none. */
function caseOf({ evidence, truth }: Line): Recorded[] {
  const causes = truth?.truth.filter(({ faults }) => faults.length > 0) ?? [];
  if (!truth || causes.length === 0) return [];
  const kind = causes[0]?.name ?? truth.scenario;
  return [{ evidence: Evidence.parse(evidence), truth: causes, kind, seed: truth.seed }];
}

export const keptRecords = (): Recorded[] =>
  brotliDecompressSync(readFileSync(KEPT))
    .toString()
    .trimEnd()
    .split('\n')
    .flatMap((line) => caseOf(JSON.parse(line) as Line));

/** What a folder holds; nothing where there is none. */
export const recordsIn = (folder: string): Recorded[] =>
  linesIn(folder).flatMap((line) => caseOf(JSON.parse(line) as Line));

const linesIn = (folder: string): string[] =>
  filesIn(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

/** Where the recording machine kept the shop's programs, which their stack traces name. */
const PLACE = /\/[\w./-]*?\/\.sandbox(?=\/)/g;

/** As one file: evidence and truth alone, without what was concluded at the time. */
export function packed(folders: readonly string[]): Buffer {
  const lines = folders.flatMap(linesIn).flatMap((text) => {
    const line = JSON.parse(text) as Line;
    if (caseOf(line).length === 0) return [];
    return [JSON.stringify({ evidence: line.evidence, truth: line.truth }).replace(PLACE, '/sandbox')];
  });
  const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_QUALITY, BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS } = constants;
  return brotliCompressSync(`${lines.join('\n')}\n`, {
    params: { [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY, [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS },
  });
}

if (import.meta.main) writeFileSync(KEPT, packed(process.argv.slice(2)));
