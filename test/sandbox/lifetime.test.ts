import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runFolder, stopOnce } from '../../sandbox/lifetime.ts';

it('ends the last that was started first, each once', async () => {
  const ended: string[] = [];
  const stop = stopOnce(['endpoint', 'emulator', 'tasks'].map((name) => async () => void ended.push(name)));

  await Promise.all([stop(), stop()]);

  expect(ended).toEqual(['tasks', 'emulator', 'endpoint']);
});

it('ends the others, too, where one cannot be ended, and says which', async () => {
  const ended: string[] = [];
  const stop = stopOnce([
    async () => void ended.push('emulator'),
    () => Promise.reject(new Error('a task does not end')),
  ]);

  await expect(stop()).rejects.toThrow('not all could be ended: Error: a task does not end');

  expect(ended).toEqual(['emulator']);
});

it('takes away the folders of runs that are over, and leaves those of runs that go on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prunella-runs-'));
  const [over, on] = [`run-${2 ** 22 + 1}-a`, `run-${process.pid}-b`];
  for (const name of [over, on]) mkdirSync(join(folder, name));

  const own = await runFolder(folder);
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });

  expect(left.map((name) => join(folder, name)).sort()).toEqual([join(folder, on), own].sort());
});
