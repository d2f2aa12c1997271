import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UsageError } from '../../cli/command.ts';
import { mustBeWritable, writeJson } from '../../cli/output-files.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'prunella-output-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('refuses before a long run what could not be written after it', () => {
  const json = join(folder, 'missing', 'found.json');

  expect(() => mustBeWritable({ json })).toThrow(UsageError);
  expect(() => mustBeWritable({ json })).toThrow(`--json cannot be written: ENOENT`);
});

it('makes the folder that records are kept in, and asks for nothing that is not named', () => {
  const record = join(folder, 'a', 'b');

  mustBeWritable({});
  mustBeWritable({ record });

  expect(existsSync(record)).toBe(true);
});

it('writes what was found where a file was named, and nowhere else', () => {
  const json = join(folder, 'found.json');

  writeJson(undefined, { of: 'nothing' });
  mustBeWritable({ json });
  writeJson(json, { found: [1] });

  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({ found: [1] });
});
