import { describe, expect, it } from 'vitest';

import { MetricStore } from '../../../sandbox/cloudwatch/metric-store.ts';
import { statisticOf } from '../../../sandbox/cloudwatch/statistics.ts';

const ID = { namespace: 'T', metricName: 'M', dimensions: [] };

function statistic(name: string, samples: readonly (readonly [value: number, count: number])[]): number | undefined {
  const store = new MetricStore();
  samples.forEach(([value, count]) => store.put(ID, 'None', 0, value, count));
  return statisticOf(name)(store.read(ID, undefined, { start: 0, period: 60, length: 1 })[0]!);
}

const each = (...values: readonly number[]) => values.map((v) => [v, 1] as const);
const hundred = each(...Array.from({ length: 100 }, (_, i) => i + 1));

describe('percentiles', () => {
  // Nearest rank. The worked examples of Wikipedia, "Percentile", "The nearest-rank method" (15, 20, 35, 40, 50 and 3 … 20).
  it.each([
    ['p5', each(50, 15, 40, 20, 35), 15],
    ['p30', each(50, 15, 40, 20, 35), 20],
    ['p40', each(50, 15, 40, 20, 35), 20],
    ['p50', each(50, 15, 40, 20, 35), 35],
    ['p100', each(50, 15, 40, 20, 35), 50],
    ['p25', each(3, 6, 7, 8, 8, 10, 13, 15, 16, 20), 7],
    ['p50', each(3, 6, 7, 8, 8, 10, 13, 15, 16, 20), 8],
    ['p75', each(3, 6, 7, 8, 8, 10, 13, 15, 16, 20), 15],
  ])('%s is the nearest rank', (name, samples, expected) => {
    expect(statistic(name, samples)).toBe(expected);
  });

  // numpy.quantile([1 … 100], q, method="inverted_cdf"), numpy 2.
  it.each([
    ['p50', 50],
    ['p90', 90],
    ['p99', 99],
    ['p99.9', 100],
    ['p0', 1],
    ['p0.5', 1],
  ])('%s of 1 to 100 is %d, as numpy says', (name, expected) => {
    expect(statistic(name, hundred)).toBe(expected);
  });

  it('count a value as often as it was counted', () => {
    expect(
      statistic('p90', [
        [10, 90],
        [200, 10],
      ]),
    ).toBe(10);
    expect(
      statistic('p91', [
        [10, 90],
        [200, 10],
      ]),
    ).toBe(200);
  });
});

describe('statistics that leave samples out', () => {
  it.each([
    ['tm99', 50],
    ['tm90', 45.5],
    ['TM(2%:98%)', 50.5],
    ['TM(90:95)', 93],
    ['IQM', 50.5],
    ['tc90', 90],
    ['ts90', 4095],
    ['TC(10:20)', 10],
    ['PR(:30)', 30],
    ['PR(10:20)', 10],
    ['wm98', (4851 + 98 + 98) / 100],
  ])('%s of 1 to 100 is %d', (name, expected) => {
    expect(statistic(name, hundred)).toBeCloseTo(expected, 9);
  });

  it.each(['p101', 'tm', 'TM(%:)', 'median', 'PR(1%:2%)'])('refuse the name %s', (name) => {
    expect(() => statisticOf(name)).toThrow(/parameter Stat is invalid/);
  });
});

describe('statistic sets', () => {
  it('add to the simple statistics, and hide percentiles unless their minimum is their maximum', () => {
    const store = new MetricStore();
    store.putSet(ID, 'None', 0, { count: 4, sum: 40, min: 5, max: 20 });
    store.putSet(ID, 'None', 60, { count: 2, sum: 14, min: 7, max: 7 });

    const [blurred, sharp] = store.read(ID, undefined, { start: 0, period: 60, length: 2 });

    expect(['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'].map((s) => statisticOf(s)(blurred!))).toEqual([
      40, 10, 5, 20, 4,
    ]);
    expect(statisticOf('p90')(blurred!)).toBeUndefined();
    expect(statisticOf('p90')(sharp!)).toBe(7);
  });
});

describe('the metric store', () => {
  it('puts late samples where they belong', () => {
    const store = new MetricStore();
    [5, 1, 3, 2, 4, 0].forEach((second) => store.put(ID, 'None', second, second));

    const read = store.read(ID, undefined, { start: 0, period: 1, length: 6 }).map((d) => d?.sum);

    expect(read).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes dimensions in any order for the same metric, and none for another', () => {
    const store = new MetricStore();
    const [a, b] = [
      { Name: 'A', Value: '1' },
      { Name: 'B', Value: '2' },
    ];
    store.put({ ...ID, dimensions: [a!, b!] }, 'None', 0, 1);
    store.put({ ...ID, dimensions: [b!, a!] }, 'None', 0, 1);
    store.put(ID, 'None', 0, 5);

    expect(store.read({ ...ID, dimensions: [b!, a!] }, undefined, { start: 0, period: 60, length: 1 })[0]?.sum).toBe(2);
    expect(store.read(ID, undefined, { start: 0, period: 60, length: 1 })[0]?.sum).toBe(5);
  });

  it('forgets the hours that lie three hours back, whole ones only', () => {
    const store = new MetricStore();
    for (const time of [0, 3599, 3600, 7200]) store.put(ID, 'None', time, 1);
    const counts = () => store.read(ID, undefined, { start: 0, period: 3600, length: 3 }).map((d) => d?.count);

    store.forget(4 * 3600 - 1);
    expect(counts()).toEqual([2, 1, 1]);
    store.forget(4 * 3600);
    expect(counts()).toEqual([undefined, 1, 1]);
    store.forget(6 * 3600);
    expect(store.list()).toEqual([]);
  });
});
