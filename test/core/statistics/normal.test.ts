import { expect, it } from 'vitest';
import { normalProbability, normalQuantile, normalTail } from '../../../layers/core/statistics/normal.ts';

it('has its table values', () => {
  expect(normalProbability(1.96)).toBeCloseTo(0.9750021, 6);
  expect(normalProbability(-1)).toBeCloseTo(0.1586553, 6);
  expect(normalTail(3)).toBeCloseTo(0.0013499, 6);
  expect(normalQuantile(0.95)).toBeCloseTo(1.6448536, 5);
});
