import { expect, test } from 'vitest';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { requestPath, USUAL } from '../../../sandbox/load/traffic.ts';

test('paths come in the proportion of their weights', () => {
  const random = seeded(3);

  const paths = Array.from({ length: 4000 }, (_, n) => requestPath(USUAL, n, random));
  const share = (path: string) => paths.filter((p) => p.startsWith(`${path}?`)).length / paths.length;

  expect(share('/')).toBeCloseTo(0.5, 1);
  expect(share('/history')).toBeCloseTo(0.25, 1);
  expect(share('/checkout')).toBeCloseTo(0.25, 1);
});

test('three customers of ten are members, whose numbers end in 0, 1 or 2', () => {
  const random = seeded(3);

  const customers = Array.from({ length: 100 }, (_, n) =>
    new URL(requestPath(USUAL, n, random), 'http://shop').searchParams.get('customer'),
  );

  expect(customers.filter((customer) => Number(customer) % 10 <= 2)).toHaveLength(30);
});

test('a crawler searches for something new each time', () => {
  const crawler = { rate: 5, items: 1, mix: { '/search/web': 1 } };

  const paths = Array.from({ length: 50 }, (_, n) => requestPath(crawler, n, seeded(1)));

  expect(new Set(paths).size).toBe(50);
});

test('a mix without weight is refused with what was got', () => {
  expect(() => requestPath({ rate: 1, items: 1, mix: { '/': 0 } }, 0, () => 0)).toThrow(
    'supply weights above 0, got {"/":0}',
  );
});
