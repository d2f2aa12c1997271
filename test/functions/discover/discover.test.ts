import { describe, expect, test } from 'vitest';
import { discoverAll, discoverSome } from '../../../functions/discover/discover.ts';
import {
  accountOf,
  alarmArn,
  arn,
  dnsOf,
  functionArn,
  metricAlarm,
  serviceArn,
  targetGroupArn,
  type AccountSpec,
} from './account.ts';
import { memory } from './memory.ts';

const NOW = '2026-11-22T12:00:00.000Z';
const HEAL = { 'prunella:mode': 'heal' };

const shop: AccountSpec = {
  services: [
    {
      name: 'web',
      tags: { ...HEAL, 'prunella:fleet': 'shop', 'prunella:depends-on': 'prod/stock' },
      environment: {
        ORDERS_URL: `http://${dnsOf('orders')}:8080/v1`,
        JOBS: 'https://sqs.eu-west-1.amazonaws.com/111122223333/jobs',
        APP: 'ledger',
      },
      behind: ['web'],
    },
    {
      name: 'orders',
      tags: HEAL,
      behind: ['orders'],
      secrets: ['/orders/limit', arn('secretsmanager', 'secret:db')],
      scalable: { min: 2, max: 8 },
    },
    {
      name: 'stock',
      tags: { 'prunella:mode': 'hel', 'prunella:max-risk': 'R1', 'prunella:no-rollback': '' },
      controller: 'CODE_DEPLOY',
      scheduling: 'DAEMON',
    },
    { name: 'other' },
  ],
  functions: [{ name: 'quote', tags: HEAL, aliases: { live: '7' }, environment: { LEDGER_TABLE: 'ledger' } }],
  targetGroups: { web: ['web'], orders: ['orders'] },
  tagged: { [arn('sqs', 'jobs')]: HEAL, [arn('dynamodb', 'table/ledger')]: { 'prunella:mode': '' } },
  alarms: [metricAlarm('orders-cpu', 'AWS/ECS', 'CPUUtilization', { ClusterName: 'prod', ServiceName: 'orders' })],
};
const WEB = serviceArn('prod', 'web');
const ORDERS = serviceArn('prod', 'orders');
const STOCK = serviceArn('prod', 'stock');

async function discovered(spec: AccountSpec = shop) {
  const kb = memory();
  await discoverAll(accountOf(spec).aws, kb.ports, NOW);
  return kb;
}

test('what is tagged is written down, aliases with their function, and nothing else', async () => {
  const { resources } = await discovered();

  expect([...resources.keys()].toSorted()).toEqual(
    [
      WEB,
      ORDERS,
      STOCK,
      functionArn('quote'),
      `${functionArn('quote')}:live`,
      arn('sqs', 'jobs'),
      arn('dynamodb', 'table/ledger'),
    ].toSorted(),
  );
});

test('a service is known with its target groups, parameters, logs, limits and who deploys it', async () => {
  const { resources } = await discovered();

  expect(resources.get(ORDERS)).toMatchObject({
    type: 'ecs-service',
    mode: 'heal',
    modeFrom: 'tag',
    fleet: '111122223333',
    targetGroups: [targetGroupArn('orders')],
    parameters: [{ arn: arn('ssm', 'parameter/orders/limit'), readAt: 'start' }],
    logGroups: ['/ecs/orders'],
    scalableTarget: { min: 2, max: 8 },
    deploymentController: 'ECS',
    scheduling: 'REPLICA',
    alarms: [{ name: 'orders-cpu', kind: 'metric' }],
  });
  expect(resources.get(`${functionArn('quote')}:live`)).toMatchObject({
    type: 'lambda-alias',
    aliasVersion: '7',
    logGroups: ['/aws/lambda/quote'],
  });
});

test('a mode that is none means suggest and is kept to be shown; an empty one means the default', async () => {
  const { resources } = await discovered();

  expect(resources.get(STOCK)).toMatchObject({
    mode: 'suggest',
    modeFrom: { invalid: 'hel' },
    maxRisk: 'R1',
    noRollback: true,
  });
  expect(resources.get(arn('dynamodb', 'table/ledger'))).toMatchObject({ mode: 'suggest', modeFrom: 'default' });
});

test('what a program uses is read off its tag and its environment, without keeping a value', async () => {
  const { resources } = await discovered();

  expect(resources.get(WEB)?.dependsOn.toSorted()).toEqual([STOCK, ORDERS, arn('sqs', 'jobs')].toSorted());
  expect(resources.get(`${functionArn('quote')}:live`)?.dependsOn).toEqual([arn('dynamodb', 'table/ledger')]);
  expect(JSON.stringify([...resources.values()])).not.toContain('sqs.eu-west-1.amazonaws.com');
});

test('each dependency is known with where it was read off, and the graph is written down as it changes', async () => {
  const kb = await discovered();

  const web = kb.resources.get(WEB)!;
  expect(Object.keys(web.dependsBy!).toSorted()).toEqual(web.dependsOn.toSorted());
  expect(web.dependsBy![STOCK]).toContain('tag');
  expect(web.dependsBy![arn('sqs', 'jobs')]).toContain('environment');
  // Three of web, and the table of the function and of its alias.
  expect(kb.topology.at(-1)!.added).toHaveLength(5);

  await discoverAll(accountOf(shop).aws, kb.ports, '2026-11-22T12:15:00.000Z');
  expect(kb.topology.at(-1)).toEqual({ added: [], removed: [] });
});

