import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fixedCost,
  inventoryOf,
  intervals,
  LONGEST,
  MONTH,
  planIntervals,
  riskOf,
  SHORTEST,
  watchedOf,
} from '../../../functions/watch/interval.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import { aResource } from '../../runtime/samples.ts';

const spent = (watched: readonly { arn: string; cost: number }[], chosen: ReadonlyMap<string, number>): number =>
  watched.reduce((sum, { arn, cost }) => sum + (cost * MONTH) / chosen.get(arn)!, 0);

describe('the intervals', () => {
  it('spend the budget, and no more, where no bound holds them', () => {
    const watched = Array.from({ length: 100 }, (_, n) => ({
      arn: `r${n}`,
      cost: 1e-5 * (1 + (n % 7)),
      risk: 1 + (n % 3),
    }));

    const chosen = intervals(watched, 5);

    expect(spent(watched, chosen)).toBeCloseTo(5, 6);
  });

  it('follow the square-root rule: four times the risk is read twice as often, four times the cost half as often', () => {
    const watched = [
      { arn: 'plain', cost: 1e-3, risk: 1 },
      { arn: 'risky', cost: 1e-3, risk: 4 },
      { arn: 'dear', cost: 4e-3, risk: 1 },
    ];

    const chosen = intervals(watched, 20);

    expect(chosen.get('plain')! / chosen.get('risky')!).toBeCloseTo(2, 9);
    expect(chosen.get('dear')! / chosen.get('plain')!).toBeCloseTo(2, 9);
  });

  it('are least in risk-weighted waiting: moving money between two resources makes it longer', () => {
    const watched = [
      { arn: 'a', cost: 2e-3, risk: 3 },
      { arn: 'b', cost: 5e-3, risk: 1 },
    ];
    const waiting = (a: number, b: number): number => 3 * a + b;

    const chosen = intervals(watched, 30);
    const [a, b] = [chosen.get('a')!, chosen.get('b')!];

    const rate = 30 / MONTH;
    for (const factor of [0.9, 0.99, 1.01, 1.1]) {
      const moved = a * factor;
      const other = 5e-3 / (rate - 2e-3 / moved);
      expect(waiting(moved, other)).toBeGreaterThan(waiting(a, b));
    }
  });

  it('lie within their bounds and never spend more than the budget, unless the longest ones already cost more', () => {
    const one = fc.record({
      cost: fc.double({ min: 1e-6, max: 1e-2, noNaN: true }),
      risk: fc.double({ min: 0.1, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.001, max: 1000, noNaN: true }),
        (list, budget) => {
          const watched = list.map((each, n) => ({ ...each, arn: `r${n}` }));

          const chosen = intervals(watched, budget);

          for (const { arn } of watched) {
            expect(chosen.get(arn)).toBeGreaterThanOrEqual(SHORTEST);
            expect(chosen.get(arn)).toBeLessThanOrEqual(LONGEST);
          }
          const least = watched.reduce((sum, { cost }) => sum + (cost * MONTH) / LONGEST, 0);
          expect(spent(watched, chosen)).toBeLessThanOrEqual(Math.max(budget, least) * (1 + 1e-9));
        },
      ),
    );
  });
});

describe('the plan of an inventory', () => {
  const services = (n: number) => Array.from({ length: n }, () => aResource());

  it('keeps a hundred services and seven hundred at the same interval for the same money each', () => {
    const [hundred, sevenHundred] = [services(100), services(700)].map(
      (all) => [...planIntervals(all, 5).values()][0]!,
    );

    // What the plan costs however few there are is shared by more.
    expect(sevenHundred! / hundred!).toBeGreaterThan(0.9);
    expect(sevenHundred! / hundred!).toBeLessThanOrEqual(1);
  });

  it('costs what it may by default, with all that it costs however seldom it reads', () => {
    const all = services(100);
    const watched = watchedOf(all);

    const chosen = planIntervals(all, DEFAULT_WATCH.dollarsPerMonth);

    expect(spent(watched, chosen) + fixedCost(inventoryOf(all))).toBeCloseTo(5, 2);
  });

  it('reads a resource more often where it may act, where no alarm tells, where others depend on it', () => {
    const alarm = {
      arn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a',
      name: 'a',
      kind: 'metric' as const,
      criteria: [],
    };
    const heal = aResource({ alarms: [alarm] });

    expect(riskOf(heal, 0)).toBeGreaterThan(riskOf(aResource({ mode: 'observe', alarms: [alarm] }), 0));
    expect(riskOf(aResource(), 0)).toBeGreaterThan(riskOf(heal, 0));
    expect(riskOf(heal, 8)).toBe(3 * riskOf(heal, 0));
  });
});
