import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  forecastExhaustion,
  sayExhaustion,
  type Exhaustion,
} from '../../../../functions/detect/forecast/exhaustion.ts';
import { theilSen, type TimedValue } from '../../../../functions/detect/forecast/theil-sen.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';

const MINUTE = 60;

/** A point a minute, rising `perMinute` from `start`, with noise of standard deviation near `noise`. */
function rising(count: number, start: number, perMinute: number, noise = 0, seed = 1): TimedValue[] {
  const random = seeded(seed);
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  return Array.from({ length: count }, (_, i) => ({ at: i * MINUTE, value: start + perMinute * i + noise * normal() }));
}

const ask = (points: readonly TimedValue[], limit = 100, exhaustedWhen: 'above' | 'below' = 'above'): Exhaustion =>
  forecastExhaustion({ points, now: points.at(-1)?.at ?? 0, limit, exhaustedWhen, horizon: 4 * 3600 });

const reaches = (answer: Exhaustion) => {
  if (answer.kind !== 'reaches') throw new Error(`supply a forecast, got ${JSON.stringify(answer)}`);
  return answer;
};

describe('the line of Theil and Sen', () => {
  it('has the slope of the worked example of Sen 1968, §6: 4.0 for t 1, 2, 3, 4, 10, 12, 18 and y 9, 15, 19, 20, 45, 55, 78', () => {
    const values = [9, 15, 19, 20, 45, 55, 78];
    const points = [1, 2, 3, 4, 10, 12, 18].map((at, i) => ({ at, value: values[i]! }));

    expect(theilSen(points)?.slope).toBeCloseTo(4, 12);
  });

  it('is not moved by a quarter of wild points', () => {
    const points = rising(60, 10, 1).map((point, i) => (i % 4 === 2 ? { ...point, value: 1e6 } : point));

    expect(theilSen(points)!.slope * MINUTE).toBeCloseTo(1, 6);
  });

  it('knows a slope less well when its scatter lingers', () => {
    const steady = rising(200, 0, 0, 1);
    const lingering = steady.map((point, i) => ({
      ...point,
      value: steady[Math.floor(i / 20) * 20]!.value + 0.01 * point.value,
    }));

    const [free, bound] = [theilSen(steady)!, theilSen(lingering)!];

    expect(bound.slopeError / bound.scatter).toBeGreaterThan(2 * (free.slopeError / free.scatter));
  });
});

describe('the forecast of exhaustion', () => {
  it('says when a clean line reaches its limit', () => {
    const answer = reaches(ask(rising(31, 40, 1)));

    expect(answer.inSeconds).toBeCloseTo(30 * MINUTE, 0);
    expect(answer.earliest).toBeLessThanOrEqual(answer.inSeconds);
    expect(answer.probability).toBeGreaterThan(0.999);
    expect(sayExhaustion(answer)).toBe('reaches its limit in 30 min (90 %: 30-30)');
  });

  it('covers the true time in about as many of 300 noisy leaks as it says', () => {
    const covered = Array.from({ length: 300 }, (_, seed) => {
      const answer = ask(rising(60, 20, 0.5, 2, seed + 1));
      if (answer.kind !== 'reaches') return false;
      const truth = (80 / 0.5 - 59) * MINUTE;
      return answer.earliest <= truth && truth <= (answer.latest ?? Number.POSITIVE_INFINITY);
    }).filter(Boolean).length;

    expect(covered / 300).toBeGreaterThanOrEqual(0.88);
  });

  it('sees no trend in 19 of 20 flat noisy series', () => {
    const seen = Array.from({ length: 300 }, (_, seed) => ask(rising(60, 50, 0, 3, seed + 1))).filter(
      ({ kind }) => kind !== 'none',
    );

    expect(seen.length / 300).toBeLessThan(0.06);
  });

  it('begins anew after a restart freed what had filled up', () => {
    const before = rising(60, 20, 1);
    const after = rising(20, 20, 1).map(({ at, value }) => ({ at: at + 60 * MINUTE, value }));

    expect(reaches(ask([...before, ...after])).inSeconds).toBeCloseTo(61 * MINUTE, -1);
  });

  it('sees the leak under a saw that a garbage collector makes', () => {
    const saw = rising(120, 20, 0.25).map((point, i) => ({ ...point, value: point.value + 2 * (i % 10) }));

    const answer = reaches(ask(saw));

    // The saw's tips reach the limit 36 minutes before its middle does.
    expect(answer.inSeconds).toBeGreaterThan(120 * MINUTE);
    expect(answer.inSeconds).toBeLessThan(201 * MINUTE);
  });

  it('reads what runs out downwards the same way', () => {
    const answer = reaches(ask(rising(31, 60, -1), 0, 'below'));

    expect(answer.inSeconds).toBeCloseTo(30 * MINUTE, 0);
    expect(answer.trend.slope).toBeLessThan(0);
  });

  it('says so when the limit is reached already, lies too far ahead, or there is too little to go by', () => {
    expect(ask(rising(31, 80, 1))).toEqual({ kind: 'exhausted', value: 110 });
    expect(ask(rising(31, 10, 0.01))).toEqual({ kind: 'none', why: 'beyond the horizon' });
    expect(ask(rising(31, 50, 0))).toEqual({ kind: 'none', why: 'no trend' });
    expect(ask(rising(31, 50, -1))).toEqual({ kind: 'none', why: 'no trend' });
    expect(ask([])).toEqual({ kind: 'none', why: 'too few points' });
    expect(ask([{ at: 0, value: 5 }])).toEqual({ kind: 'none', why: 'too few points' });
  });

  it('answers whatever it is fed, with times in order and no NaN', () => {
    const number = fc.oneof(
      fc.double({ min: -1e9, max: 1e9 }),
      fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY),
    );
    const points = fc.array(fc.record({ at: number, value: number }), { maxLength: 60 });
    fc.assert(
      fc.property(points, number, fc.constantFrom('above' as const, 'below' as const), (given, now, exhaustedWhen) => {
        const answer = forecastExhaustion({ points: given, now, limit: 100, exhaustedWhen, horizon: 3600 });
        if (answer.kind !== 'reaches') return;
        const { earliest, inSeconds, latest, probability } = answer;
        expect(earliest).toBeLessThanOrEqual(inSeconds);
        expect(earliest).toBeGreaterThanOrEqual(0);
        expect(latest ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(inSeconds);
        expect(probability).toBeGreaterThanOrEqual(0);
        expect(probability).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});
