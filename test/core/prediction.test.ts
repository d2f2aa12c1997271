import { describe, expect, it } from 'vitest';
import { endOf, fateOf, timeLeft, type Pending } from '../../layers/core/prediction.ts';

/** Made at 1000: 60 of 100, a per cent in ten seconds, so in 400 s; 90 %: 300 to 500 s. */
const pending: Pending = {
  at: 1000,
  foretold: {
    series: 'memory',
    limit: { value: 100, when: 'above' },
    value: 60,
    slope: 0.1,
    inSeconds: 400,
    earliest: 300,
    latest: 500,
    probability: 0.95,
    horizon: 7200,
  },
};

describe('a forecast', () => {
  it('came true once the limit is reached within its interval and a quarter of it', () => {
    expect(
      fateOf(
        pending,
        [
          [1300, 90],
          [1510, 100],
        ],
        1511,
      ),
    ).toBe('came-true');
    expect(endOf(pending)).toBe(1525);
  });

  it('did not when its time is over and the limit was not reached', () => {
    expect(
      fateOf(
        pending,
        [
          [1300, 70],
          [1520, 75],
        ],
        1526,
      ),
    ).toBe('did-not');
    expect(fateOf(pending, [[1600, 100]], 1700)).toBe('did-not');
  });

  it('is open until then', () => {
    expect(fateOf(pending, [[1300, 70]], 1400)).toBe('open');
    expect(fateOf(pending, [], 1400)).toBe('open');
  });

  it('was cut short where what had filled up was freed before: nobody knows what would have been', () => {
    expect(
      fateOf(
        pending,
        [
          [1200, 80],
          [1300, 20],
          [1500, 25],
        ],
        1600,
      ),
    ).toBe('cut-short');
  });

  it('is judged by what came after it alone', () => {
    expect(
      fateOf(
        pending,
        [
          [900, 100],
          [950, 10],
        ],
        1200,
      ),
    ).toBe('open');
  });

  it('of what runs out downwards is judged the other way round', () => {
    const { foretold } = pending;
    const days = {
      ...pending,
      foretold: { ...foretold, limit: { value: 5, when: 'below' as const }, value: 40, slope: -0.1 },
    };

    expect(fateOf(days, [[1300, 5]], 1310)).toBe('came-true');
    expect(fateOf(days, [[1300, 90]], 1310)).toBe('cut-short');
    expect(timeLeft(days.foretold, 15)).toBe(100);
  });
});
