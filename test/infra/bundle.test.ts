import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleInto } from '../../infra/bundle.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const KB = 1024;
let out: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'prunella-bundle-test-'));
  bundleInto(out, FUNCTIONS);
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('the bundles', () => {
  it.each(NAMES)('%s is small enough for a quick cold start', (name) => {
    const { size } = statSync(join(out, name, 'handler.mjs'));

    expect(size).toBeLessThan(name === 'Intake' ? 500 * KB : 800 * KB);
  });

  it('load on their own and export a handler', () => {
    const files = NAMES.map((name) => pathToFileURL(join(out, name, 'handler.mjs')).href);
    const script = `for (const file of ${JSON.stringify(files)}) if (typeof (await import(file)).handler !== 'function') throw new Error(file + ' exports no handler');`;

    // Another process, in an empty directory: nothing of this repository helps them to load.
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: out, encoding: 'utf8', env: { AWS_REGION: 'eu-west-1' } });

    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('bring a source map that names the sources', () => {
    const map = JSON.parse(readFileSync(join(out, 'Intake', 'handler.mjs.map'), 'utf8')) as { sources: string[] };

    expect(map.sources.some((source) => source.endsWith('functions/intake/handler.ts'))).toBe(true);
  });
});

describe('bundling', () => {
  it('names every handler that is missing', () => {
    const bundling = () => bundleInto(out, { One: { folder: 'not-there' }, Two: { folder: 'intake', file: 'nor-this.ts' } });

    expect(bundling).toThrow('no such handler: functions/not-there/handler.ts, functions/intake/nor-this.ts');
  });
});
