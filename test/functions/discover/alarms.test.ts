import { describe, expect, test } from 'vitest';
import { discoverAll } from '../../../functions/discover/discover.ts';
import { childrenOf } from '../../../functions/discover/map/rule.ts';
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
} from './account.ts';
import { ALB, API, base, lb, LIVE, resolve, tg, WEB } from './alarmed.ts';

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
