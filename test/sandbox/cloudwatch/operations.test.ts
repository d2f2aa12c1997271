import { describe, expect, it } from 'vitest';

import { AwsError } from '../../../sandbox/contract.ts';
import { serviceModel } from '../../support/service-model.ts';
import { full, latency, seconds, window } from './account.ts';

const model = serviceModel('cloudwatch');
describe('the answers of CloudWatch', () => {
  it.each([
    ['DescribeAlarms', { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }],
    ['DescribeAlarms', { ChildrenOfAlarmName: 'Any' }],
    ['DescribeAlarms', { ParentsOfAlarmName: 'Math' }],
    ['DescribeAlarmsForMetric', { Namespace: 'Shop', MetricName: 'Latency' }],
    ['DescribeAlarmHistory', { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }],
    ['DescribeAlarmContributors', { AlarmName: 'TooHigh' }],
    [
      'GetMetricData',
      {
        ...window,
        MetricDataQueries: [
          { Id: 'm1', MetricStat: latency },
          { Id: 'e1', Expression: 'm1 + 1' },
        ],
      },
    ],
    [
      'GetMetricStatistics',
      {
        ...window,
        Namespace: 'Shop',
        MetricName: 'Latency',
        Period: 60,
        Statistics: ['Average', 'Sum'],
        ExtendedStatistics: ['p90'],
      },
    ],
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
    [
      'TagResource',
      { ResourceARN: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:TooHigh', Tags: [{ Key: 'a', Value: 'b' }] },
    ],
    ['DeleteAlarms', { AlarmNames: ['Any'] }],
  ])("to %s %j fit AWS's service model", (operation, input) => {
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
    [
      'PutMetricData',
      { Namespace: 'AWS/ECS', MetricData: [{ MetricName: 'X', Value: 1 }] },
      'InvalidParameterValueException',
      'Namespace',
    ],
    [
      'PutMetricData',
      { Namespace: 'S', MetricData: [{ MetricName: 'X' }] },
      'MissingRequiredParameterException',
      'MetricData.member.1.Value',
    ],
    [
      'PutMetricData',
      { Namespace: 'S', MetricData: [{ MetricName: 'X', Value: 1, Values: [1] }] },
      'InvalidParameterCombinationException',
      'mutually exclusive',
    ],
    [
      'PutMetricData',
      { Namespace: 'S', MetricData: [{ MetricName: 'X', Values: [1, 2], Counts: [1] }] },
      'InvalidParameterValueException',
      'same size',
    ],
    [
      'PutMetricData',
      { Namespace: 'S', MetricData: [{ MetricName: 'X', Value: Number.NaN }] },
      'InvalidParameterValueException',
      'NaN',
    ],
    [
      'PutMetricData',
      { Namespace: 'S', MetricData: [{ MetricName: 'X', Value: 1, Timestamp: seconds - 15 * 86_400 }] },
      'InvalidParameterValueException',
      'past two weeks',
    ],
    [
      'PutMetricData',
      { Namespace: 'S', MetricData: [{ MetricName: 'X', Value: 1, Dimensions: [{ Name: 'A', Value: '' }] }] },
      'MissingRequiredParameterException',
      'Dimensions.member.1.Value',
    ],
    [
      'GetMetricData',
      { StartTime: seconds, EndTime: seconds },
      'MissingRequiredParameterException',
      'MetricDataQueries',
    ],
    [
      'GetMetricData',
      { StartTime: seconds, EndTime: seconds, MetricDataQueries: [{ Id: 'm', MetricStat: latency }] },
      'InvalidParameterValueException',
      'StartTime must be less',
    ],
    [
      'GetMetricData',
      { ...window, MetricDataQueries: [{ Id: 'M', MetricStat: latency }] },
      'ValidationException',
      'lowercase',
    ],
    [
      'GetMetricData',
      { ...window, MetricDataQueries: [{ Id: 'm', MetricStat: { ...latency, Stat: 'Median' } }] },
      'InvalidParameterValueException',
      'Median',
    ],
    [
      'GetMetricStatistics',
      { ...window, Namespace: 'S', MetricName: 'X', Period: 7, Statistics: ['Sum'] },
      'InvalidParameterValueException',
      'Period',
    ],
    [
      'GetMetricStatistics',
      {
        StartTime: seconds - 86_400,
        EndTime: seconds,
        Namespace: 'S',
        MetricName: 'X',
        Period: 10,
        Statistics: ['Sum'],
      },
      'InvalidParameterCombinationException',
      '1440',
    ],
    ['SetAlarmState', { AlarmName: 'Ghost', StateValue: 'OK', StateReason: 'x' }, 'ResourceNotFound', 'Ghost'],
    [
      'SetAlarmState',
      { AlarmName: 'TooHigh', StateValue: 'OK', StateReason: 'x', StateReasonData: '{' },
      'InvalidFormatFault',
      'JSON',
    ],
    ['DeleteAlarms', { AlarmNames: ['Ghost'] }, 'ResourceNotFound', 'Ghost'],
    ['GetDashboard', { DashboardName: 'Ghost' }, 'DashboardNotFoundError', 'Ghost'],
    ['PutDashboard', { DashboardName: 'Bad', DashboardBody: '{' }, 'DashboardInvalidInputError', 'JSON'],
    [
      'ListTagsForResource',
      { ResourceARN: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:Ghost' },
      'ResourceNotFoundException',
      'Ghost',
    ],
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

describe('describing alarms', () => {
  it('answers metric alarms only, unless composite ones are asked for', () => {
    const aws = full();
    const names = (answer: Record<string, { AlarmName: string }[]>) =>
      [...answer.MetricAlarms!, ...answer.CompositeAlarms!].map((a) => a.AlarmName);

    expect(names(aws.call('DescribeAlarms'))).toEqual(['Math', 'TooHigh']);
    expect(names(aws.call('DescribeAlarms', { AlarmNamePrefix: 'Too' }))).toEqual(['TooHigh']);
    expect(names(aws.call('DescribeAlarms', { StateValue: 'OK' }))).toEqual([]);
    expect(names(aws.call('DescribeAlarms', { AlarmTypes: ['CompositeAlarm'], StateValue: 'ALARM' }))).toEqual(['Any']);
    expect(names(aws.call('DescribeAlarms', { ChildrenOfAlarmName: 'Any' }))).toEqual(['TooHigh', 'Math']);
    expect(names(aws.call('DescribeAlarms', { ParentsOfAlarmName: 'Math' }))).toEqual(['Any']);
  });
});
