/** Peers from PyPI, run by Python in `.venv-bench` (made here from bench/requirements.txt). */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const venv = join(root, '.venv-bench');
const python = join(venv, 'bin', 'python');
const requirements = join(root, 'bench', 'requirements.txt');
/** What was installed last: made again when the pins change. */
const stamp = join(venv, 'installed.txt');

export type Peers<Answer> = { readonly answer: Answer } | { readonly missing: string };

/** Feeds a question to the peers' script as JSON and reads its answer; says why where there is none. Never throws. */
export function askPeers<Answer>(script: string, question: unknown): Peers<Answer> {
  const problem = install();
  if (problem) return { missing: problem };
  const run = spawnSync(python, [script], { input: JSON.stringify(question), encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) return { missing: `${script} failed: ${(run.stderr ?? String(run.error)).trim().slice(-400)}` };
  return { answer: JSON.parse(run.stdout) as Answer };
}

function install(): string | undefined {
  const pins = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === pins) return undefined;
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', venv]],
    [python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]],
  ];
  for (const [command, args] of steps) {
    const run = spawnSync(command, args, { encoding: 'utf8' });
    if (run.status !== 0)
      return `${command} ${args.join(' ')}: ${(run.stderr ?? String(run.error)).trim().slice(-400)}`;
  }
  writeFileSync(stamp, pins);
  return undefined;
}
