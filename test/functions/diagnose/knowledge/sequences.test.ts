import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { historyOf, planted, PLANTED, START, WAYS, type Shape } from '../../../../bench/sequences/histories.ts';
import { spellsOf, sequencesOf, type Occurrence } from '../../../../functions/diagnose/knowledge/sequences.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';
import type { Fault } from '../../../../layers/core/taxonomy.ts';
import { hours, minutes, type Seconds } from '../../../../layers/core/units.ts';

const arn = (name: string): string => `arn:aws:ecs:eu-west-1:111122223333:service/prod/${name}`;
const DAYS: Seconds = hours(24);
let ids = 0;
const came = (name: string, fault: Fault, at: Seconds, confirmed = true): Occurrence => ({
  incidentId: `incident ${(ids += 1)}`,
  resource: arn(name),
  fault,
  at: START + at,
  confirmed,
});

/** Five days at different times of the day, the last without what follows. */
const TIMES = [1.4, 5.6, 12.3, 18.7, 24.5].map((day) => day * DAYS);
const LAGS = [9, 12, 12, 14].map(minutes);
const deployments = TIMES.map((at) => came('api', 'bad-deployment', at));
const overloads = LAGS.map((lag, n) => came('store', 'overload', TIMES[n]! + lag));
const UNTIL = START + 30 * DAYS;

describe('a sequence', () => {
  test('is told with how often it came, how long after, and how likely it is next time', () => {
    const { sequences, tested } = sequencesOf([...deployments, ...overloads], UNTIL);

    expect(tested).toBe(8); // two pairs, four windows
    expect(sequences).toHaveLength(1);
    const [found] = sequences;
    expect(found).toMatchObject({
      first: { resource: arn('api'), fault: 'bad-deployment' },
      next: { resource: arn('store'), fault: 'overload' },
      came: 5,
      followed: 4,
      within: minutes(15),
      lastAt: new Date((START + TIMES[3]! + LAGS[3]!) * 1000).toISOString(),
    });
    expect(found!.lag.median).toBe(minutes(12));
    // Beta(5, 2): its mean, and R's qbeta(0.05, 5, 2).
    expect(found!.probability).toBeCloseTo(5 / 7);
    expect(found!.atLeast).toBeCloseTo(0.4182, 4);
    expect(found!.incidents[0]).toEqual({ first: deployments[3]!.incidentId, next: overloads[3]!.incidentId });
  });

  test('foretells the lag as the prediction interval of logarithms does', () => {
    const { lag } = sequencesOf([...deployments, ...overloads], UNTIL).sequences[0]!;

    // Mean and deviation of the four logarithms, and Student's 2.353 of three degrees of freedom.
    const logs = LAGS.map(Math.log);
    const mean = logs.reduce((a, b) => a + b) / 4;
    const deviation = Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / 3);
    expect(lag.low).toBeCloseTo(Math.exp(mean - 2.3534 * deviation * Math.sqrt(1.25)), 0);
    expect(lag.high).toBe(minutes(15)); // no further than was looked
  });

  test('is none that came twice, nor one whose second begins at once with the first', () => {
    const atOnce = TIMES.map((at) => came('store', 'overload', at + minutes(2)));

    expect(sequencesOf([...deployments, ...overloads.slice(0, 2)], UNTIL).sequences).toEqual([]);
    expect(sequencesOf([...deployments, ...atOnce], UNTIL).sequences).toEqual([]);
  });

  test('counts what comes back within two hours once', () => {
    const back = [...deployments, ...overloads].flatMap((one) => [one, { ...one, at: one.at + minutes(50) }]);

    const [found] = sequencesOf(back, UNTIL).sequences;

    expect(found).toMatchObject({ came: 5, followed: 4 });
    expect(spellsOf(back)).not.toHaveLength(back.length);
  });

  test('does not count yet what came a moment ago', () => {
    const now = came('api', 'bad-deployment', 30 * DAYS - minutes(3));

    expect(sequencesOf([...deployments, ...overloads, now], UNTIL).sequences[0]).toMatchObject({ came: 5 });
  });

  test('on one resource is told only where a person or a healing says what each was', () => {
    const ofApi = (confirmed: boolean) => [
      ...TIMES.map((at) => came('api', 'bad-deployment', at, confirmed)),
      ...LAGS.map((lag, n) => came('api', 'memory-leak', TIMES[n]! + lag, confirmed)),
    ];

    expect(sequencesOf(ofApi(false), UNTIL).sequences).toEqual([]);
    expect(sequencesOf(ofApi(true), UNTIL).sequences).toMatchObject([{ next: { fault: 'memory-leak' }, followed: 4 }]);
  });

  test('is none where both come every night by the clock, whatever the one has to do with the other', () => {
    const nights = Array.from({ length: 25 }, (_, n) => n * DAYS + hours(2) + minutes(n % 5));
    const both = nights.flatMap((at) => [
      came('job', 'overload', at),
      came('store', 'throttling', at + minutes(20) + minutes(at % 7)),
    ]);

    expect(sequencesOf(both, UNTIL).sequences).toEqual([]);
  });

  test('is none where the other comes first as often', () => {
    const before = TIMES.map((at) => came('store', 'overload', at - minutes(14)));
    const after = TIMES.map((at) => came('store', 'overload', at + hours(1.9)));

    const found = sequencesOf([...deployments, ...before, ...after], UNTIL).sequences;

    expect(found.map(({ first }) => first.resource)).toEqual([arn('store')]);
  });
});

