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

  it('ends them too when the sandbox stops it, and then itself', async () => {
    const sandbox = spawn(process.execPath, [SANDBOX, 'stop'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    sandbox.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));

    const [code] = (await once(sandbox, 'exit')) as [number];

    const [pids = '', last] = said.trim().split('\n');
    expect([code, last]).toEqual([0, 'stopped']);
    // One that was killed can be seen until its new parent has taken note.
    await expect.poll(() => pids.split(' ').map(Number).filter(isAlive), { timeout: 5000 }).toEqual([]);
  });
});
