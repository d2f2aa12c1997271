import { describe, expect, it } from 'vitest';

import { account, alarmInput, deployed } from './account.ts';

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
    expect(
      aws.call('ListTagsForResource', { ResourceARN: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:TooHigh' }).Tags,
    ).toEqual([{ Key: 'team', Value: 'shop' }]);
    expect(aws.lines).toEqual([
      'Shop/LogicalDetector: AWS::CloudWatch::AnomalyDetector has no effect in the local account',
    ]);
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

    expect(
      aws
        .call('DescribeAlarms')
        .MetricAlarms.map((a: { AlarmName: string; Threshold: number }) => [a.AlarmName, a.Threshold]),
    ).toEqual([['TooHigh', 60]]);
  });

  it('reports an alarm that cannot be made, and makes the others', async () => {
    const aws = account();

    await aws.cloudWatch.takeOver.adopt([
      deployed(
        'AWS::CloudWatch::Alarm',
        { ...metric, ComparisonOperator: 'LessThanLowerThreshold', AlarmName: 'Bad' },
        'Bad',
      ),
      deployed('AWS::CloudWatch::Alarm', metric, 'TooHigh'),
    ]);

    expect(aws.state('TooHigh')).toBe('INSUFFICIENT_DATA');
    expect(aws.lines[0]).toMatch(/Shop\/LogicalBad: alarm Bad could not be taken over: .*LessThanLowerThreshold/);
  });
});
