import { expect, test } from 'vitest';
import { runAll } from '../../../sandbox/scenarios/lib/fleet.ts';
import type { Result } from '../../../sandbox/scenarios/lib/result.ts';
import type { Scenario } from '../../../sandbox/scenarios/lib/scenario.ts';

const scenariosOf = (...names: string[]) => names.map((name) => ({ name }) as Scenario);

test('runs no more at once than allowed, begins in order, and keeps the order of the results', async () => {
  const running = new Set<string>();
  const begun: string[] = [];
  let most = 0;

  const results = await runAll(
    scenariosOf('a', 'b', 'c', 'd', 'e'),
    { atOnce: 2, stagger: 0 },
    async ({ name }) => {
      begun.push(name);
      running.add(name);
      most = Math.max(most, running.size);
      for (let i = 0; i < (name === 'a' ? 9 : 1); i += 1) await Promise.resolve();
      running.delete(name);
      return { name } as Result;
    },
    () => Promise.resolve(),
  );

  expect(most).toBe(2);
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(results.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('lets the beginnings follow each other with a pause', async () => {
  const pauses: number[] = [];

  await runAll(
    scenariosOf('a', 'b', 'c'),
    { atOnce: 3, stagger: 2000 },
    ({ name }) => Promise.resolve({ name } as Result),
    (pause) => Promise.resolve(pauses.push(pause)),
  );

  expect(pauses).toEqual([0, 2000, 4000]);
});
