import { expect, test } from 'vitest';
import { wilson } from '../../layers/core/wilson.ts';

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('of %d in %d the interval is the published one', (successes, trials, from, to) => {
  const interval = wilson(successes, trials);

  expect(interval.from).toBeCloseTo(from, 4);
  expect(interval.to).toBeCloseTo(to, 4);
});

test('without trials nothing is known; where all succeeded it is not certain', () => {
  expect(wilson(0, 0)).toEqual({ from: 0, to: 1 });
  expect(wilson(5, 5)).toMatchObject({ from: expect.closeTo(0.5655, 4), to: 1 });
});
