/** Peers from PyPI, run by Python in `.venv-bench`, which is made here from bench/requirements.txt. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const venv = join(root, '.venv-bench');
const python = join(venv, 'bin', 'python');
const requirements = join(root, 'bench', 'requirements.txt');
/** What was installed last: installed again when the pins change. */
const stamp = join(venv, 'installed.txt');

/** What the peers answered, or why they did not. */
export type Peers<Answer> =
  { readonly answer: Answer; readonly missing?: never } | { readonly missing: string; readonly answer?: never };

/** Feeds a question to the peers' script as JSON and reads its answer; says why where there is none. Never throws. */
export function askPeers<Answer>(script: string, question: unknown): Peers<Answer> {
  const problem = install();
  if (problem !== undefined) return { missing: problem };
  const run = spawnSync(python, [script], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    // Threads that wait for one another by spinning take many times as long on a busy machine.
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  if (run.status !== 0) return { missing: `${script} failed: ${lastOf(run)}` };
  return { answer: JSON.parse(run.stdout) as Answer };
}

/** Makes the environment once for each version of the pins. @returns what went wrong */
function install(): string | undefined {
  const pins = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === pins) return undefined;
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', venv]],
    [python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]],
  ];
  for (const [command, args] of steps) {
    const run = spawnSync(command, args, { encoding: 'utf8' });
    if (run.status !== 0) return `${command} ${args.join(' ')}: ${lastOf(run)}`;
  }
  writeFileSync(stamp, pins);
  return undefined;
}

const lastOf = (run: { stderr: string | null; error?: Error }): string =>
  (run.error?.message ?? run.stderr ?? '').trim().slice(-400);
