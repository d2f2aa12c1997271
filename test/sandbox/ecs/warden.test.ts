import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const SANDBOX = new URL('fixture/sandbox.ts', import.meta.url).pathname;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the warden', () => {
  it('ends the processes of tasks, and their children, when the sandbox is killed', async () => {
    const sandbox = spawn(process.execPath, [SANDBOX], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(sandbox.stdout.setEncoding('utf8'), 'data')) as [string];
    const pids = line.trim().split(' ').map(Number);
    expect(pids.map(isAlive)).toEqual([true, true]);

    sandbox.kill('SIGKILL');
    await once(sandbox, 'exit');

    await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
  });
});
