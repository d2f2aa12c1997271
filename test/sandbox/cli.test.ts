import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Terminal } from '../e2e/terminal.ts';

let terminal: Terminal;

beforeEach(async () => {
  terminal = await Terminal.open();
});

afterEach(() => terminal.close());

describe('npm run sandbox', () => {
  it('refuses what it cannot do, and says what would be right', { timeout: 60_000 }, async () => {
    const refusals: [string[], number, string][] = [
      [['dance'], 2, 'there is no command "dance"'],
      [['toString'], 2, 'there is no command "toString"'],
      [['down', '--help'], 0, 'npm run sandbox -- down'],
      [['up', '--help'], 0, 'npm run sandbox -- up [--port N]'],
      [['up', '--prot=8080'], 1, "Unknown option '--prot'; the command is: npm run sandbox -- up [--port N]"],
      [['down', 'now'], 1, 'got now; the command is: npm run sandbox -- down'],
      [['status'], 1, 'the account is not up; bring it up with: npm run sandbox -- up'],
      [['deploy', 'examples/own-app'], 1, 'the account is not up'],
      [['up', '--port', '80'], 1, '--port takes 1024 to 65535, got 80'],
      [['up', '--port=80'], 1, '--port takes 1024 to 65535, got 80'],
      [['break', 'everything'], 1, 'there is no way to break called "everything"'],
      [['down'], 1, 'the account is not up'],
    ];

    const ran = await Promise.all(refusals.map(([args]) => terminal.account(...args)));

    expect(ran).toEqual(
      refusals.map(([, code, message]) => ({ code, text: expect.stringContaining(message) as string })),
    );
  });

  it('ends the account when its emulator dies, and says why', { timeout: 60_000 }, async () => {
    await terminal.account('up');
    const again = await terminal.account('up');
    const { pid } = JSON.parse(readFileSync(join(terminal.folder, 'account.json'), 'utf8')) as { pid: number };
    const wrong = await terminal.account('deploy', 'nowhere');
    const context = await terminal.account('deploy', 'examples/own-app', '-c', 'mode');

    process.kill(emulatorOf(pid), 'SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    const after = await terminal.account('status');

    expect(again).toMatchObject({ code: 1, text: expect.stringContaining('the account is up already') as string });
    expect(wrong).toMatchObject({ code: 1, text: expect.stringContaining('nowhere is no folder') as string });
    expect(context).toMatchObject({ code: 1, text: expect.stringContaining('supply -c key=value') as string });
    expect(after.code).toBe(1);
    expect(after.text).toContain(
      'the account is not up (the account ended by itself: the emulator ended by itself (SIGKILL)',
    );
  });
});

/** The child of the account's process that is the emulator. */
function emulatorOf(parent: number): number {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command=']).toString().split('\n');
  const found = lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .find((match) => Number(match?.[2]) === parent && match?.[3]?.includes('serve.py'));
  return Number(found?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
