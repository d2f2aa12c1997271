import { describe, expect, it } from 'vitest';

import { account, alarmInput } from './account.ts';

describe('a metric alarm', () => {
  it('begins with insufficient data and follows its metric, an event for each transition', () => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput());
    expect(aws.state('TooHigh')).toBe('INSUFFICIENT_DATA');

    aws.put('Latency', 80);
    aws.clock.pass(65);
    expect(aws.state('TooHigh')).toBe('ALARM');
    aws.put('Latency', 10);
    aws.clock.pass(60);

    expect(aws.state('TooHigh')).toBe('OK');
    expect(aws.eventsOf('TooHigh').map((e) => (e.detail.state as { value: string }).value)).toEqual(['ALARM', 'OK']);
  });

  it('does not see a metric with other dimensions, nor the one with none', () => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput({ Dimensions: [{ Name: 'Service', Value: 'a' }] }));

    aws.put('Latency', 80, { Service: 'b' });
    aws.put('Latency', 80);
    aws.put('Latency', 80, { Service: 'a', Version: '1' });
    aws.clock.pass(65);

    expect(aws.state('TooHigh')).toBe('INSUFFICIENT_DATA');
  });

  it('is evaluated every minute over a window that slides, not over fixed periods', () => {
    // "at the end of minute 5 the alarm evaluates based on data from minutes 1 to 5. Then at the end of minute 6, the alarm
    // is evaluated based on the data from minutes 2 to 6" ("Evaluating an alarm", CloudWatch User Guide).
    const aws = account('2026-03-02T10:03:00.000Z');
    aws.call(
      'PutMetricAlarm',
      alarmInput({ Period: 300, Statistic: 'Sum', Threshold: 2, TreatMissingData: 'notBreaching' }),
    );

    aws.put('Latency', 3);
    aws.clock.pass(65);

    expect(aws.state('TooHigh')).toBe('ALARM');
    expect(JSON.parse(aws.call('DescribeAlarms').MetricAlarms[0].StateReasonData)).toMatchObject({
      startDate: '2026-03-02T09:59:00.000+0000',
    });
  });

  it('with a period of ten seconds is evaluated every ten seconds', () => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput({ Period: 10, EvaluationPeriods: 2 }));

    aws.put('Latency', 80);
    aws.clock.pass(10);
    aws.put('Latency', 80);
    aws.clock.pass(14);

    expect(aws.state('TooHigh')).toBe('ALARM');
    expect(aws.eventsOf('TooHigh')[0]!.time).toEqual(new Date('2026-03-02T10:00:23.000Z'));
  });

  it('watches a metric math expression over its metrics', () => {
    const aws = account();
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'Sum' },
    });
    aws.call('PutMetricAlarm', {
      AlarmName: 'ErrorRate',
      EvaluationPeriods: 1,
      Threshold: 5,
      ComparisonOperator: 'GreaterThanThreshold',
      Metrics: [
        { Id: 'rate', Expression: '100 * FILL(errors, 0) / requests', Label: 'Error rate' },
        metric('errors', 'Errors'),
        metric('requests', 'Requests'),
      ],
    });

    aws.put('Requests', 100);
    aws.put('Errors', 6);
    aws.clock.pass(65);

    expect(aws.state('ErrorRate')).toBe('ALARM');
    expect((aws.eventsOf('ErrorRate')[0]!.detail.state as { reason: string }).reason).toContain(
      '[6.0 (02/03/26 10:00:00)]',
    );
  });

  it('on a percentile with too few samples keeps its state when told to ignore it', () => {
    const aws = account();
    aws.call(
      'PutMetricAlarm',
      alarmInput({ Statistic: undefined, ExtendedStatistic: 'p90', EvaluateLowSampleCountPercentile: 'ignore' }),
    );

    for (let i = 0; i < 99; i += 1) aws.put('Latency', 80 + i);
    aws.clock.pass(65);
    expect(aws.state('TooHigh')).toBe('INSUFFICIENT_DATA');
    for (let i = 0; i < 100; i += 1) aws.put('Latency', 80 + i);
    aws.clock.pass(60);

    expect(aws.state('TooHigh')).toBe('ALARM');
  });

  it('keeps its state when it is put again, and takes the new configuration whole', () => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput({ AlarmDescription: 'first' }));
    aws.put('Latency', 80);
    aws.clock.pass(65);

    aws.call('PutMetricAlarm', alarmInput({ Threshold: 70 }));

    const [alarm] = aws.call('DescribeAlarms').MetricAlarms;
    expect(alarm).toMatchObject({ StateValue: 'ALARM', Threshold: 70 });
    expect(alarm).not.toHaveProperty('AlarmDescription');
  });

  it('carries out its actions on transitions only, and none while they are disabled', async () => {
    const aws = account();
    const topic = 'arn:aws:sns:us-east-1:123456789012:page';
    aws.call('PutMetricAlarm', alarmInput({ AlarmActions: [topic], OKActions: [topic] }));
    for (let i = 0; i < 3; i += 1) {
      aws.put('Latency', 80);
      aws.clock.pass(60);
    }
    expect(aws.actions).toEqual([{ action: topic, alarm: 'TooHigh', state: 'ALARM' }]);

    aws.call('DisableAlarmActions', { AlarmNames: ['TooHigh'] });
    aws.put('Latency', 1);
    aws.clock.pass(65);
    await Promise.resolve();

    expect(aws.state('TooHigh')).toBe('OK');
    expect(aws.actions).toHaveLength(1);
    const history = aws.call('DescribeAlarmHistory', { AlarmName: 'TooHigh' }).AlarmHistoryItems;
    expect(history.map((h: { HistoryItemType: string }) => h.HistoryItemType).sort()).toEqual([
      'Action',
      'ConfigurationUpdate',
      'StateUpdate',
      'StateUpdate',
    ]);
  });

  it('set to a state by hand stays there until its next evaluation', () => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput());
    aws.put('Latency', 10);
    aws.clock.pass(65);

    aws.call('SetAlarmState', { AlarmName: 'TooHigh', StateValue: 'ALARM', StateReason: 'test' });
    expect(aws.state('TooHigh')).toBe('ALARM');
    aws.clock.pass(60);

    expect(aws.state('TooHigh')).toBe('OK');
    expect(aws.eventsOf('TooHigh')).toHaveLength(3);
  });

  it.each([
    [{ ComparisonOperator: 'Above' }, /Member must satisfy enum value set/],
    [{ Statistic: undefined }, /Exactly one of Statistic and ExtendedStatistic/],
    [{ DatapointsToAlarm: 2 }, /DatapointsToAlarm \(2\) must be less than or equal to EvaluationPeriods \(1\)/],
    [{ EvaluationPeriods: 1441 }, /across more than a day/],
    [{ Period: 45 }, /must be 1, 5, 10, 20, 30 or a multiple of 60/],
    [{ ThresholdMetricId: 'band' }, /ThresholdMetricId .* is not supported/],
    [
      {
        MetricName: undefined,
        Namespace: undefined,
        Period: undefined,
        Statistic: undefined,
        Metrics: [{ Id: 'e1', Expression: 'm1 + 1' }],
      },
      /unknown Id m1/,
    ],
    [{ TreatMissingData: 'maybe' }, /treatMissingData/],
  ])('is refused with a reason for %j', (wrong, message) => {
    const aws = account();

    expect(() => aws.call('PutMetricAlarm', alarmInput(wrong))).toThrow(message);
    expect(aws.call('DescribeAlarms').MetricAlarms).toEqual([]);
  });
});
