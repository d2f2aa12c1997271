import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaProbability, betaQuantile, studentQuantile } from '../../../layers/core/statistics/beta.ts';
import { atLeast } from '../../../layers/core/statistics/trials.ts';

describe('the Beta distribution', () => {
  it('adds up to the binomial tail that it is the integral of', () => {
    // I_x(a, n - a + 1) = P(Bin(n, x) ≥ a): Abramowitz and Stegun 1964, 26.5.24.
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.nat(59),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, k, x) => {
          const a = 1 + (k % n);

          const tail = atLeast(a, Array<number>(n).fill(x));

          expect(betaProbability(x, { alpha: a, beta: n - a + 1 })).toBeCloseTo(tail, 10);
        },
      ),
    );
  });

  it('is the arcsine law where both parameters are one half', () => {
    for (const x of [0.01, 0.2, 0.5, 0.9])
      expect(betaProbability(x, { alpha: 0.5, beta: 0.5 })).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 10);
  });

  it('has quantiles that lead back', () => {
    for (const p of [0.001, 0.05, 0.5, 0.99])
      expect(betaProbability(betaQuantile(p, { alpha: 5, beta: 2 }), { alpha: 5, beta: 2 })).toBeCloseTo(p, 10);
  });
});

it("has Student's table values", () => {
  // Fisher and Yates 1963, table III.
  for (const [freedom, t] of [
    [1, 6.314],
    [2, 2.92],
    [4, 2.132],
    [30, 1.697],
  ] as const)
    expect(studentQuantile(0.95, freedom)).toBeCloseTo(t, 3);
});

describe('at least so many of some trials', () => {
  it('is added up over all that may happen', () => {
    expect(atLeast(2, [0.1, 0.2, 0.5])).toBeCloseTo(
      0.1 * 0.2 * 0.5 + 0.1 * 0.2 * 0.5 + 0.1 * 0.8 * 0.5 + 0.9 * 0.2 * 0.5,
      12,
    );
    expect(atLeast(0, [])).toBe(1);
    expect(atLeast(1, [])).toBe(0);
  });

  it('keeps the digits of the smallest chances', () => {
    expect(atLeast(5, Array<number>(5).fill(1e-6)) / 1e-30).toBeCloseTo(1, 10);
  });
});
