import type { Edge, Service } from '@aws-sdk/client-xray';
import { describe, expect, test } from 'vitest';
import { discoverAll, discoverSome } from '../../../functions/discover/discover.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import { edgesFrom } from '../../../layers/core/topology.ts';
import { ACCOUNT, accountOf, arn, dnsOf, functionArn, REGION, serviceArn, type AccountSpec } from './account.ts';
import { memory } from './memory.ts';

const HEAL = { 'prunella:mode': 'heal' };
const NOON = '2026-11-22T12:00:00.000Z';
const WEB = serviceArn('prod', 'web');
const ORDERS = serviceArn('prod', 'orders');
const QUOTE = functionArn('quote');
const LIVE = `${QUOTE}:live`;
const JOBS = arn('sqs', 'jobs');
const LEDGER = arn('dynamodb', 'table/ledger');

const account = (spec: AccountSpec = {}): AccountSpec => ({
  services: [
    { name: 'web', tags: HEAL },
    { name: 'orders', tags: HEAL, behind: ['orders'] },
    { cluster: 'blue', name: 'stock', tags: HEAL },
    { cluster: 'green', name: 'stock', tags: HEAL },
    { name: 'unwatched' },
  ],
  functions: [{ name: 'quote', tags: HEAL, aliases: { live: '7' } }],
  targetGroups: { orders: ['orders'] },
  tagged: { [JOBS]: HEAL, [LEDGER]: HEAL },
  ...spec,
});

/** A node with its edges: to whom, and how often. */
const node = (id: number, Type: string, Name: string, edges: Readonly<Record<number, number>> = {}): Service => ({
  ReferenceId: id,
  Name,
  Names: [Name],
  Type,
  Edges: Object.entries(edges).map(([to, TotalCount]) => ({
    ReferenceId: Number(to),
    SummaryStatistics: { TotalCount },
  })),
});
const FARGATE = 'AWS::ECS::Fargate';

async function dependencies(services: readonly Service[], spec: AccountSpec = {}) {
  const kb = memory();
  const found = await discoverAll(accountOf(account({ ...spec, serviceGraph: () => services })).aws, kb.ports, NOON);
  expect(found.gaps).toEqual([]);
  const edges = [...kb.resources.values()].flatMap(edgesFrom);
  return edges.map(({ from, to, sources }) => [from, sources.join(), to]);
}

