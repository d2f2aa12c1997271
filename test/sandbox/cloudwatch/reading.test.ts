import { describe, expect, it } from 'vitest';

import { account, full, later, latency, seconds, start, START, window } from './account.ts';

describe('reading metrics', () => {
  it('answers newest first unless asked otherwise, and takes times in every form', () => {
    const aws = full();
    aws.put('Latency', 20);
    const ask = (more: object) =>
      aws.call('GetMetricData', { ...window, MetricDataQueries: [{ Id: 'm1', MetricStat: latency }], ...more })
        .MetricDataResults[0];

    expect(ask({}).Values).toEqual([20, 80]);
    expect(ask({ ScanBy: 'TimestampAscending' }).Values).toEqual([80, 20]);
    expect(ask({ StartTime: seconds, EndTime: START.replace('10:00', '10:05') }).Timestamps).toEqual([
      later(60),
      start,
    ]);
  });

  it('answers in pages of MaxDatapoints', () => {
    const aws = account();
    for (let i = 0; i < 5; i += 1) {
      aws.put('Latency', i);
      aws.put('Errors', i);
      aws.clock.pass(60);
    }
    const queries = ['Latency', 'Errors'].map((MetricName, i) => ({
      Id: `m${i}`,
      MetricStat: { ...latency, Metric: { Namespace: 'Shop', MetricName } },
    }));
    const pages: { MetricDataResults: { Id: string; Values: number[] }[]; NextToken?: string }[] = [];

    do {
      const NextToken = pages.at(-1)?.NextToken;
      pages.push(
        aws.call('GetMetricData', {
          StartTime: START,
          EndTime: later(600),
          MetricDataQueries: queries,
          MaxDatapoints: 4,
          NextToken,
        }) as never,
      );
    } while (pages.at(-1)!.NextToken);

    const values = (id: string) =>
      pages.flatMap((p) => p.MetricDataResults.filter((r) => r.Id === id).flatMap((r) => r.Values));
    expect(pages).toHaveLength(3);
    expect(values('m0')).toEqual([4, 3, 2, 1, 0]);
    expect(values('m1')).toEqual([4, 3, 2, 1, 0]);
  });

  it('keeps a value for its second only with a storage resolution of 1', () => {
    const aws = account('2026-03-02T10:00:30.000Z');
    for (const StorageResolution of [1, 60]) {
      aws.call('PutMetricData', {
        Namespace: 'Shop',
        MetricData: [{ MetricName: `R${StorageResolution}`, Value: 1, StorageResolution }],
      });
    }
    const seen = (MetricName: string) =>
      aws.call('GetMetricData', {
        StartTime: START,
        EndTime: later(60),
        MetricDataQueries: [
          { Id: 'm1', MetricStat: { ...latency, Period: 10, Metric: { Namespace: 'Shop', MetricName } } },
        ],
      }).MetricDataResults[0].Timestamps;

    expect(seen('R1')).toEqual([later(30)]);
    expect(seen('R60')).toEqual([start]);
  });

  it('finds metrics by SEARCH', () => {
    const aws = account();
    aws.put('CPUUtilization', 1, { ServiceName: 'web' }, 'AWS/ECS');
    aws.put('CPUUtilization', 2, { ServiceName: 'orders' }, 'AWS/ECS');
    aws.put('MemoryUtilization', 3, { ServiceName: 'web' }, 'AWS/ECS');

    const { MetricDataResults } = aws.call('GetMetricData', {
      ...window,
      MetricDataQueries: [
        { Id: 'e1', Expression: "SEARCH('{AWS/ECS,ServiceName} MetricName=\"CPUUtilization\"', 'Average', 60)" },
      ],
    });

    expect(MetricDataResults.map((r: { Label: string; Values: number[] }) => [r.Label, r.Values])).toEqual([
      ['web CPUUtilization', [1]],
      ['orders CPUUtilization', [2]],
    ]);
  });

  it('lists metrics by namespace, name, dimension and recent activity', () => {
    const aws = account();
    aws.put('A', 1, { Service: 'x' });
    aws.clock.pass(10_700);
    aws.put('B', 1, { Service: 'y', Task: '1' });
    const names = (filter: object) =>
      aws.call('ListMetrics', filter).Metrics.map((m: { MetricName: string }) => m.MetricName);

    expect(names({ Namespace: 'Shop' })).toEqual(['A', 'B']);
    expect(names({ Dimensions: [{ Name: 'Task' }] })).toEqual(['B']);
    expect(names({ Dimensions: [{ Name: 'Service', Value: 'x' }] })).toEqual(['A']);
    aws.clock.pass(200);
    expect(names({ RecentlyActive: 'PT3H' })).toEqual(['B']);
  });
});
