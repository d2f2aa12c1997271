import { trafficOf } from '../../../functions/discover/map/criteria.ts';
import { describe, expect, test } from 'vitest';
import { childrenOf } from '../../../functions/discover/map/rule.ts';
import { discoverAll } from '../../../functions/discover/discover.ts';
import { Resource } from '../../../layers/core/inventory.ts';
import {
  accountOf,
  alarmArn,
  arn,
  compositeAlarm,
  functionArn,
  mathAlarm,
  metricAlarm,
  serviceArn,
  type AccountSpec,
} from './account.ts';
import { memory } from './memory.ts';

const HEAL = { 'prunella:mode': 'heal' };
const WEB = serviceArn('prod', 'web');
const API = serviceArn('prod', 'api');
const LIVE = `${functionArn('quote')}:live`;
const tg = (name: string) => `targetgroup/${name}/0123456789abcdef`;
const lb = (name: string) => `app/${name}/0123456789abcdef`;
const ALB = 'AWS/ApplicationELB';

/** Two services that share a load balancer, and one behind its own. */
const base: AccountSpec = {
  services: [
    { name: 'web', tags: HEAL, behind: ['web'] },
    { name: 'api', tags: HEAL, behind: ['api'] },
    { name: 'shop', tags: HEAL, behind: ['shop'] },
  ],
  functions: [
    { name: 'quote', tags: HEAL, aliases: { live: '1' } },
    { name: 'mail', tags: HEAL, aliases: { blue: '1', green: '2' } },
  ],
  targetGroups: { web: ['shared'], api: ['shared'], shop: ['alone'] },
  tagged: { [arn('sqs', 'jobs')]: HEAL, [arn('dynamodb', 'table/ledger')]: HEAL },
};

async function resolve(alarms: readonly Record<string, unknown>[], more: Partial<AccountSpec> = {}) {
  const kb = memory();
  await discoverAll(
    accountOf({ ...base, ...more, alarms, tagged: { ...base.tagged, ...more.tagged } }).aws,
    kb.ports,
    '2026-11-22T12:00:00.000Z',
  );
  return kb;
}

describe('an alarm is about', () => {
  test.each([
    [
      'the service its dimensions name',
      metricAlarm('a', 'AWS/ECS', 'CPUUtilization', { ClusterName: 'prod', ServiceName: 'web' }),
      WEB,
    ],
    [
      'the service behind a target group',
      metricAlarm('a', ALB, 'HTTPCode_Target_5XX_Count', { TargetGroup: tg('web'), LoadBalancer: lb('shared') }),
      WEB,
    ],
    [
      'the only service behind a load balancer',
      metricAlarm('a', ALB, 'HTTPCode_ELB_5XX_Count', { LoadBalancer: lb('alone') }),
      serviceArn('prod', 'shop'),
    ],
    ['an alias', metricAlarm('a', 'AWS/Lambda', 'Errors', { FunctionName: 'quote', Resource: 'quote:live' }), LIVE],
    ['the only alias of a function', metricAlarm('a', 'AWS/Lambda', 'Errors', { FunctionName: 'quote' }), LIVE],
    [
      'a function with several aliases itself',
      metricAlarm('a', 'AWS/Lambda', 'Errors', { FunctionName: 'mail' }),
      functionArn('mail'),
    ],
    [
      'a queue',
      metricAlarm('a', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: 'jobs' }),
      arn('sqs', 'jobs'),
    ],
    [
      'a table',
      metricAlarm('a', 'AWS/DynamoDB', 'SystemErrors', { TableName: 'ledger', Operation: 'PutItem' }),
      arn('dynamodb', 'table/ledger'),
    ],
    [
      'what all metrics of its expression can be about',
      mathAlarm('a', 'bad / all', {
        bad: [ALB, 'HTTPCode_Target_5XX_Count', { TargetGroup: tg('api') }],
        all: [ALB, 'RequestCount', { LoadBalancer: lb('shared') }],
      }),
      API,
    ],
  ])('%s', async (_, alarm, about) => {
    const { alarms, resources } = await resolve([alarm]);

    expect(alarms.get(alarmArn('a'))).toEqual([about]);
    expect(resources.get(about)?.alarms).toMatchObject([{ name: 'a' }]);
  });

  test.each([
    ['an ARN', WEB],
    ['a name', 'prod/web'],
  ])('the resource its tag names by %s, whatever its metric', async (_, tag) => {
    const { alarms } = await resolve([metricAlarm('a', 'Shop', 'Failures', { Shop: '1' })], {
      tagged: { [alarmArn('a')]: { 'prunella:resource': tag } },
    });

    expect(alarms.get(alarmArn('a'))).toEqual([WEB]);
  });

  test('what its children are about, when it is composite, whatever else its rule asks', async () => {
    const children = [
      metricAlarm('cpu', 'AWS/ECS', 'CPUUtilization', { ClusterName: 'prod', ServiceName: 'web' }),
      metricAlarm('5xx', ALB, 'HTTPCode_Target_5XX_Count', { TargetGroup: tg('web') }),
      metricAlarm('maintenance', 'Ops', 'Switch', {}),
    ];

    const { alarms, resources } = await resolve(children, {
      composites: [compositeAlarm('c', '(ALARM("cpu") OR ALARM(5xx)) AND NOT ALARM(maintenance)')],
    });

    expect(alarms.get(alarmArn('c'))).toEqual([WEB]);
    const known = resources.get(WEB)?.alarms.find(({ name }) => name === 'c');
    expect(known).toMatchObject({ kind: 'composite', criteria: [{ id: 'cpu' }, { id: '5xx' }] });
  });
});

