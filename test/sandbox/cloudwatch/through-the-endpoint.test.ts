import { randomUUID } from 'node:crypto';

import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListDashboardsCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';

import { sharedAccount, type SharedAccount } from '../../support/sandbox.ts';

let account: SharedAccount;
let cloudWatch: CloudWatchClient;
const unique = randomUUID().slice(0, 8);
const Namespace = `Test-${unique}`;

beforeAll(async () => {
  account = await sharedAccount();
  cloudWatch = new CloudWatchClient(account.client);
});

const alarm = {
  AlarmName: `high-${unique}`,
  Namespace,
  MetricName: 'Latency',
  Statistic: 'Average' as const,
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 50,
  ComparisonOperator: 'GreaterThanThreshold' as const,
};

describe('the CloudWatch client of the AWS SDK', () => {
  it('reads what it wrote, with times and numbers', async () => {
    const Timestamp = new Date(Math.floor(Date.now() / 60_000) * 60_000);
    const Dimensions = [{ Name: 'Service', Value: 'a' }];
    const datum = { MetricName: 'Latency', Dimensions, Timestamp, Values: [10, 20], Counts: [1, 3] };
    await cloudWatch.send(new PutMetricDataCommand({ Namespace, MetricData: [datum] }));
    const window = { StartTime: Timestamp, EndTime: new Date(Timestamp.getTime() + 60_000) };

    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        ...window,
        MetricDataQueries: [
          {
            Id: 'm1',
            MetricStat: { Metric: { Namespace, MetricName: 'Latency', Dimensions }, Period: 60, Stat: 'p50' },
          },
          { Id: 'e1', Expression: 'm1 / 2', Label: 'half' },
        ],
      }),
    );
    const { Datapoints } = await cloudWatch.send(
      new GetMetricStatisticsCommand({
        ...window,
        Namespace,
        MetricName: 'Latency',
        Dimensions,
        Period: 60,
        Statistics: ['Average', 'SampleCount'],
      }),
    );

    expect(MetricDataResults?.map((r) => [r.Label, r.Timestamps, r.Values])).toEqual([
      ['Latency', [Timestamp], [20]],
      ['half', [Timestamp], [10]],
    ]);
    expect(Datapoints).toEqual([{ Timestamp, Average: 17.5, SampleCount: 4, Unit: 'None' }]);
  });

  it('is told of errors by their names', async () => {
    const ghost = cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: 'ghost', StateValue: 'OK', StateReason: 'test' }),
    );

    await expect(ghost).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  it('reads alarms, their history and dashboards', async () => {
    await cloudWatch.send(new PutMetricAlarmCommand(alarm));
    await cloudWatch.send(
      new PutDashboardCommand({ DashboardName: `board-${unique}`, DashboardBody: '{"widgets":[]}' }),
    );

    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [alarm.AlarmName] }));
    const { AlarmHistoryItems } = await cloudWatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName: alarm.AlarmName }),
    );
    const { DashboardEntries } = await cloudWatch.send(
      new ListDashboardsCommand({ DashboardNamePrefix: `board-${unique}` }),
    );

    expect(MetricAlarms).toMatchObject([
      { ...alarm, StateValue: 'INSUFFICIENT_DATA', StateUpdatedTimestamp: expect.any(Date) },
    ]);
    expect(AlarmHistoryItems).toMatchObject([{ HistoryItemType: 'ConfigurationUpdate', Timestamp: expect.any(Date) }]);
    expect(DashboardEntries).toMatchObject([{ Size: 14, LastModified: expect.any(Date) }]);
  });
});

describe('an alarm action', () => {
  it('arrives through SNS with the alarm, its states and the reason', async () => {
    const [sns, sqs] = [new SNSClient(account.client), new SQSClient(account.client)];
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `page-${unique}` }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `page-${unique}` }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
    await cloudWatch.send(
      new PutMetricAlarmCommand({ ...alarm, AlarmName: `page-${unique}`, AlarmActions: [TopicArn!] }),
    );

    await cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: `page-${unique}`, StateValue: 'ALARM', StateReason: 'a test' }),
    );

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
    const notification = JSON.parse(Messages?.[0]?.Body ?? '{}') as { Subject: string; Message: string };
    expect(notification.Subject).toBe(`ALARM: "page-${unique}" in US East (N. Virginia)`);
    expect(JSON.parse(notification.Message)).toMatchObject({
      AlarmName: `page-${unique}`,
      NewStateValue: 'ALARM',
      OldStateValue: 'INSUFFICIENT_DATA',
      NewStateReason: 'a test',
      Trigger: { MetricName: 'Latency', Namespace, Statistic: 'AVERAGE', Period: 60, Threshold: 50 },
    });
  });
});
