import { describe, expect, it } from 'vitest';

import { account, alarmInput } from './account.ts';

// The sample "State change for a single-metric alarm" of "Alarm events and EventBridge", Amazon CloudWatch User Guide.
const SAMPLE = {
  resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServerCpuTooHigh'],
  detail: {
    alarmName: 'ServerCpuTooHigh',
    configuration: {
      description: 'Goes into alarm when server CPU utilization is too high!',
      metrics: [
        {
          id: '30b6c6b2-a864-43a2-4877-c09a1afc3b87',
          metricStat: {
            metric: { dimensions: { InstanceId: 'i-12345678901234567' }, name: 'CPUUtilization', namespace: 'AWS/EC2' },
            period: 300,
            stat: 'Average',
          },
          returnData: true,
        },
      ],
    },
    previousState: {
      reason:
        'Threshold Crossed: 1 out of the last 1 datapoints [0.0666851903306472 (01/10/19 13:46:00)] was not greater than the threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition).',
      reasonData:
        '{"version":"1.0","queryDate":"2019-10-01T13:56:40.985+0000","startDate":"2019-10-01T13:46:00.000+0000","statistic":"Average","period":300,"recentDatapoints":[0.0666851903306472],"threshold":50.0}',
      timestamp: '2019-10-01T13:56:40.987+0000',
      value: 'OK',
    },
    state: {
      reason:
        'Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 (02/10/19 16:59:00)] was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).',
      reasonData:
        '{"version":"1.0","queryDate":"2019-10-02T17:04:40.985+0000","startDate":"2019-10-02T16:59:00.000+0000","statistic":"Average","period":300,"recentDatapoints":[99.50160229693434],"threshold":50.0}',
      timestamp: '2019-10-02T17:04:40.989+0000',
      value: 'ALARM',
    },
  },
};

/** The structure of an object: every leaf's type in place of its value. */
const shapeOf = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(shapeOf)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, shapeOf(inner)]),
        )
      : typeof value;

describe('the event of an alarm state change', () => {
  function cpuAlarm() {
    const aws = account('2019-10-02T16:50:00.000Z');
    aws.call(
      'PutMetricAlarm',
      alarmInput({
        AlarmName: 'ServerCpuTooHigh',
        AlarmDescription: 'Goes into alarm when server CPU utilization is too high!',
        Namespace: 'AWS/EC2',
        MetricName: 'CPUUtilization',
        Dimensions: [{ Name: 'InstanceId', Value: 'i-12345678901234567' }],
        Period: 300,
      }),
    );
    const put = (value: number) => aws.put('CPUUtilization', value, { InstanceId: 'i-12345678901234567' }, 'AWS/EC2');
    put(0.0666851903306472);
    aws.clock.pass(600);
    put(99.50160229693434);
    aws.clock.pass(65);
    return aws;
  }

  it('has the members of the documented sample, and no others', () => {
    const aws = cpuAlarm();

    const event = aws.eventsOf('ServerCpuTooHigh').at(-1)!;

    expect(event).toMatchObject({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm State Change',
      resources: SAMPLE.resources,
    });
    expect(shapeOf(event.detail)).toEqual(shapeOf(SAMPLE.detail));
  });

  it('explains itself in the words of the documented sample', () => {
    const aws = cpuAlarm();

    const { state, previousState } = aws.eventsOf('ServerCpuTooHigh').at(-1)!.detail as typeof SAMPLE.detail;

    // The alarm slides over a window of five minutes, so that the value of 17:00 is in the period from 16:56 on.
    expect(state.reason).toBe(SAMPLE.detail.state.reason.replace('16:59:00', '16:56:00'));
    expect(previousState.reason).toBe(
      SAMPLE.detail.previousState.reason.replace('01/10/19 13:46:00', '02/10/19 16:46:00'),
    );
    expect(state.timestamp).toMatch(/^2019-10-02T17:\d\d:\d\d\.\d{3}\+0000$/);
    const sample = JSON.parse(SAMPLE.detail.state.reasonData) as object;
    expect(JSON.parse(state.reasonData)).toMatchObject({
      ...sample,
      queryDate: expect.any(String),
      startDate: '2019-10-02T16:56:00.000+0000',
    });
  });

  it('of a metric math alarm carries expressions and metrics by their ids', () => {
    const aws = account();
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: {
        Metric: { Namespace: 'AWS/EC2', MetricName, Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] },
        Period: 300,
        Stat: 'Maximum',
      },
    });
    aws.call('PutMetricAlarm', {
      AlarmName: 'Traffic',
      Threshold: 10_000,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Metrics: [
        { Id: 'e1', Expression: 'SUM(METRICS())', Label: 'Total Network Traffic' },
        metric('m1', 'NetworkIn'),
        metric('m2', 'NetworkOut'),
      ],
    });
    aws.put('NetworkIn', 45_628, { InstanceId: 'i-1' }, 'AWS/EC2');

    aws.clock.pass(65);

    const detail = aws.eventsOf('Traffic')[0]!.detail as {
      configuration: { metrics: unknown[] };
      previousState: unknown;
    };
    expect(detail.configuration.metrics[0]).toEqual({
      expression: 'SUM(METRICS())',
      id: 'e1',
      label: 'Total Network Traffic',
      returnData: true,
    });
    expect(detail.configuration.metrics[1]).toMatchObject({
      id: 'm1',
      returnData: false,
      metricStat: { period: 300, stat: 'Maximum' },
    });
    expect(detail.previousState).toEqual({
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      timestamp: '2026-03-02T10:00:00.000+0000',
    });
  });

  it('is a plain JSON value', () => {
    const aws = cpuAlarm();
    const alarm = aws.eventsOf('ServerCpuTooHigh').at(-1)!;

    expect(JSON.parse(JSON.stringify(alarm.detail))).toEqual(alarm.detail);
  });
});

