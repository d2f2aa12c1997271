import { mkdirSync, writeFileSync } from 'node:fs';
import { UsageError } from './command.ts';

/** Where a long run is asked to keep what it finds: `--json FILE`, `--record DIR`. */
export interface OutputFiles {
  readonly json?: string | undefined;
  readonly record?: string | undefined;
}

/** Said before a long run, not after it. @throws UsageError for what cannot be written */
export function mustBeWritable({ json, record }: OutputFiles): void {
  if (json !== undefined) attempt('--json', () => writeFileSync(json, '', { flag: 'a' }));
  if (record !== undefined) attempt('--record', () => mkdirSync(record, { recursive: true }));
}

function attempt(option: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${option} cannot be written: ${why}`, { cause });
  }
}

/** Writes what was found where a file was named. */
export function writeJson(file: string | undefined, found: object): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(found, undefined, 2)}\n`);
}
