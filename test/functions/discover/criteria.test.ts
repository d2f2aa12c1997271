import { describe, expect, test } from 'vitest';
import { trafficOf } from '../../../functions/discover/map/criteria.ts';
import { arn, mathAlarm, metricAlarm } from './account.ts';
import { ALB, lb, LIVE, resolve, tg, WEB } from './alarmed.ts';

describe('what an alarm calls bad', () => {
  const criteria = async (alarm: Record<string, unknown>, about: string) =>
    (await resolve([alarm])).resources.get(about)?.alarms[0]?.criteria;

  test('is read off its metric, with the requests of the same target group as traffic', async () => {
    const found = await criteria(
      metricAlarm(
        'slow',
        ALB,
        'TargetResponseTime',
        { TargetGroup: tg('web'), LoadBalancer: lb('shared') },
        { ExtendedStatistic: 'p99', Statistic: undefined, Threshold: 1.5 },
      ),
      WEB,
    );

    const dimensions = { TargetGroup: tg('web'), LoadBalancer: lb('shared') };
    expect(found).toEqual([
      {
        id: 'slow',
        resource: WEB,
        role: 'target',
        queries: [{ id: 'm1', namespace: ALB, metric: 'TargetResponseTime', dimensions, stat: 'p99', period: 60 }],
        returns: 'm1',
        comparison: 'GreaterThanThreshold',
        threshold: 1.5,
        period: 60,
        missing: 'notBreaching',
        traffic: { id: 'traffic', namespace: ALB, metric: 'RequestCount', dimensions, stat: 'Sum', period: 60 },
        trafficFloor: 1,
      },
    ]);
  });

  test('is read off its expression, with the invocations of the same alias as traffic', async () => {
    const alias = { FunctionName: 'quote', Resource: 'quote:live' };
    const found = await criteria(
      mathAlarm('failing', '100 * bad / all', {
        bad: ['AWS/Lambda', 'Errors', alias],
        all: ['AWS/Lambda', 'Invocations', alias],
      }),
      LIVE,
    );

    expect(found).toMatchObject([
      {
        returns: 'e1',
        period: 60,
        missing: 'missing',
        queries: [{ id: 'e1', expression: '100 * bad / all', period: 60 }, { id: 'bad' }, { id: 'all' }],
        traffic: { metric: 'Invocations', dimensions: alias, stat: 'Sum' },
      },
    ]);
  });

  test('has what it is divided by as traffic, where the owner counts the requests', () => {
    const own = (id: string, metric: string) => ({
      id,
      namespace: 'App',
      metric,
      dimensions: {},
      stat: 'Sum',
      period: 10,
    });
    const share = { id: 'e1', expression: 'IF(all > 0, 100 * bad / all, 0)', period: 10 };

    expect(trafficOf([share, own('bad', 'Errors'), own('all', 'Requests')])).toEqual({
      ...own('all', 'Requests'),
      id: 'traffic',
    });
    expect(trafficOf([own('bad', 'Errors')])).toMatchObject({ metric: 'Errors', stat: 'SampleCount' });
  });

  test('has the samples of its own metric as traffic, where AWS counts nothing', async () => {
    const hosts = await criteria(metricAlarm('hosts', ALB, 'HealthyHostCount', { TargetGroup: tg('web') }), WEB);
    const age = await criteria(
      metricAlarm('age', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: 'jobs' }),
      arn('sqs', 'jobs'),
    );

    expect(hosts?.[0]?.traffic).toMatchObject({ metric: 'HealthyHostCount', stat: 'SampleCount' });
    expect(age?.[0]?.traffic).toMatchObject({ metric: 'ApproximateAgeOfOldestMessage', stat: 'SampleCount' });
  });

  test('ignores missing data on a table, as its alarm does', async () => {
    const found = await criteria(
      metricAlarm('errors', 'AWS/DynamoDB', 'SystemErrors', { TableName: 'ledger' }),
      arn('dynamodb', 'table/ledger'),
    );

    expect(found?.[0]?.missing).toBe('ignore');
  });

  test('is not known of an anomaly detector’s band, but the alarm is', async () => {
    const band = {
      ...mathAlarm('band', 'ANOMALY_DETECTION_BAND(m1, 2)', {
        m1: ['AWS/ECS', 'CPUUtilization', { ClusterName: 'prod', ServiceName: 'web' }],
      }),
      ComparisonOperator: 'GreaterThanUpperThreshold',
      ThresholdMetricId: 'e1',
      Threshold: undefined,
    };

    const { resources } = await resolve([band]);

    expect(resources.get(WEB)?.alarms).toMatchObject([{ name: 'band', criteria: [] }]);
  });
});
