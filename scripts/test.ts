/**
 * Every check of the repository: catalogues, types, lint, tests. Ends with `N passed, N failed`; types and lint count as
 * one each. What is passed to it goes to vitest, e.g. `npm test -- test/functions`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The children that run now: what ends this process ends them. */
const running = new Set<ReturnType<typeof spawn>>();

/** Runs a command; `show` passes its output on as it comes, else it is kept for when the command fails. */
function run(command: string, args: readonly string[], show: boolean): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => {
      running.delete(child);
      resolve({ ok: code === 0, output });
    });
  });
}

/** One check that passes or fails as a whole. */
async function check(name: string, command: string, args: readonly string[]): Promise<Tally> {
  const began = Date.now();
  const { ok, output } = await run(command, args, false);
  say(`${name}: ${ok ? 'ok' : 'FAILED'} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  if (!ok) say(output.trimEnd());
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

async function vitest(args: readonly string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'prunella-test-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    const { ok } = await run(bin('vitest'), ['run', ...reporters, ...args], true);
    const report = JSON.parse(await readFile(file, 'utf8').catch(() => 'null')) as VitestReport | null;
    return tallyOf(report, ok);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file that could not be loaded has no tests to count, and an error outside any test fails none: each counts as one. */
function tallyOf(report: VitestReport | null, ok: boolean): Tally {
  if (report === null) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = report.numFailedTests + broken.length;
  if (report.numPendingTests > 0) say(`${report.numPendingTests} skipped`);
  return { passed: report.numPassedTests, failed: failed === 0 && !ok ? 1 : failed };
}

async function main(args: readonly string[]): Promise<number> {
  const catalogue = await run(process.execPath, [join(root, 'scripts', 'catalogue.ts')], false);
  if (!catalogue.ok) {
    say(`the plug-in catalogues could not be written:\n${catalogue.output}`);
    say('0 passed, 1 failed');
    return 1;
  }
  say('checking types and style …');
  const statics = await Promise.all([check('types', bin('tsc'), ['--noEmit']), check('lint', bin('eslint'), ['.'])]);
  say('running the tests …');
  const tallies = [...statics, await vitest(args)];
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.exitCode = 1;
  });
}
process.exitCode = await main(process.argv.slice(2));
