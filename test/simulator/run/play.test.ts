import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secondsBetween, hours } from '../../../layers/core/units.ts';
import { keep, problemsOf, recall } from '../../../simulator/run/kept.ts';
import { beginOf, play, playAll, type Pair } from '../../../simulator/run/play.ts';
import { summaryOf } from '../../../simulator/run/summary.ts';

const COUNT = 10;

async function run(): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for await (const pair of playAll(1)) if (pairs.push(pair) === COUNT) break;
  return pairs;
}

const told = (pairs: readonly Pair[]): string => {
  const [episodes, unhealed] = [pairs.map(({ healed }) => healed.episode), pairs.map((pair) => pair.unhealed)];
  const violations = pairs.flatMap(({ healed }) => healed.violations);
  return JSON.stringify({ summary: summaryOf(episodes, unhealed, violations), episodes, unhealed });
};

describe('a run of many faults', () => {
  let pairs: Pair[] = [];
  beforeAll(async () => void (pairs = await run()), 240_000);

  it('comes to the same, bit for bit, from the same seed', async () => {
    const again = await run();

    expect(told(again)).toBe(told(pairs));
  }, 240_000);

  it('lets every episode begin when the one before it is over, and a day bring each resource about one fault', () => {
    const begins = Array.from({ length: 50 }, (_, n) => beginOf(1, n + 1));

    for (const [n, begin] of begins.entries())
      if (n > 0) expect(secondsBetween(begins[n - 1]!, begin)).toBeGreaterThan(hours(3.4));
    expect(secondsBetween(begins[0]!, begins.at(-1)!) / 49 / hours(1)).toBeCloseTo(24 / 5, 0);
  });

  it('meets the same faults with nobody healing', () => {
    const faultsOf = ({ fault, variant, target, enteredAt, confounder }: Pair['unhealed']) =>
      [fault, variant, target, enteredAt, confounder].join(' ');

    expect(pairs.map(({ unhealed }) => faultsOf(unhealed))).toEqual(
      pairs.map(({ healed }) => faultsOf(healed.episode)),
    );
    expect(pairs.flatMap(({ unhealed }) => unhealed.ending)).toEqual(pairs.map(() => 'none'));
  });

  it('begins each episode with what was learned in those before it', () => {
    const learned = pairs.map(({ which }) => which.carried.knowledge.length);

    expect(learned[0]).toBe(0);
    expect(learned.at(-1)).toBeGreaterThan(1);
  });
});

describe('an episode that was kept', () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  it('is played again as it was, from its file alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kept-'));
    folders.push(folder);
    const first = await play({ seed: 3, n: 1, carried: { incidents: [], knowledge: [], control: [] } });
    const which = { seed: 3, n: 2, carried: first.carried };
    const played = await play(which);

    await keep(which, ['a reason'], folder);
    const recalled = await recall(3, 2, folder);
    const again = await play(recalled);

    expect(recalled.isKept).toBe(true);
    expect(JSON.stringify(again.episode)).toBe(JSON.stringify(played.episode));
    expect(again.account.tables.dump()).toEqual(played.account.tables.dump());
    expect(problemsOf(again)).toEqual(problemsOf(played));
  }, 120_000);

  it('begins with nothing learned where it was not kept', async () => {
    const recalled = await recall(4, 4, '/nowhere');

    expect(recalled).toEqual({ seed: 4, n: 4, isKept: false, carried: { incidents: [], knowledge: [], control: [] } });
  });
});