describe('an alarm is listed as unresolved, with the reason, when', () => {
  test.each([
    [
      'no dimension names a resource',
      metricAlarm('a', 'Shop', 'Failures', { Shop: '1' }),
      'no dimension of Shop Failures names a resource',
    ],
    [
      'several services share its load balancer',
      metricAlarm('a', ALB, 'HTTPCode_ELB_5XX_Count', { LoadBalancer: lb('shared') }),
      'it can be about prod/web, prod/api',
    ],
    [
      'no watched service is behind its target group',
      metricAlarm('a', ALB, 'RequestCount', { TargetGroup: tg('gone') }),
      'no watched service is behind target group',
    ],
    [
      'its metrics are about several resources',
      mathAlarm('a', 'a + b', {
        a: ['AWS/SQS', 'X', { QueueName: 'jobs' }],
        b: ['AWS/DynamoDB', 'Y', { TableName: 'ledger' }],
      }),
      'its metrics are about several resources',
    ],
    [
      'it reads a query over many series',
      mathAlarm('a', 'SELECT AVG(CPUUtilization) FROM "AWS/ECS"', {}),
      'reads no single metric',
    ],
  ])('%s', async (_, alarm, why) => {
    const { alarms, unresolved } = await resolve([alarm]);

    expect(alarms.size).toBe(0);
    expect(unresolved.get(alarmArn('a'))).toContain(why);
  });

  test('its tag names nothing that is watched, also where its dimensions would', async () => {
    const alarm = metricAlarm('a', 'AWS/SQS', 'X', { QueueName: 'jobs' });

    const { unresolved } = await resolve([alarm], { tagged: { [alarmArn('a')]: { 'prunella:resource': 'prod/wbe' } } });

    expect(unresolved.get(alarmArn('a'))).toBe('prunella:resource is prod/wbe, which names no watched resource');
  });

  test('not when its owner says that it is about nothing', async () => {
    const alarm = metricAlarm('a', 'AWS/Billing', 'EstimatedCharges', { Currency: 'USD' });
    const tagged = { [alarmArn('a')]: { 'prunella:resource': 'none' } };

    expect([...(await resolve([alarm])).unresolved.keys()]).toEqual([alarmArn('a')]);
    expect((await resolve([alarm], { tagged })).unresolved.size).toBe(0);
  });

  test('its children go round in a circle', async () => {
    const { unresolved } = await resolve([], {
      composites: [compositeAlarm('c', 'ALARM(d)'), compositeAlarm('d', 'ALARM(c)')],
    });

    expect([...unresolved.keys()]).toEqual([alarmArn('c'), alarmArn('d')]);
  });
});

test('what was listed is taken off the list when it leads somewhere', async () => {
  const alarm = metricAlarm('a', 'Shop', 'Failures', { Shop: '1' });
  const kb = await resolve([alarm]);
  const tagged = {
    ...base,
    alarms: [alarm],
    tagged: { ...base.tagged, [alarmArn('a')]: { 'prunella:resource': 'prod/web' } },
  };

  await discoverAll(accountOf(tagged).aws, kb.ports, '2026-11-22T12:15:00.000Z');

  expect(kb.unresolved.size).toBe(0);
  expect(kb.alarms.get(alarmArn('a'))).toEqual([WEB]);
});

test('an alarm about what is not watched is neither kept nor listed', async () => {
  const { alarms, unresolved } = await resolve([metricAlarm('a', 'AWS/SQS', 'X', { QueueName: 'another' })]);

  expect([alarms.size, unresolved.size]).toEqual([0, 0]);
});

test.each([
  [
    'target tracking',
    metricAlarm('TargetTracking-service/prod/web-AlarmHigh', 'AWS/ECS', 'CPUUtilization', {
      ClusterName: 'prod',
      ServiceName: 'web',
    }),
  ],
  [
    'step scaling',
    metricAlarm(
      'a',
      'AWS/ECS',
      'CPUUtilization',
      { ClusterName: 'prod', ServiceName: 'web' },
      { AlarmActions: [arn('autoscaling', 'scalingPolicy:1')] },
    ),
  ],
])('an alarm that %s owns is nobody else’s', async (_, alarm) => {
  const { alarms, unresolved } = await resolve([alarm]);

  expect([alarms.size, unresolved.size]).toEqual([0, 0]);
});

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

test('a record of the inventory is what its schema says', async () => {
  const { resources } = await resolve([
    metricAlarm('a', 'AWS/ECS', 'CPUUtilization', { ClusterName: 'prod', ServiceName: 'web' }),
  ]);

  for (const resource of resources.values()) expect(Resource.parse(resource)).toEqual(resource);
});

test('the alarms a rule refers to are found however they are named', () => {
  const rule = `ALARM("a b") OR (OK(c) AND NOT INSUFFICIENT_DATA('d')) OR ALARM(${alarmArn('e')}) AND ALARM("a b") AND TRUE`;

  expect(childrenOf(rule)).toEqual(['a b', 'c', 'd', 'e']);
});