describe('any history', () => {
  const anyTrouble = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    fault: fc.constantFrom<Fault>('overload', 'crash-loop'),
    at: fc.integer({ min: 0, max: 20 * DAYS }),
    confirmed: fc.boolean(),
  });

  test('gives sequences that add up, in whatever order it is told', () => {
    fc.assert(
      fc.property(fc.array(anyTrouble, { maxLength: 80 }), (troubles) => {
        const all = troubles.map(({ name, fault, at, confirmed }) => came(name, fault, at, confirmed));

        const { sequences } = sequencesOf(all, START + 20 * DAYS);

        expect(sequencesOf(all.toReversed(), START + 20 * DAYS).sequences.length).toBe(sequences.length);
        for (const { came: times, followed, lag, within, probability, atLeast, chance } of sequences) {
          expect(followed).toBeGreaterThanOrEqual(3);
          expect(followed).toBeLessThanOrEqual(times);
          expect(lag.low).toBeLessThanOrEqual(lag.median);
          expect(lag.median).toBeLessThanOrEqual(lag.high);
          expect(lag.high).toBeLessThanOrEqual(within);
          expect(atLeast).toBeLessThan(probability);
          expect(chance).toBeLessThanOrEqual(0.05);
        }
      }),
    );
  });

  test.each(Object.keys(WAYS) as Shape['way'][])(
    'of troubles that have nothing to do with each other (%s) gives hardly any sequence',
    (way) => {
      const random = seeded(7);
      const shape = { way, resources: 4, days: 90, returns: 0.3 };

      const told = Array.from({ length: 40 }, () => historyOf(shape, random)).filter(
        ({ occurrences, until }) => sequencesOf(occurrences, until).sequences.length > 0,
      );

      // At 5 % of 40 histories, six or more happen once in seventy.
      expect(told.length).toBeLessThan(6);
    },
  );

  test('with a planted sequence gives it, nearly always, with its lag', () => {
    const random = seeded(11);
    const shape = { way: 'at any time', resources: 3, days: 90, returns: 0.2 } as const;
    const plant = { times: 8, follows: 1, lag: minutes(12), besides: 0.02 };

    const found = Array.from({ length: 40 }, () => planted(historyOf(shape, random), plant, random)).flatMap(
      ({ occurrences, until }) =>
        sequencesOf(occurrences, until).sequences.filter(({ first }) => first.resource === PLANTED.first.resource),
    );

    expect(found.length).toBeGreaterThanOrEqual(38);
    for (const { first, next, lag } of found) {
      expect({ first, next }).toEqual(PLANTED);
      expect(lag.low).toBeLessThan(plant.lag);
      expect(lag.high).toBeGreaterThan(plant.lag);
    }
  });
});
