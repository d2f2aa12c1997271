import { describe, expect, it } from 'vitest';
import { foretell, type Question } from '../../../../functions/detect/forecast/foretell.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';
import { normal } from '../../../../simulator/world/chance.ts';

const PERIOD = 60;
const LIMIT = { value: 100, when: 'above' } as const;

function ask(values: readonly number[], changes: Partial<Question> = {}) {
  const points = values.map((value, i) => ({ at: i * PERIOD, value }));
  const now = (values.length + 1) * PERIOD;
  const rise = foretell({ points, now, limit: LIMIT, period: PERIOD, horizon: 7200, alertsPerWeek: 1, ...changes });
  return rise?.told ? rise.reaches : undefined;
}

/** How often it would tell in a week, judged every half hour on the day before, at rest for two hours after each. */
function alertsInWeek(values: readonly number[]): number {
  let alerts = 0;
  for (let end = 1440; end < values.length; end += 30) {
    if (!ask(values.slice(end - 1440, end))) continue;
    alerts += 1;
    end += 120;
  }
  return alerts;
}

describe('a forecast that is told', () => {
  it('comes soon after a level series begins to rise, with the time of the rise and not of the mean', () => {
    const random = seeded(1);
    const leak = Array.from({ length: 120 }, (_, i) => 20 + Math.max(0, i - 60) * 1.0 + normal(random) * 0.5);

    const lengths = Array.from({ length: 60 }, (_, n) => 61 + n);
    const first = lengths.find((n) => ask(leak.slice(0, n)) !== undefined)!;
    const told = ask(leak.slice(0, first))!;

    expect(first - 60).toBeLessThanOrEqual(20);
    const left = (80 - (first - 60)) * PERIOD;
    expect(told.inSeconds).toBeGreaterThan(0.7 * left);
    expect(told.inSeconds).toBeLessThan(1.4 * left);
  });

  it(
    'leaves more than half of the remaining life in 95 of 100 leaks of any speed that a horizon of two hours can see',
    { timeout: 60_000 },
    () => {
      const random = seeded(2);
      const early = Array.from({ length: 100 }, () => {
        const speed = 0.7 + 2 * random(); // per cent a minute
        const noise = 0.2 + random();
        const life = Math.floor(80 / speed);
        const values = Array.from(
          { length: 120 + life },
          (_, i) => 20 + Math.max(0, i - 120) * speed + normal(random) * noise,
        );
        const first = Array.from({ length: life }, (_, n) => 121 + n).find(
          (n) => ask(values.slice(0, n)) !== undefined,
        );
        return first !== undefined && first - 120 <= life / 2;
      });

      expect(early.filter(Boolean).length).toBeGreaterThanOrEqual(95);
    },
  );

  it(
    'keeps silent in healthy weeks: noise, a daily season, lingering noise, a saw of garbage collection',
    { timeout: 120_000 },
    () => {
      const random = seeded(3);
      const week = 8 * 24 * 60;
      let lingering = 0;
      const kinds: ((i: number) => number)[] = [
        () => 40 + 5 * normal(random),
        (i) => 45 + 25 * Math.sin((2 * Math.PI * i) / 1440) + normal(random),
        () => 50 + (lingering = 0.9 * lingering + normal(random)),
        (i) => 30 + (i % 45) * 0.8 + normal(random),
      ];

      const alerts = kinds.map((kind) => alertsInWeek(Array.from({ length: week }, (_, i) => kind(i))));

      expect(Math.max(...alerts)).toBeLessThanOrEqual(1);
    },
  );

  it('keeps silent while a process that starts fills its memory and stops', () => {
    const start = Array.from({ length: 90 }, (_, i) => 10 + 12 * (1 - Math.exp(-i / 6)));

    const told = Array.from({ length: 75 }, (_, n) => ask(start.slice(0, 15 + n))).filter((one) => one !== undefined);

    expect(told).toEqual([]);
  });

  /** Level, then deployed anew: it starts low and fills up, to where it stood times `needs`, and leaks `speed` a minute. */
  function deployed(random: () => number, needs: number, minutes: number, speed = 0): number[] {
    const fills = 4 + 30 * random();
    const level = (i: number) => (i < 0 ? 50 : 50 * needs * (1 - 0.45 * Math.exp(-i / fills)) + speed * i);
    return Array.from({ length: 300 + minutes }, (_, i) => level(i - 300) + 0.7 * normal(random));
  }

  it('keeps silent while a new deployment fills up to where the one before it stood, or somewhat higher', () => {
    const random = seeded(11);

    const told = Array.from({ length: 20 }, (_, n) => {
      const values = deployed(random, 0.9 + n / 100, 90);
      return Array.from({ length: 24 }, (_one, i) => ask(values.slice(0, 318 + 3 * i))).filter(Boolean).length;
    });

    expect(told.filter((count) => count > 0).length).toBeLessThanOrEqual(1);
  });

  it('tells of the leak that a deployment brought while a third of its life is left', () => {
    const random = seeded(12);

    const lives = Array.from({ length: 10 }, () => {
      const values = deployed(random, 1, 240, 0.4);
      const life = values.findIndex((value) => value >= 100) - 300;
      const told = Array.from({ length: life / 4 }, (_, i) => i * 4).find((i) => ask(values.slice(0, 300 + i)));
      return told === undefined ? 1 : told / life;
    });

    expect(lives.filter((share) => share <= 2 / 3).length).toBeGreaterThanOrEqual(9);
  });

  it('is suspected before it is told', () => {
    const random = seeded(13);
    const leak = Array.from({ length: 90 }, (_, i) => 20 + Math.max(0, i - 60) + 1.5 * normal(random));
    const rise = (n: number) =>
      foretell({
        points: leak.slice(0, n).map((value, i) => ({ at: i * PERIOD, value })),
        now: (n + 1) * PERIOD,
        limit: LIMIT,
        period: PERIOD,
        horizon: 7200,
        alertsPerWeek: 1,
      });

    const seen = Array.from({ length: 30 }, (_, n) => rise(61 + n));
    const [suspected, told] = [seen.findIndex((one) => one !== undefined), seen.findIndex((one) => one?.told)];

    expect(suspected).toBeGreaterThan(0);
    expect(suspected).toBeLessThan(told);
  });

  it('comes again for a leak that was stopped at the limit before: that is no habit', () => {
    const saw = Array.from({ length: 400 }, (_, i) => 20 + ((i % 130) * 81) / 129);

    const told = ask(saw.slice(0, 350));

    expect(told).toBeDefined();
  });

  it('says nothing of bad input', () => {
    expect(ask([])).toBeUndefined();
    expect(ask([1])).toBeUndefined();
    expect(ask(Array<number>(120).fill(50))).toBeUndefined();
    expect(ask(Array<number>(120).fill(Number.NaN))).toBeUndefined();
  });
});
