import { expect, test } from 'vitest';
import { CustomerRecord } from '../../../sandbox/load/record.ts';

const recordOf = (seconds: readonly (readonly [ok: number, failed: number])[]): CustomerRecord => {
  const record = new CustomerRecord();
  for (const [at, [ok, failed]] of seconds.entries()) record.add({ at, ok, failed, latencies: [] });
  return record;
};

test('availability is the share of requests answered well in the window, which excludes its end', () => {
  const record = recordOf([
    [10, 0],
    [5, 5],
    [0, 10],
  ]);

  expect(record.availability(0, 2)).toBe(0.75);
  expect(record.availability(2, 3)).toBe(0);
});

test('no requests are neither success nor failure', () => {
  expect(recordOf([]).availability(0, 10)).toBeUndefined();
  expect(recordOf([]).p99(0, 10)).toBeUndefined();
});

test('answers that arrive late are added to the second in which the request was sent', () => {
  const record = recordOf([[1, 0]]);

  record.add({ at: 0, ok: 0, failed: 3, latencies: [3000, 3000, 3000] });

  expect(record.between(0, 1)).toEqual([{ at: 0, ok: 1, failed: 3, latencies: [3000, 3000, 3000] }]);
});

test('the 99th percentile is the nearest rank', () => {
  const record = new CustomerRecord();
  const latencies = Array.from({ length: 200 }, (_, i) => i + 1);

  record.add({ at: 0, ok: 200, failed: 0, latencies });

  expect(record.p99(0, 1)).toBe(198);
});

test('a shop is well since the first second from which every window of ten seconds was good', () => {
  const record = recordOf(Array.from({ length: 60 }, (_, at) => (at >= 20 && at < 30 ? [0, 6] : [6, 0])));

  expect(record.wellSince(0, 60)).toBe(30);
  expect(record.wellSince(0, 25)).toBeUndefined();
});