describe('the reasons of an alarm', () => {
  it.each([
    [
      'breaching',
      /^Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as \[Breaching\]\.$/,
    ],
    [
      'notBreaching',
      /^Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as \[NonBreaching\]\.$/,
    ],
  ])('say that missing data decided, treated as %s', (TreatMissingData, reason) => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput({ TreatMissingData, EvaluationPeriods: 2 }));

    aws.clock.pass(65);

    expect(aws.call('DescribeAlarms').MetricAlarms[0].StateReason).toMatch(reason);
  });

  it('say how many data points were unknown', () => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput());
    aws.put('Latency', 1);

    aws.clock.pass(600);

    expect(aws.call('DescribeAlarms').MetricAlarms[0]).toMatchObject({
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Insufficient Data: 1 datapoint was unknown.',
    });
  });

  it('list the deciding data points, newest first, and the minimum for the transition', () => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput({ EvaluationPeriods: 3, DatapointsToAlarm: 2 }));
    for (const value of [60, 70.5, 10]) {
      aws.put('Latency', value);
      aws.clock.pass(60);
    }

    aws.clock.pass(5);

    expect(aws.eventsOf('TooHigh')[0]!.detail.state).toMatchObject({
      reason: expect.stringContaining(
        '2 out of the last 3 datapoints [70.5 (02/03/26 10:01:00), 60.0 (02/03/26 10:00:00)] were greater than the threshold (50.0) (minimum 2 datapoints for OK -> ALARM transition).',
      ),
    });
  });
});

describe('the event of an alarm configuration change', () => {
  it('tells of creation, update with what was before, and deletion', () => {
    const aws = account();
    aws.call('PutMetricAlarm', alarmInput());
    aws.call('PutMetricAlarm', alarmInput({ Threshold: 70 }));
    aws.call('DeleteAlarms', { AlarmNames: ['TooHigh'] });

    const [created, updated, deleted] = aws
      .eventsOf('TooHigh', 'CloudWatch Alarm Configuration Change')
      .map((e) => e.detail);

    expect(created).toMatchObject({
      operation: 'create',
      state: { value: 'INSUFFICIENT_DATA' },
      configuration: { threshold: 50, evaluationPeriods: 1 },
    });
    expect(updated).toMatchObject({
      operation: 'update',
      configuration: { threshold: 70 },
      previousConfiguration: { threshold: 50 },
    });
    expect(deleted).toMatchObject({ operation: 'delete', configuration: { threshold: 70 } });
  });
});
