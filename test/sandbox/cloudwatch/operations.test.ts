import { describe, expect, it } from 'vitest';

import { AwsError } from '../../../sandbox/contract.ts';
import { serviceModel } from '../../support/service-model.ts';
import { account, alarmInput, deployed, START } from './account.ts';

const model = serviceModel('cloudwatch');
const start = new Date(START);
const seconds = start.getTime() / 1000;
const later = (s: number) => new Date(start.getTime() + s * 1000);

/** An account with metrics, alarms of both kinds, a dashboard and a mute rule. */
function full() {
  const aws = account();
  aws.call('PutMetricAlarm', alarmInput({ AlarmDescription: 'too slow', Tags: [{ Key: 'team', Value: 'shop' }] }));
  aws.call('PutMetricAlarm', {
    AlarmName: 'Math', EvaluationPeriods: 1, Threshold: 5, ComparisonOperator: 'GreaterThanThreshold',
    Metrics: [
      { Id: 'e1', Expression: 'm1 * 2' },
      { Id: 'm1', ReturnData: false, MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Latency' }, Period: 60, Stat: 'p90' } },
    ],
  });
  aws.call('PutCompositeAlarm', { AlarmName: 'Any', AlarmRule: 'ALARM(TooHigh) OR ALARM(Math)' });
  aws.call('PutDashboard', { DashboardName: 'Shop', DashboardBody: '{"widgets":[]}' });
  aws.call('PutAlarmMuteRule', { Name: 'Night', Rule: { Schedule: { Expression: 'cron(0 2 * * *)', Duration: 'PT4H' } } });
  for (const value of [60, 80, 100]) aws.put('Latency', value);
  aws.clock.pass(65);
  return aws;
}

const window = { StartTime: start, EndTime: later(300) };
const latency = { Metric: { Namespace: 'Shop', MetricName: 'Latency' }, Period: 60, Stat: 'Average' };

describe('the answers of CloudWatch', () => {
  it.each([
    ['DescribeAlarms', { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }],
    ['DescribeAlarms', { ChildrenOfAlarmName: 'Any' }],
    ['DescribeAlarms', { ParentsOfAlarmName: 'Math' }],
    ['DescribeAlarmsForMetric', { Namespace: 'Shop', MetricName: 'Latency' }],
    ['DescribeAlarmHistory', { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }],
    ['DescribeAlarmContributors', { AlarmName: 'TooHigh' }],
    ['GetMetricData', { ...window, MetricDataQueries: [{ Id: 'm1', MetricStat: latency }, { Id: 'e1', Expression: 'm1 + 1' }] }],
    ['GetMetricStatistics', { ...window, Namespace: 'Shop', MetricName: 'Latency', Period: 60, Statistics: ['Average', 'Sum'], ExtendedStatistics: ['p90'] }],
    ['ListMetrics', {}],
    ['ListTagsForResource', { ResourceARN: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:TooHigh' }],
    ['GetDashboard', { DashboardName: 'Shop' }],
    ['ListDashboards', {}],
    ['ListAlarmMuteRules', {}],
    ['GetAlarmMuteRule', { AlarmMuteRuleName: 'Night' }],
    ['PutDashboard', { DashboardName: 'New', DashboardBody: '{}' }],
    ['DeleteDashboards', { DashboardNames: ['Shop'] }],
    ['PutMetricData', { Namespace: 'Shop', MetricData: [{ MetricName: 'X', Value: 1 }] }],
    ['SetAlarmState', { AlarmName: 'TooHigh', StateValue: 'OK', StateReason: 'test' }],
    ['TagResource', { ResourceARN: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:TooHigh', Tags: [{ Key: 'a', Value: 'b' }] }],
    ['DeleteAlarms', { AlarmNames: ['Any'] }],
  ])('to %s %j fit AWS\'s service model', (operation, input) => {
    const aws = full();

    const answer = aws.call(operation, input);

    expect(model.problemsOfInput(operation, input)).toEqual([]);
    expect(model.problemsOfOutput(operation, answer)).toEqual([]);
  });

  it('are checked by a model that notices what is wrong', () => {
    expect(model.problemsOfOutput('ListTagsForResource', { Tags: [{ Key: 'a' }], Extra: 1 })).toEqual([
      'ListTagsForResource.Tags[0].Value: required',
      'ListTagsForResource.Extra: no such member',
    ]);
    expect(model.problemsOfShape('MetricAlarm', { StateValue: 'BAD', Period: '60' })).toHaveLength(2);
  });

  it.each<[string, object, string, string]>([
    ['PutMetricData', { MetricData: [] }, 'MissingRequiredParameterException', 'The parameter Namespace is required.'],
    ['PutMetricData', { Namespace: 'AWS/ECS', MetricData: [{ MetricName: 'X', Value: 1 }] }, 'InvalidParameterValueException', 'Namespace'],
    ['PutMetricData', { Namespace: 'S', MetricData: [{ MetricName: 'X' }] }, 'MissingRequiredParameterException', 'MetricData.member.1.Value'],
    ['PutMetricData', { Namespace: 'S', MetricData: [{ MetricName: 'X', Value: 1, Values: [1] }] }, 'InvalidParameterCombinationException', 'mutually exclusive'],
    ['PutMetricData', { Namespace: 'S', MetricData: [{ MetricName: 'X', Values: [1, 2], Counts: [1] }] }, 'InvalidParameterValueException', 'same size'],
    ['PutMetricData', { Namespace: 'S', MetricData: [{ MetricName: 'X', Value: Number.NaN }] }, 'InvalidParameterValueException', 'NaN'],
    ['PutMetricData', { Namespace: 'S', MetricData: [{ MetricName: 'X', Value: 1, Timestamp: seconds - 15 * 86_400 }] }, 'InvalidParameterValueException', 'past two weeks'],
    ['PutMetricData', { Namespace: 'S', MetricData: [{ MetricName: 'X', Value: 1, Dimensions: [{ Name: 'A', Value: '' }] }] }, 'MissingRequiredParameterException', 'Dimensions.member.1.Value'],
    ['GetMetricData', { StartTime: seconds, EndTime: seconds }, 'MissingRequiredParameterException', 'MetricDataQueries'],
    ['GetMetricData', { StartTime: seconds, EndTime: seconds, MetricDataQueries: [{ Id: 'm', MetricStat: latency }] }, 'InvalidParameterValueException', 'StartTime must be less'],
    ['GetMetricData', { ...window, MetricDataQueries: [{ Id: 'M', MetricStat: latency }] }, 'ValidationException', 'lowercase'],
    ['GetMetricData', { ...window, MetricDataQueries: [{ Id: 'm', MetricStat: { ...latency, Stat: 'Median' } }] }, 'InvalidParameterValueException', 'Median'],
    ['GetMetricStatistics', { ...window, Namespace: 'S', MetricName: 'X', Period: 7, Statistics: ['Sum'] }, 'InvalidParameterValueException', 'Period'],
    ['GetMetricStatistics', { StartTime: seconds - 86_400, EndTime: seconds, Namespace: 'S', MetricName: 'X', Period: 10, Statistics: ['Sum'] }, 'InvalidParameterCombinationException', '1440'],
    ['SetAlarmState', { AlarmName: 'Ghost', StateValue: 'OK', StateReason: 'x' }, 'ResourceNotFound', 'Ghost'],
    ['SetAlarmState', { AlarmName: 'TooHigh', StateValue: 'OK', StateReason: 'x', StateReasonData: '{' }, 'InvalidFormatFault', 'JSON'],
    ['DeleteAlarms', { AlarmNames: ['Ghost'] }, 'ResourceNotFound', 'Ghost'],
    ['GetDashboard', { DashboardName: 'Ghost' }, 'DashboardNotFoundError', 'Ghost'],
    ['PutDashboard', { DashboardName: 'Bad', DashboardBody: '{' }, 'DashboardInvalidInputError', 'JSON'],
    ['ListTagsForResource', { ResourceARN: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:Ghost' }, 'ResourceNotFoundException', 'Ghost'],
    ['DescribeAlarms', { NextToken: 'nonsense' }, 'InvalidNextToken', 'token'],
  ])('refuse %s %j with the error %s', (operation, input, code, message) => {
    const aws = full();

    let thrown: unknown;
    try {
      aws.call(operation, input);
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toBeInstanceOf(AwsError);
    expect(thrown).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(model.hasError(code)).toBe(true);
  });
});

describe('reading metrics', () => {
  it('answers newest first unless asked otherwise, and takes times in every form', () => {
    const aws = full();
    aws.put('Latency', 20);
    const ask = (more: object) => aws.call('GetMetricData', { ...window, MetricDataQueries: [{ Id: 'm1', MetricStat: latency }], ...more }).MetricDataResults[0];

    expect(ask({}).Values).toEqual([20, 80]);
    expect(ask({ ScanBy: 'TimestampAscending' }).Values).toEqual([80, 20]);
    expect(ask({ StartTime: seconds, EndTime: START.replace('10:00', '10:05') }).Timestamps).toEqual([later(60), start]);
  });

  it('answers in pages of MaxDatapoints', () => {
    const aws = account();
    for (let i = 0; i < 5; i += 1) {
      aws.put('Latency', i);
      aws.put('Errors', i);
      aws.clock.pass(60);
    }
    const queries = ['Latency', 'Errors'].map((MetricName, i) => ({ Id: `m${i}`, MetricStat: { ...latency, Metric: { Namespace: 'Shop', MetricName } } }));
    const pages: { MetricDataResults: { Id: string; Values: number[] }[]; NextToken?: string }[] = [];

    do {
      const NextToken = pages.at(-1)?.NextToken;
      pages.push(aws.call('GetMetricData', { StartTime: START, EndTime: later(600), MetricDataQueries: queries, MaxDatapoints: 4, NextToken }) as never);
    } while (pages.at(-1)!.NextToken);

    const values = (id: string) => pages.flatMap((p) => p.MetricDataResults.filter((r) => r.Id === id).flatMap((r) => r.Values));
    expect(pages).toHaveLength(3);
    expect(values('m0')).toEqual([4, 3, 2, 1, 0]);
    expect(values('m1')).toEqual([4, 3, 2, 1, 0]);
  });

  it('keeps a value for its second only with a storage resolution of 1', () => {
    const aws = account('2026-03-02T10:00:30.000Z');
    for (const StorageResolution of [1, 60]) {
      aws.call('PutMetricData', { Namespace: 'Shop', MetricData: [{ MetricName: `R${StorageResolution}`, Value: 1, StorageResolution }] });
    }
    const seen = (MetricName: string) =>
      aws.call('GetMetricData', {
        StartTime: START, EndTime: later(60), MetricDataQueries: [{ Id: 'm1', MetricStat: { ...latency, Period: 10, Metric: { Namespace: 'Shop', MetricName } } }],
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
      ...window, MetricDataQueries: [{ Id: 'e1', Expression: "SEARCH('{AWS/ECS,ServiceName} MetricName=\"CPUUtilization\"', 'Average', 60)" }],
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
    const names = (filter: object) => aws.call('ListMetrics', filter).Metrics.map((m: { MetricName: string }) => m.MetricName);

    expect(names({ Namespace: 'Shop' })).toEqual(['A', 'B']);
    expect(names({ Dimensions: [{ Name: 'Task' }] })).toEqual(['B']);
    expect(names({ Dimensions: [{ Name: 'Service', Value: 'x' }] })).toEqual(['A']);
    aws.clock.pass(200);
    expect(names({ RecentlyActive: 'PT3H' })).toEqual(['B']);
  });
});

describe('describing alarms', () => {
  it('answers metric alarms only, unless composite ones are asked for', () => {
    const aws = full();
    const names = (answer: Record<string, { AlarmName: string }[]>) => [...answer.MetricAlarms!, ...answer.CompositeAlarms!].map((a) => a.AlarmName);

    expect(names(aws.call('DescribeAlarms'))).toEqual(['Math', 'TooHigh']);
    expect(names(aws.call('DescribeAlarms', { AlarmNamePrefix: 'Too' }))).toEqual(['TooHigh']);
    expect(names(aws.call('DescribeAlarms', { StateValue: 'OK' }))).toEqual([]);
    expect(names(aws.call('DescribeAlarms', { AlarmTypes: ['CompositeAlarm'], StateValue: 'ALARM' }))).toEqual(['Any']);
    expect(names(aws.call('DescribeAlarms', { ChildrenOfAlarmName: 'Any' }))).toEqual(['TooHigh', 'Math']);
    expect(names(aws.call('DescribeAlarms', { ParentsOfAlarmName: 'Math' }))).toEqual(['Any']);
  });
});

describe('taking over what CloudFormation made', () => {
  const metric = { ...alarmInput(), Threshold: '50', Period: '60', ActionsEnabled: 'true' };

  it('makes alarms and dashboards from properties, composite ones after what they name', async () => {
    const aws = account();

    await aws.cloudWatch.takeOver.adopt([
      deployed('AWS::CloudWatch::CompositeAlarm', { AlarmRule: 'ALARM(Inner)' }, 'Outer'),
      deployed('AWS::CloudWatch::CompositeAlarm', { AlarmRule: 'ALARM(TooHigh)' }, 'Inner'),
      { ...deployed('AWS::CloudWatch::Alarm', metric, 'TooHigh'), tags: { team: 'shop' } },
      deployed('AWS::CloudWatch::Dashboard', { DashboardName: 'Shop', DashboardBody: '{"widgets":[]}' }, 'Shop'),
      deployed('AWS::CloudWatch::AnomalyDetector', {}, 'Detector'),
    ]);

    expect(['TooHigh', 'Inner', 'Outer'].map((name) => aws.state(name))).toEqual(['INSUFFICIENT_DATA', 'OK', 'OK']);
    expect(aws.call('GetDashboard', { DashboardName: 'Shop' }).DashboardBody).toBe('{"widgets":[]}');
    expect(aws.call('ListTagsForResource', { ResourceARN: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:TooHigh' }).Tags).toEqual([{ Key: 'team', Value: 'shop' }]);
    expect(aws.lines).toEqual(['Shop/LogicalDetector: AWS::CloudWatch::AnomalyDetector has no effect in the local account']);
  });

  it('twice changes nothing, and a later deploy changes and deletes what it must', async () => {
    const aws = account();
    const keep = deployed('AWS::CloudWatch::Alarm', metric, 'TooHigh');
    const drop = deployed('AWS::CloudWatch::Alarm', { ...metric, AlarmName: 'Other' }, 'Other');
    await aws.cloudWatch.takeOver.adopt([keep, drop]);
    const before = aws.events.length;

    await aws.cloudWatch.takeOver.adopt([keep, drop]);
    expect(aws.events).toHaveLength(before);
    await aws.cloudWatch.takeOver.adopt([deployed('AWS::CloudWatch::Alarm', { ...metric, Threshold: 60 }, 'TooHigh')]);

    expect(aws.call('DescribeAlarms').MetricAlarms.map((a: { AlarmName: string; Threshold: number }) => [a.AlarmName, a.Threshold])).toEqual([['TooHigh', 60]]);
  });

  it('reports an alarm that cannot be made, and makes the others', async () => {
    const aws = account();

    await aws.cloudWatch.takeOver.adopt([
      deployed('AWS::CloudWatch::Alarm', { ...metric, ComparisonOperator: 'LessThanLowerThreshold', AlarmName: 'Bad' }, 'Bad'),
      deployed('AWS::CloudWatch::Alarm', metric, 'TooHigh'),
    ]);

    expect(aws.state('TooHigh')).toBe('INSUFFICIENT_DATA');
    expect(aws.lines[0]).toMatch(/Shop\/LogicalBad: alarm Bad could not be taken over: .*LessThanLowerThreshold/);
  });
});
