import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmulator } from '../../../sandbox/emulator/emulator.ts';
import { freePort } from '../../../sandbox/emulator/ports.ts';

const root = join(import.meta.dirname, '..', '..', '..');
let stateDir: string;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'prunella-emulator-'));
});

afterEach(() => rm(stateDir, { recursive: true, force: true }));

async function options(): Promise<Parameters<typeof startEmulator>[0]> {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  return { root, stateDir, endpoint, accountId: '111122223333', region: 'us-east-1' };
}

/** Processes whose command line or environment names the state folder. */
function leftOver(): string[] {
  const lines = execFileSync('ps', ['eww', '-A', '-o', 'pid=,command=']).toString().split('\n');
  return lines.filter((line) => line.includes(join(stateDir, 'tmp')));
}

describe('startEmulator', () => {
  it('answers when it returns, on the loopback interface only, and is gone after stop', async () => {
    const emulator = await startEmulator(await options());

    const health = await fetch(`${emulator.url}/_ministack/health`);
    await emulator.stop();

    expect(health.status).toBe(200);
    expect(new URL(emulator.url).hostname).toBe('127.0.0.1');
    expect(leftOver()).toEqual([]);
    await expect(fetch(emulator.url)).rejects.toThrow();
  });

  it('tells when the emulator ends by itself', async () => {
    const deaths: string[] = [];
    const emulator = await startEmulator({ ...(await options()), onDeath: (reason) => deaths.push(reason) });

    process.kill(emulator.pid, 'SIGKILL');
    while (deaths.length === 0) await sleep(20);
    await emulator.stop();

    expect(deaths).toEqual([expect.stringContaining('ended by itself (SIGKILL)')]);
  });

  it('ends when the process that started it is killed', async () => {
    const program = `
      const { startEmulator } = await import(${JSON.stringify(join(root, 'sandbox/emulator/emulator.ts'))});
      const emulator = await startEmulator(${JSON.stringify(await options())});
      process.stdout.write(String(emulator.pid));
      setInterval(() => undefined, 1000);`;
    const host = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [pid] = (await once(host.stdout, 'data')) as [Buffer];
    expect(leftOver().some((line) => line.trim().startsWith(pid.toString()))).toBe(true);

    host.kill('SIGKILL');
    while (leftOver().length > 0) await sleep(20);

    expect(leftOver()).toEqual([]);
  });

  it('says what to do when it is not installed', async () => {
    const starting = startEmulator({ ...(await options()), root: stateDir });

    await expect(starting).rejects.toThrow('run "npm test" or "npm start" once');
    expect(await readdir(stateDir)).toEqual([]);
  });
});
