import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { Clock } from '../../../simulator/core/clock.ts';

const START = '2026-03-01T12:00:00.000Z';

test('work is done by time, then in the order in which it was scheduled', async () => {
  const clock = new Clock(START);
  const done: string[] = [];
  const note = (what: string) => () => void done.push(`${what} ${clock.now().slice(17, 23)}`);

  clock.after(2, note('c'));
  clock.after(1, note('a'));
  clock.after(2, note('d'));
  clock.at('2026-03-01T12:00:01.000Z', note('b'));
  clock.after(3, note('never')).cancel();
  await clock.run();

  expect(done).toEqual(['a 01.000', 'b 01.000', 'c 02.000', 'd 02.000']);
});

test('a run up to a moment leaves what is due later, and moves time there', async () => {
  const clock = new Clock(START);
  const done: number[] = [];
  for (const time of [1, 5, 9]) clock.after(time, () => done.push(time));

  await clock.run('2026-03-01T12:00:05.000Z');
  expect([done, clock.now()]).toEqual([[1, 5], '2026-03-01T12:00:05.000Z']);
  await clock.run('2026-03-01T12:00:07.000Z');
  expect([done, clock.now()]).toEqual([[1, 5], '2026-03-01T12:00:07.000Z']);
  await clock.run();
  expect([done, clock.now()]).toEqual([[1, 5, 9], '2026-03-01T12:00:09.000Z']);
});

test('functions that wait side by side go on one after the other, each until it waits again', async () => {
  const clock = new Clock(START);
  const done: string[] = [];
  const worker = async (name: string, pauses: readonly number[]) => {
    for (const pause of pauses) {
      await clock.sleep(pause);
      done.push(`${name} woke`);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      done.push(`${name} rests`);
    }
  };

  const all = Promise.all([worker('a', [10, 20]), worker('b', [10, 10]), worker('c', [10.5])]);
  await clock.run();
  await all;

  expect(done.map((line) => line.replace(' woke', '+').replace(' rests', '-')).join(' ')).toBe(
    'a+ a- b+ b- c+ c- b+ b- a+ a-',
  );
});

test('a function keeps its own context while it sleeps, and what it schedules does not', async () => {
  const clock = new Clock(START);
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];

  void storage.run('function', async () => {
    clock.after(1, () => seen.push(storage.getStore()));
    await clock.sleep(2000);
    seen.push(storage.getStore());
  });
  await storage.run('runner', () => clock.run());

  expect(seen).toEqual(['runner', 'function']);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('wrong');
    },
  ],
  ['rejects', () => Promise.reject(new Error('wrong'))],
])('work that %s ends the run', async (_, work) => {
  const clock = new Clock(START);
  const done: string[] = [];
  clock.after(1, work);
  clock.after(2, () => done.push('later'));

  await expect(clock.run()).rejects.toThrow('wrong');

  expect(done).toEqual([]);
});
