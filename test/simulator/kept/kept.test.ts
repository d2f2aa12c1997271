import { describe, expect, it } from 'vitest';
import { allKept, problemsOf, recall } from '../../../simulator/run/kept.ts';
import { play } from '../../../simulator/run/play.ts';

/**
 * Episodes that once went wrong: `npm run simulate` writes them here as `seed-S-N.json`. Look at one with
 * `npm run simulate -- --only N --seed S`; commit its file with what makes it go right.
 */
const kept = await allKept();

describe('what once went wrong in the simulator', () => {
  it.for(kept.length > 0 ? kept : [{ seed: 1, n: 1 }])(
    'goes right: seed $seed, episode $n',
    { timeout: 120_000 },
    async ({ seed, n }) => {
      const played = await play(await recall(seed, n));

      expect(problemsOf(played)).toEqual([]);
    },
  );
});