describe('a node of the service graph', () => {
  test.each([
    ['a service by its name', node(1, FARGATE, 'orders'), ORDERS],
    ['a service by its cluster and name', node(1, 'AWS::ECS::Container', 'prod/orders'), ORDERS],
    ['a service on instances', node(1, 'AWS::ECS::EC2', 'orders'), ORDERS],
    ['a service whose program does not say what it runs on', node(1, '', 'orders'), ORDERS],
    ['the alias of a function that has one', node(1, 'AWS::Lambda::Function', 'quote'), LIVE],
    ['the alias that was called', node(1, 'AWS::Lambda', LIVE), LIVE],
    ['the function where it was called itself', node(1, 'AWS::Lambda', QUOTE), QUOTE],
    ['a table', node(1, 'AWS::DynamoDB::Table', 'ledger'), LEDGER],
    ['a queue by its URL', node(1, 'AWS::SQS::Queue', `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/jobs`), JOBS],
    ['a queue by its name', node(1, 'AWS::SQS::Queue', 'jobs'), JOBS],
    ['the service behind a load balancer', node(1, 'remote', dnsOf('orders').toUpperCase()), ORDERS],
  ])('is %s', async (_, callee, to) => {
    const found = await dependencies([node(0, FARGATE, 'web', { 1: 10 }), callee]);

    expect(found).toEqual([[WEB, 'x-ray', to]]);
  });

  test.each([
    ['a name of two services', node(1, FARGATE, 'stock')],
    ['a name of nothing that is watched', node(1, FARGATE, 'unwatched')],
    ['a name of something of another type', node(1, 'AWS::DynamoDB::Table', 'orders')],
    ['a service of AWS without a resource', node(1, 'AWS::DynamoDB', 'ledger')],
    ['a queue of another Region', node(1, 'AWS::SQS::Queue', `https://sqs.us-west-2.amazonaws.com/${ACCOUNT}/jobs`)],
    ['a queue of another account', node(1, 'AWS::SQS::Queue', `https://sqs.${REGION}.amazonaws.com/444455556666/jobs`)],
    ['a table of another account', { ...node(1, 'AWS::DynamoDB::Table', 'ledger'), AccountId: '444455556666' }],
    ['a host outside', node(1, 'remote', 'payments.example.com')],
    ['two names that lead to two resources', { ...node(1, FARGATE, 'orders'), Names: ['orders', 'blue/stock'] }],
    ['itself', node(1, FARGATE, 'web')],
  ])('with %s gives no edge', async (_, callee) => {
    const found = await dependencies([node(0, FARGATE, 'web', { 1: 10 }), callee]);

    expect(found).toEqual([]);
  });

  test('that stands for clients gives no edge', async () => {
    const found = await dependencies([node(0, 'client', 'web', { 1: 10 }), node(1, FARGATE, 'orders')]);

    expect(found).toEqual([]);
  });

  test('that answers to several names of one resource is this', async () => {
    const called = { ...node(1, FARGATE, 'orders'), Names: ['orders', 'prod/orders', 'orders.example.com'] };

    expect(await dependencies([node(0, FARGATE, 'web', { 1: 10 }), called])).toEqual([[WEB, 'x-ray', ORDERS]]);
  });

  test('of this account is known by its account, too', async () => {
    const called = { ...node(1, 'AWS::DynamoDB::Table', 'ledger'), AccountId: ACCOUNT };

    expect(await dependencies([node(0, FARGATE, 'web', { 1: 10 }), called])).toEqual([[WEB, 'x-ray', LEDGER]]);
  });

  test('may be on another page than what calls it', async () => {
    const found = await dependencies([
      node(0, FARGATE, 'web', { 2: 10, 4: 10 }),
      node(1, 'client', '', { 0: 20 }),
      node(2, FARGATE, 'orders', { 3: 10 }),
      node(3, 'AWS::Lambda', 'quote', { 5: 10 }),
      node(4, 'AWS::DynamoDB::Table', 'ledger'),
      node(5, 'AWS::Lambda::Function', 'quote', { 4: 10 }),
    ]);

    expect(found.toSorted()).toEqual(
      [
        [WEB, 'x-ray', ORDERS],
        [WEB, 'x-ray', LEDGER],
        [ORDERS, 'x-ray', LIVE],
        [LIVE, 'x-ray', LEDGER],
      ].toSorted(),
    );
  });
});

test('what takes messages off a queue depends on it, and what sends them does, too', async () => {
  const link: Edge = { ReferenceId: 2, EdgeType: 'link', SummaryStatistics: { TotalCount: 10 } };
  const found = await dependencies([
    node(0, FARGATE, 'web', { 1: 10 }),
    { ...node(1, 'AWS::SQS::Queue', 'jobs', { 3: 10 }), Edges: [link, { ReferenceId: 3 }] },
    node(2, 'AWS::Lambda::Function', 'quote'),
    node(3, FARGATE, 'orders'),
  ]);

  expect(found.toSorted()).toEqual(
    [
      [WEB, 'x-ray', JOBS],
      [LIVE, 'x-ray', JOBS],
      [ORDERS, 'x-ray-seldom', JOBS],
    ].toSorted(),
  );
});

