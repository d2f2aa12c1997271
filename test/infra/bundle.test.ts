import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleInto } from '../../infra/bundle.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { functionOf } from './policies.ts';
import { synthesise } from './synth.ts';
import { usageOf } from './usage.ts';

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const KB = 1024;
let out: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'prunella-bundle-test-'));
  bundleInto(out, FUNCTIONS);
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

const codeOf = (name: string, files: readonly string[]): string =>
  files.map((file) => readFileSync(join(out, name, file), 'utf8')).join('\n');

/** The files of a bundle that are read before it can be called: all but those that `import()` asks for later. */
function loadedAtStart(name: string): string[] {
  const files = ['handler.mjs'];
  for (const file of files)
    for (const [, other] of codeOf(name, [file]).matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.mjs)"/g))
      if (other !== undefined && !files.includes(other)) files.push(other);
  return files;
}

describe('the bundles', () => {
  /** Intake begins every way of an incident; nobody waits for the jobs; Diagnose and Train hold the model of the faults, Decide asks every action. */
  const limits: Partial<Record<FunctionName, number>> = {
    Intake: 500 * KB,
    Diagnose: 1000 * KB,
    Decide: 900 * KB,
    Train: 900 * KB,
    Discover: 900 * KB,
    Reconcile: 900 * KB,
  };

  it.each(NAMES)('%s is small enough for a quick cold start', (name) => {
    const size = loadedAtStart(name).reduce((sum, file) => sum + statSync(join(out, name, file)).size, 0);

    expect(size).toBeLessThan(limits[name] ?? 850 * KB);
  });

  it('load the client of a language model only when one is asked', () => {
    const client = readdirSync(join(out, 'Diagnose')).filter(
      (file) => /\.mjs$/.test(file) && codeOf('Diagnose', [file]).includes('BedrockRuntimeClient'),
    );

    expect(client.length).toBeGreaterThan(0);
    expect(loadedAtStart('Diagnose').filter((file) => client.includes(file))).toEqual([]);
  });

  it('load on their own and export a handler', () => {
    const files = NAMES.map((name) => pathToFileURL(join(out, name, 'handler.mjs')).href);
    const script = `for (const file of ${JSON.stringify(files)}) if (typeof (await import(file)).handler !== 'function') throw new Error(file + ' exports no handler');`;

    // Another process, in an empty directory: nothing of this repository helps them to load.
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: out,
      encoding: 'utf8',
      env: { AWS_REGION: 'eu-west-1' },
    });

    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('bring a source map that names the sources', () => {
    const map = JSON.parse(readFileSync(join(out, 'Intake', 'handler.mjs.map'), 'utf8')) as { sources: string[] };

    expect(map.sources.some((source) => source.endsWith('functions/intake/handler.ts'))).toBe(true);
  });
});

describe('the environment of a function', () => {
  const { template } = synthesise();
  /** What a bundle's code asks for, by what shows that it does, after all that it does not use was shaken off. */
  const ASKS: Readonly<Record<string, RegExp>> = {
    HEAL_ARN: /\.healArn\b/,
    TOPIC_ARN: /\.topicArn\b/,
    RUNBOOK: /\.runbook\b/,
    READER_ROLE_ARN: /prunella-reader/,
    WATCH_QUEUE_URL: /\.watchQueueUrl\b/,
    PRUNELLA_PROBE: /\)\.probe\b/,
    ACTION_ROLES: /\.actionRoleArns\b/,
    LANGUAGE_MODEL: /\.languageModel\b/,
  };
  const TABLES = ['incidents', 'audit', 'knowledge', 'control'] as const;

  it.each(NAMES)('%s is told what its code asks for, and nothing else', (name) => {
    const code = codeOf(
      name,
      readdirSync(join(out, name)).filter((file) => file.endsWith('.mjs')),
    );

    const told = Object.keys(functionOf(template, name)[1].Properties.Environment.Variables);

    const asked = Object.keys(ASKS).filter((variable) => ASKS[variable]!.test(code));
    expect(told.filter((variable) => variable in ASKS).sort()).toEqual(asked.sort());
    for (const table of TABLES.filter((table) => usageOf(name).reads.has(table)))
      expect(told).toContain(`${table.toUpperCase()}_TABLE`);
    expect(told).toEqual(expect.arrayContaining(['ACCOUNT_ID', 'PRUNELLA_POLICY']));
  });

  it('has a value here for every variable that the runtime knows', () => {
    const known = [
      ...readFileSync(join(import.meta.dirname, '..', '..', 'layers', 'runtime', 'env.ts'), 'utf8').matchAll(
        /^ {2}([A-Z_]+): /gm,
      ),
    ].map(([, name]) => name);

    const told = new Set(
      NAMES.flatMap((name) => Object.keys(functionOf(template, name)[1].Properties.Environment.Variables)),
    );
    expect(known.length).toBeGreaterThan(8);
    expect(known.filter((name) => name !== 'AWS_REGION' && !told.has(name!))).toEqual([]); // Lambda sets AWS_REGION itself
  });
});

describe('bundling', () => {
  it('names every handler that is missing', () => {
    const bundling = () =>
      bundleInto(out, { One: { folder: 'not-there' }, Two: { folder: 'intake', file: 'nor-this.ts' } });

    expect(bundling).toThrow('no such handler: functions/not-there/handler.ts, functions/intake/nor-this.ts');
  });
});
