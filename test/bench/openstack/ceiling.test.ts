import { expect, test } from 'vitest';
import { bestOnExactRows, leastError, nearestAreOthers } from '../../../bench/openstack/ceiling.ts';

const cases = (...given: [row: number[], label: number][]) => ({
  rows: given.map(([row]) => Float64Array.from(row)),
  labels: Int32Array.from(given, ([, label]) => label),
  count: 3,
});

test('where equal rows have different labels, the best rule gets the commonest right', () => {
  const right = bestOnExactRows(cases([[1, 2], 0], [[1, 2], 1], [[1, 2], 1], [[12, 0], 0], [[1, 20], 2]));

  expect(right).toEqual([false, true, true, true, true]);
});

test('the nearest are those with the least differences in logarithms, all that are equally near', () => {
  const others = nearestAreOthers(
    cases([[0, 100], 0], [[0, 150], 0], [[1, 100], 1], [[30, 9], 2], [[30, 9], 2], [[30, 9], 1]),
  );

  expect(others).toEqual([0, 0, 1, 0.5, 0.5, 1]);
});

test('the only case has no neighbour that is another', () => {
  expect(nearestAreOthers(cases([[1], 0]))).toEqual([0]);
});

test('the bound is the inverse of what Cover and Hart prove of the nearest neighbour', () => {
  for (const labels of [2, 3, 6])
    for (const bayes of [0, 0.01, 0.1, 0.3]) {
      const nearest = bayes * (2 - (bayes * labels) / (labels - 1));
      expect(leastError(nearest, labels)).toBeCloseTo(bayes, 12);
    }
});

test('a neighbour that is wrong as often as chance bounds nothing but chance', () => {
  expect(leastError(0.5, 2)).toBe(0.5);
  expect(leastError(0.9, 2)).toBe(0.5);
});
