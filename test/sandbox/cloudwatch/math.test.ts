import { describe, expect, it } from 'vitest';

import { MetricStore } from '../../../sandbox/cloudwatch/metric-store.ts';
import { QuerySet, type MetricDataQuery } from '../../../sandbox/cloudwatch/queries.ts';

const NONE = undefined;
type Points = readonly (number | undefined)[];

/** Computes an expression over metrics m1, m2, … with the given points, a minute apart. */
function compute(expression: string, ...metrics: readonly Points[]): readonly Points[] {
  const store = new MetricStore();
  const queries: MetricDataQuery[] = metrics.map((points, i) => {
    const id = { namespace: 'T', metricName: `M${i + 1}`, dimensions: [] };
    points.forEach((value, at) => value !== undefined && store.put(id, 'None', at * 60, value));
    return {
      Id: `m${i + 1}`,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'T', MetricName: `M${i + 1}` }, Period: 60, Stat: 'Average' },
    };
  });
  const set = new QuerySet([...queries, { Id: 'e1', Expression: expression }], store);
  const length = Math.max(...metrics.map((points) => points.length));
  return set.compute('e1', { start: 0, period: 60, length }).series.map((s) => s.values);
}

describe('metric math', () => {
  // The table of "Comparison and logical operators", "Using math expressions with CloudWatch metrics", CloudWatch User Guide.
  const metric1 = [30, 20, 0, 0];
  const metric2 = [20, NONE, 20, NONE];
  it.each([
    ['m1 < m2', [0, 0, 1, 0]],
    ['m1 >= 30', [1, 0, 0, 0]],
    ['m1 > 15 AND m2 > 15', [1, 0, 0, 0]],
    ['m1 > 15 && m2 > 15', [1, 0, 0, 0]],
  ])('compares as documented: %s', (expression, expected) => {
    expect(compute(expression, metric1, metric2)).toEqual([expected]);
  });

  // The tables of "Using IF expressions", same page.
  const condition = [1, 1, 0, 0, NONE];
  const whenTrue = [30, NONE, 0, 0, 30];
  const whenFalse = [0, 0, 20, NONE, 20];
  it.each([
    ['IF(m1, m2, m3)', [30, 0, 20, NONE, NONE]],
    ['IF(m1, 5, m3)', [5, 5, 20, NONE, NONE]],
    ['IF(m1, m2, 5)', [30, 0, 5, 5, NONE]],
    ['IF(1, m2, m3)', whenTrue],
    ['IF(0, m2, m3)', whenFalse],
    ['IF(m1, m2)', [30, 0, NONE, NONE, NONE]],
  ])('chooses as documented: %s', (expression, expected) => {
    expect(compute(expression, condition, whenTrue, whenFalse)).toEqual([expected]);
  });

  it.each<[string, Points]>([
    ['m1 + m2', [3, NONE, 7]],
    ['m1 / m2', [0.5, NONE, 3 / 4]],
    ['m2 / (m1 - 1)', [NONE, NONE, 2]],
    ['2 * m1 ^ 2 - 1', [1, 7, 17]],
    ['-m1', [-1, -2, -3]],
    ['100 * m2 / SUM([m1, m2])', [200 / 3, NONE, 400 / 7]],
    ['SUM(METRICS())', [3, 2, 7]],
    ['SUM(METRICS("m2"))', [2, NONE, 4]],
    ['MAX([m1, m2])', [2, 2, 4]],
    ['MIN([m1, m2])', [1, 2, 3]],
    ['AVG([m1, m2])', [1.5, 1, 3.5]],
    ['m1 - AVG(m1)', [-1, 0, 1]],
    ['m1 / MAX(m2)', [0.25, 0.5, 0.75]],
    ['FILL(m2, 0)', [2, 0, 4]],
    ['FILL(m2, REPEAT)', [2, 2, 4]],
    ['FILL(m2, LINEAR)', [2, 3, 4]],
    ['FILL(m2, m1)', [2, 2, 4]],
    ['DIFF(m1)', [NONE, 1, 1]],
    ['DIFF(m2)', [NONE, NONE, 2]],
    ['RATE(m2)', [NONE, NONE, 2 / 120]],
    ['DIFF_TIME(m2)', [NONE, NONE, 120]],
    ['m1 / PERIOD(m1)', [1 / 60, 2 / 60, 3 / 60]],
    ['ABS(m1 - 2)', [1, 0, 1]],
    ['CEIL(m1 / 2)', [1, 1, 2]],
    ['FLOOR(m1 / 2)', [0, 1, 1]],
    ['RUNNING_SUM(m1)', [1, 3, 6]],
    ['m1 * METRIC_COUNT(METRICS())', [2, 4, 6]],
    ['m1 * DATAPOINT_COUNT(m2)', [2, 4, 6]],
    ['FIRST(SORT(METRICS(), MAX, DESC))', [2, NONE, 4]],
    ['TIME_SERIES(7)', [7, 7, 7]],
    ['m1 > 1 OR m2 > 3', [0, 1, 1]],
    ['1 + 2 * 3 == 7 AND m1', [1, 1, 1]],
  ])('%s', (expression, expected) => {
    const [values] = compute(expression, [1, 2, 3], [2, NONE, 4]);

    expect(values!.map((v) => (v === undefined ? v : Number(v.toFixed(9))))).toEqual(
      expected.map((v) => (v === undefined ? v : Number(v.toFixed(9)))),
    );
  });

  it('drops series without data points from an array', () => {
    expect(compute('REMOVE_EMPTY(METRICS())', [1, 2], [NONE, NONE])).toEqual([[1, 2]]);
  });

  it.each([
    ['m1 +', /unexpected the end/],
    ['(m1', /unexpected the end/],
    ['m1 $ 2', /unexpected \$/],
    ['NOPE(m1)', /Unsupported function .*NOPE/],
    ['m9 * 2', /unknown Id m9/],
    ['SUM(m1)', /must give a time series/],
    ['PERIOD(m1 + 1) * m1', /PERIOD expects a metric/],
    ['e1 + m1', /Circular reference/],
  ])('refuses %s and says why', (expression, message) => {
    expect(() => compute(expression, [1, 2])).toThrow(message);
  });
});
