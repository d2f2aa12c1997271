import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const VENV = join(ROOT, '.venv-bench');

/**
 * A Python with the peers of `bench/requirements.txt`, in a virtual environment of its own that is made on first use.
 *
 * @returns the interpreter's path; undefined, after saying so, where it cannot be had
 */
export async function peerPython(print: (line: string) => void): Promise<string | undefined> {
  const python = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const requirements = join(ROOT, 'bench', 'requirements.txt');
  if (!existsSync(python)) {
    print('making .venv-bench with the peers');
    if (!succeeds('python3', ['-m', 'venv', VENV])) return undefined;
  }
  if (!succeeds(python, ['-c', 'import sklearn, numpy'])) {
    if (!succeeds(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements])) return undefined;
  }
  return python;
}

const succeeds = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