describe('over time', () => {
  const quarters = (n: number) => new Date(Date.parse(NOON) + n * 900_000).toISOString();
  const calling = (count: number) => [node(0, FARGATE, 'web', { 1: count }), node(1, FARGATE, 'orders')];
  const sourcesIn = (kb: ReturnType<typeof memory>) => kb.resources.get(WEB)?.dependsBy?.[ORDERS];

  test('calls are counted, each once, and are no longer seldom from the tenth on', async () => {
    const kb = memory();
    const frames: string[] = [];
    const { aws } = accountOf(
      account({
        serviceGraph: (from, to) => {
          frames.push(`${from.toISOString()} ${to.toISOString()}`);
          return calling(5);
        },
      }),
    );

    await discoverAll(aws, kb.ports, NOON);
    const first = sourcesIn(kb);
    await discoverAll(aws, kb.ports, quarters(1));

    expect(first).toEqual(['x-ray-seldom']);
    expect(sourcesIn(kb)).toEqual(['x-ray']);
    expect(kb.resources.get(WEB)?.traced).toEqual({
      until: quarters(1),
      calls: { [ORDERS]: { count: 10, lastSeen: quarters(1) } },
    });
    expect(frames).toEqual([`2026-11-22T06:00:00.000Z ${NOON}`, `${NOON} ${quarters(1)}`]);
  });

  test('a call that is not seen for two days is forgotten', async () => {
    const kb = memory();
    await discoverAll(accountOf(account({ serviceGraph: () => calling(50) })).aws, kb.ports, NOON);
    const { aws } = accountOf(account());

    await discoverAll(aws, kb.ports, quarters(191));
    const lastNight = sourcesIn(kb);
    await discoverAll(aws, kb.ports, quarters(193));

    expect(lastNight).toEqual(['x-ray']);
    expect(sourcesIn(kb)).toBeUndefined();
  });

  test('a call of what is no longer watched is forgotten', async () => {
    const kb = memory();
    await discoverAll(accountOf(account({ serviceGraph: () => calling(50) })).aws, kb.ports, NOON);

    await discoverAll(accountOf({ services: [{ name: 'web', tags: HEAL }] }).aws, kb.ports, quarters(1));

    expect(kb.resources.get(WEB)?.dependsOn).toEqual([]);
  });

  test('a look at some resources asks nothing and forgets nothing', async () => {
    const kb = memory();
    const { aws, calls } = accountOf(account({ serviceGraph: () => calling(50) }));
    await discoverAll(aws, kb.ports, NOON);
    calls.delete('GetServiceGraph');

    await discoverSome(aws, [WEB], kb.ports, quarters(1));

    expect(calls.has('GetServiceGraph')).toBe(false);
    expect(sourcesIn(kb)).toEqual(['x-ray']);
    expect(kb.resources.get(WEB)?.traced?.until).toBe(NOON);
  });

  test('X-Ray is not asked twice about the same instant, nor where nothing is watched', async () => {
    const kb = memory();
    const { aws, calls } = accountOf(account({ serviceGraph: () => calling(5) }));
    await discoverAll(aws, kb.ports, NOON);
    await discoverAll(aws, kb.ports, NOON);
    const bare = accountOf({});
    await discoverAll(bare.aws, memory().ports, NOON);

    expect(calls.get('GetServiceGraph')).toBe(1);
    expect(bare.calls.has('GetServiceGraph')).toBe(false);
  });
});

describe('where X-Ray does not answer', () => {
  const refusing = (aws: Aws, name: string): Aws => ({
    ...aws,
    xray: { send: () => Promise.reject(Object.assign(new Error('Rate exceeded'), { name })) },
  });
  const quarter = '2026-11-22T12:15:00.000Z';

  test.each(['ThrottledException', 'AccessDeniedException', 'TimeoutError'])(
    'with %s, the gap is named and the rest is discovered',
    async (name) => {
      const kb = memory();

      const found = await discoverAll(refusing(accountOf(account()).aws, name), kb.ports, NOON);

      expect(found).toMatchObject({
        watched: 8,
        gaps: [`X-Ray's service graph could not be read: ${name}: Rate exceeded`],
      });
      expect(kb.resources.get(WEB)?.traced).toBeUndefined();
    },
  );

  test('what it showed before still holds, and the next time it is asked about the time in between', async () => {
    const kb = memory();
    const from: string[] = [];
    const spec = account({
      serviceGraph: (start) => {
        from.push(start.toISOString());
        return [node(0, FARGATE, 'web', { 1: 50 }), node(1, FARGATE, 'orders')];
      },
    });
    const { aws } = accountOf(spec);
    await discoverAll(aws, kb.ports, NOON);

    await discoverAll(refusing(aws, 'ThrottledException'), kb.ports, quarter);
    const meanwhile = kb.resources.get(WEB)?.dependsBy?.[ORDERS];
    await discoverAll(aws, kb.ports, '2026-11-22T12:30:00.000Z');

    expect(meanwhile).toEqual(['x-ray']);
    expect(from).toEqual(['2026-11-22T06:00:00.000Z', NOON]);
  });

  test('a graph of very many pages is read in part, and that is named', async () => {
    const kb = memory();
    const many = Array.from({ length: 50 }, (_, id) => node(id, FARGATE, id === 0 ? 'web' : `other-${id}`));

    const found = await discoverAll(accountOf(account({ serviceGraph: () => many })).aws, kb.ports, NOON);

    expect(found.gaps).toEqual(["only 20 pages of X-Ray's service graph were read"]);
    expect(kb.resources.get(WEB)?.traced?.until).toBe(NOON);
  });
});
