import { describe, expect, test } from 'vitest';
import { readingOf } from '../../layers/core/points.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Criterion } from '../../layers/core/criterion.ts';
import type { WatchedSeries } from '../../layers/core/watched-series.ts';
import { readMetrics } from '../../layers/runtime/observe/metrics.ts';
import { readSeries } from '../../layers/runtime/observe/series.ts';

const service = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';
const FROM = '2026-11-22T12:00:00.000Z';
const NOW = '2026-11-22T12:10:00.000Z';
const AT = Date.parse(FROM) / 1000;

const metric = (id: string, name: string) =>
  ({ id, namespace: 'AWS/ECS', metric: name, dimensions: { ServiceName: 'api' }, stat: 'Sum', period: 60 }) as const;
const criterion = (id: string): Criterion => ({
  id,
  resource: service,
  role: 'target',
  queries: [metric('m1', id)],
  returns: 'm1',
  comparison: 'GreaterThanThreshold',
  threshold: 1,
  period: 60,
  missing: 'notBreaching',
  traffic: metric('traffic', 'RequestCount'),
  trafficFloor: 1,
});

/** CloudWatch, which answers 1 for each minute; `status` says for which queries it fails. */
const cloudwatch = (status: (id: string) => string): Aws =>
  ({
    cloudwatch: {
      send: ({ input }: { input: { MetricDataQueries: readonly { Id: string }[] } }) =>
        Promise.resolve({
          MetricDataResults: input.MetricDataQueries.map(({ Id }) => {
            const StatusCode = status(Id);
            const failed = StatusCode !== 'Complete';
            return {
              Id,
              StatusCode,
              Timestamps: failed ? [] : [new Date(AT * 1000)],
              Values: failed ? [] : [1],
              ...(failed ? { Messages: [{ Code: StatusCode, Value: 'try again' }] } : {}),
            };
          }),
        }),
    },
  }) as unknown as Aws;

describe('a criterion for which CloudWatch failed', () => {
  test.each(['c0_m1', 'c0t_traffic'])('at %s is not read, which is said; the others are', async (failing) => {
    const [bad, good] = [criterion('Errors'), criterion('Latency')];
    const aws = cloudwatch((id) => (id === failing ? 'InternalError' : 'Complete'));

    const { series, gaps } = await readMetrics([bad, good], FROM, NOW, aws);

    expect(gaps).toEqual([`Errors of ${service} could not be read: InternalError, try again`]);
    expect(readingOf(bad, series).unread).toBe(true);
    expect(readingOf(good, series)).toMatchObject({ values: new Map([[AT, 1]]), traffic: new Map([[AT, 1]]) });
  });

  test('is told from one without data, which was read', async () => {
    const quiet = criterion('Errors');
    const aws = cloudwatch(() => 'Complete');

    const { series, gaps } = await readMetrics([quiet], FROM, NOW, aws);

    expect(gaps).toEqual([]);
    expect(readingOf(quiet, series).unread).toBeUndefined();
  });
});

describe('one call for many criteria', () => {
  /** CloudWatch, which refuses every call that has an odd query in it. */
  function refusing(odd: RegExp) {
    const calls: {
      MetricDataQueries: readonly { Id: string; MetricStat?: { Metric: { MetricName: string } } }[];
      StartTime: Date;
    }[] = [];
    const whole = cloudwatch(() => 'Complete');
    const send = (command: { input: (typeof calls)[number] }) => {
      calls.push(command.input);
      const isOdd = command.input.MetricDataQueries.some(({ MetricStat }) =>
        odd.test(MetricStat?.Metric.MetricName ?? ''),
      );
      if (isOdd) return Promise.reject(Object.assign(new Error('Invalid query'), { name: 'ValidationError' }));
      return whole.cloudwatch.send(command as never);
    };
    return { aws: { cloudwatch: { send } } as unknown as Aws, calls };
  }

  test('is asked by halves where CloudWatch refuses it, so that one odd criterion hides no other', async () => {
    const all = ['A', 'B', 'Odd', 'C', 'D'].map(criterion);
    const { aws } = refusing(/^Odd$/);

    const { series, gaps } = await readMetrics(all, FROM, NOW, aws);

    expect(all.filter((one) => readingOf(one, series).unread).map(({ id }) => id)).toEqual(['Odd']);
    expect(gaps).toEqual(['2 metrics could not be read: ValidationError: Invalid query']);
  });

  test('is asked about no more than CloudWatch keeps: three hours of points of ten seconds', async () => {
    const fine = { ...criterion('Fine'), period: 10, queries: [{ ...metric('m1', 'Fine'), period: 10 }] };
    const { aws, calls } = refusing(/^Odd$/);

    await readMetrics([criterion('A'), fine], '2026-11-22T06:00:00.000Z', NOW, aws);

    expect(calls.map(({ StartTime }) => StartTime.toISOString())).toEqual([
      '2026-11-22T06:00:00.000Z',
      '2026-11-22T09:11:00.000Z',
    ]);
  });
});

test('of refused calls there are none where CloudWatch says so, and none are known where it failed', async () => {
  const refusals = {
    resource: service,
    id: 'throttled',
    looksFor: 'refusals',
    period: 60,
    metric: metric('m', 'Throttles'),
  };
  const read = (status: string) =>
    readSeries(
      [{ series: refusals as unknown as WatchedSeries, from: AT }],
      NOW,
      cloudwatch(() => status),
    );

  const [known, unknown] = [await read('Complete'), await read('Forbidden')];

  expect([...known.values()][0]?.length).toBeGreaterThan(3);
  expect(unknown.size).toBe(0);
});
