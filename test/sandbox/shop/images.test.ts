import { expect, test } from 'vitest';
import { SERVICES } from '../../../sandbox/shop/copy.ts';
import { pull, tagsOf } from '../../../sandbox/shop/images.ts';

test.each(SERVICES)('%s has a good image, an innocent change, one that fails and one that crashes', (service) => {
  // The inventory has four more, that do not fail: one is slow, one logs an error, one names its steps and one stops half-way.
  const more = service === 'inventory' ? ['1.3.0', '1.4.0', '1.5.0', '1.6.0'] : [];
  expect(tagsOf(service)).toEqual(['1.0.0', '1.0.1', '1.1.0', '1.2.0', ...more]);
});

test('what a task definition shows of an image is its tag alone', () => {
  const [good, bad] = [pull('orders', '1.0.0'), pull('orders', '1.1.0')];

  expect(JSON.stringify(bad).replaceAll('1.1.0', '1.0.0')).toBe(JSON.stringify(good));
});

test('an unknown tag is refused with the tags there are', () => {
  expect(() => pull('orders', '9.9.9')).toThrow(
    'there is no image shop/orders:9.9.9; there are 1.0.0, 1.0.1, 1.1.0, 1.2.0',
  );
});
