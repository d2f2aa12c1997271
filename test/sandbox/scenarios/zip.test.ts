import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { zipOf } from '../../../sandbox/scenarios/lib/zip.ts';

test("Python's zipfile finds the file whole and readable", () => {
  const folder = mkdtempSync(join(tmpdir(), 'zip-'));
  const archive = join(folder, 'code.zip');
  const script =
    'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); i=z.infolist()[0]; print(z.testzip(), i.filename, oct(i.external_attr >> 16), z.read(i).decode())';

  writeFileSync(archive, zipOf('index.js', 'exports.handler = () => "ä";'));
  const printed = execFileSync('python3', ['-c', script, archive], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });

  expect(printed.trim()).toBe('None index.js 0o100644 exports.handler = () => "ä";');
});
