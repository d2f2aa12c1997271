import { expect, test } from 'vitest';
import { grouping } from '../../../bench/logs/grouping.ts';

test('the accuracy of a grouping is the example of Zhu et al. 2019: E1, E2, E2 found as E1, E4, E5 gets one line of three', () => {
  expect(grouping(['E1', 'E2', 'E2'], ['E1', 'E4', 'E5']).accuracy).toBeCloseTo(1 / 3);
});

test('names of groups do not matter, and one stray line spoils a group', () => {
  expect(grouping(['a', 'a', 'b', 'b'], [7, 7, 3, 3])).toEqual({ accuracy: 1, f1: 1, groups: 2 });
  expect(grouping(['a', 'a', 'b', 'b'], [7, 7, 7, 3]).accuracy).toBe(0);
  expect(grouping(['a', 'a', 'b', 'c'], [1, 1, 2, 2])).toEqual({ accuracy: 0.5, f1: 0.4, groups: 2 });
});