test('what Lambda polls and what was measured to be called are dependencies, too', async () => {
  const kb = memory();
  const account = {
    ...shop,
    polled: { [`${functionArn('quote')}:live`]: arn('sqs', 'jobs') },
    traces: [
      ['orders', 'stock', 'ecs:prod'],
      ['orders', 'somewhere else', 'ecs:prod'],
    ] as const,
  };

  await discoverAll(accountOf(account).aws, kb.ports, NOW);

  expect(kb.resources.get(`${functionArn('quote')}:live`)?.dependsBy?.[arn('sqs', 'jobs')]).toEqual(['event-source']);
  expect(kb.resources.get(functionArn('quote'))?.dependsOn).not.toContain(arn('sqs', 'jobs'));
  expect(kb.resources.get(ORDERS)?.dependsBy?.[STOCK]).toContain('trace');
});

test('a service behind a load balancer is well when few requests fail and no target is unhealthy', async () => {
  const { resources } = await discovered();

  expect(resources.get(ORDERS)?.own).toMatchObject([
    {
      id: 'own:5xx-share:orders',
      returns: 'share',
      threshold: 0.05,
      trafficFloor: 10,
      traffic: { metric: 'RequestCount', stat: 'Sum' },
    },
    { id: 'own:UnHealthyHostCount:orders', threshold: 0 },
  ]);
  expect(resources.get(ORDERS)?.own[0]?.queries[0]).toMatchObject({
    dimensions: { TargetGroup: 'targetgroup/orders/0123456789abcdef', LoadBalancer: 'app/orders/0123456789abcdef' },
  });
  expect(resources.get(`${functionArn('quote')}:live`)?.own[0]?.queries[0]).toMatchObject({
    metric: 'Errors',
    dimensions: { FunctionName: 'quote', Resource: 'quote:live' },
  });
});

describe('a second discovery', () => {
  test('writes no alarm again that has not changed', async () => {
    const kb = await discovered();
    const before = kb.writes.alarms;

    await discoverAll(accountOf(shop).aws, kb.ports, '2026-11-22T12:15:00.000Z');

    expect(kb.writes.alarms).toBe(before);
  });

  test('forgets what is no longer tagged, with its alarms, unless it has an open incident', async () => {
    const kb = memory([WEB]);
    await discoverAll(accountOf(shop).aws, kb.ports, NOW);
    const untagged = { ...shop, services: shop.services!.map(({ tags: _, ...service }) => service) };

    const found = await discoverAll(accountOf(untagged).aws, kb.ports, '2026-11-22T12:15:00.000Z');

    expect(found.removed).toBe(2);
    expect(kb.resources.has(WEB)).toBe(true);
    expect(kb.resources.has(ORDERS)).toBe(false);
    expect(kb.alarms.size).toBe(0);
  });

  test('records that an alias was moved, when no call told of it', async () => {
    const kb = await discovered();
    const moved = { ...shop, functions: [{ ...shop.functions![0]!, aliases: { live: '8' } }] };

    await discoverAll(accountOf(moved).aws, kb.ports, '2026-11-22T12:15:00.000Z');

    expect(kb.changes).toMatchObject([
      { resource: `${functionArn('quote')}:live`, kind: 'alias-moved', from: '7', to: '8', at: NOW },
    ]);
  });
});

describe('a look at some resources', () => {
  test('costs one call when they are not tagged', async () => {
    const { aws, calls } = accountOf(shop);
    const kb = memory();

    const found = await discoverSome(aws, [serviceArn('prod', 'other')], kb.ports, NOW);

    expect(found).toEqual({ watched: 0, removed: 0, alarms: 0, unresolved: 0, gaps: [] });
    expect([...calls]).toEqual([['GetResources', 1]]);
  });

  test('writes them and their alarms, and leaves the others alone', async () => {
    const kb = memory();

    const found = await discoverSome(accountOf(shop).aws, [ORDERS], kb.ports, NOW);

    expect([...kb.resources.keys()]).toEqual([ORDERS]);
    expect(found).toMatchObject({ watched: 1, alarms: 1 });
    expect(kb.alarms.get(alarmArn('orders-cpu'))).toEqual([ORDERS]);
  });

  test('knows the resources it does not read again', async () => {
    const kb = await discovered();
    kb.resources.delete(WEB);

    await discoverSome(accountOf(shop).aws, [WEB], kb.ports, '2026-11-22T12:05:00.000Z');

    expect(kb.resources.get(WEB)?.dependsOn).toContain(ORDERS);
  });

  test('forgets them when they are not tagged any more, and an alias means its function', async () => {
    const kb = await discovered();
    const { tags: _, ...quote } = shop.functions![0]!;

    const found = await discoverSome(
      accountOf({ ...shop, functions: [quote] }).aws,
      [`${functionArn('quote')}:live`],
      kb.ports,
      NOW,
    );

    expect(found.removed).toBe(2);
    expect(kb.resources.has(functionArn('quote'))).toBe(false);
  });
});
