import { expect, test } from 'vitest';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { between, pick, randomFor } from '../../../sandbox/load/random.ts';

test('mulberry32 gives the numbers its reference implementation gives', () => {
  // Reference: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c in its usual JavaScript form:
  // t = (a += 0x6D2B79F5); t = imul(t ^ t >>> 15, t | 1); t ^= t + imul(t ^ t >>> 7, t | 61); (t ^ t >>> 14) >>> 0
  const reference = (seed: number): (() => number) => {
    let a = seed;
    return () => {
      let t = (a += 0x6d2b79f5);
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  };

  const [ours, theirs] = [seeded(42), reference(42)];

  for (let i = 0; i < 1000; i += 1) expect(ours()).toBe(theirs());
});

test('the same seed and name give the same numbers, another seed or name gives others', () => {
  const first = randomFor(7, 'leak')();

  expect(randomFor(7, 'leak')()).toBe(first);
  expect(randomFor(8, 'leak')()).not.toBe(first);
  expect(randomFor(7, 'crash')()).not.toBe(first);
});

test('picks cover all choices and stay within bounds', () => {
  const random = seeded(1);

  const picks = new Set(Array.from({ length: 200 }, () => pick(random, ['a', 'b', 'c'])));
  const numbers = Array.from({ length: 200 }, () => between(random, 2, 4));

  expect(picks).toEqual(new Set(['a', 'b', 'c']));
  expect(new Set(numbers)).toEqual(new Set([2, 3, 4]));
  expect(() => pick(random, [])).toThrow('supply at least one choice');
});
