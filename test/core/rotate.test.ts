import { expect, test } from 'vitest';
import { rotated } from '../../layers/core/rotate.ts';
import { addSeconds } from '../../layers/core/units.ts';

const items = Array.from({ length: 100 }, (_, n) => n);
const minute = (n: number) => addSeconds('2026-11-01T00:00:00.000Z', 60 * n);

test('whatever is first in line, all items are there, in the same circle', () => {
  expect(rotated(items, minute(3)).toSorted((a, b) => a - b)).toEqual(items);
  expect(rotated([], minute(3))).toEqual([]);
});

test('where time is enough for a quarter each minute, every item has its turn within ten minutes, whenever they begin', () => {
  for (let start = 0; start < 500; start += 1) {
    const seen = new Set(Array.from({ length: 10 }, (_, n) => rotated(items, minute(start + n)).slice(0, 25)).flat());

    expect(seen.size).toBe(100);
  }
});
