import { describe, expect, test } from 'vitest';
import { discoverAll } from '../../../functions/discover/discover.ts';
import { accountOf, alarmArn, arn, functionArn, metricAlarm, serviceArn, type AccountSpec } from './account.ts';
import { memory } from './memory.ts';

const NOW = '2026-11-22T12:00:00.000Z';
const LATER = '2026-11-22T12:15:00.000Z';
const HEAL = { 'prunella:mode': 'heal' };
const [WEB, ORDERS] = [serviceArn('prod', 'web'), serviceArn('prod', 'orders')];
const QUOTE = functionArn('quote');

const shop: AccountSpec = {
  services: [
    { name: 'web', tags: HEAL },
    { name: 'orders', tags: HEAL },
    { name: 'batch', cluster: 'jobs', tags: HEAL },
  ],
  functions: [{ name: 'quote', tags: HEAL, aliases: { live: '7' } }],
  alarms: [metricAlarm('orders-cpu', 'AWS/ECS', 'CPUUtilization', { ClusterName: 'prod', ServiceName: 'orders' })],
  traces: [['web', 'quote', 'ecs:prod']],
};

const failure = (name: string, message = 'no') => Object.assign(new Error(message), { name });
const failing = (spec: NonNullable<AccountSpec['failing']>): AccountSpec => ({ ...shop, failing: spec });

/** One discovery of a healthy shop, then one of `then`. */
async function afterwards(then: AccountSpec) {
  const kb = memory();
  await discoverAll(accountOf(shop).aws, kb.ports, NOW);
  return { kb, found: await discoverAll(accountOf(then).aws, kb.ports, LATER) };
}

test('a service whose ARN has no cluster is listed with the reason, and the others are watched', async () => {
  const old = arn('ecs', 'service/legacy');
  const kb = memory();

  const found = await discoverAll(accountOf({ ...shop, tagged: { [old]: HEAL } }).aws, kb.ports, NOW);

  expect(found.watched).toBe(5);
  expect(kb.resources.has(ORDERS)).toBe(true);
  expect(kb.unresolved.get(old)).toMatch(/no cluster in it/);
  expect(found.gaps).toEqual([expect.stringContaining(old)]);
});

test('a service of a cluster that is gone is gone, and the others are watched', async () => {
  const { kb, found } = await afterwards(
    failing({
      DescribeServices: ({ cluster }) => (cluster === 'jobs' ? failure('ClusterNotFoundException') : undefined),
    }),
  );

  expect(found).toMatchObject({ watched: 4, removed: 1, gaps: [] });
  expect(kb.resources.has(ORDERS)).toBe(true);
});

test('a service that may not be read keeps its record and its alarms, and no other waits for it', async () => {
  const refused = ({ services }: { services: readonly string[] }) =>
    services.includes(ORDERS) ? failure('AccessDeniedException') : undefined;

  const { kb, found } = await afterwards(failing({ DescribeServices: refused }));

  expect(found).toMatchObject({
    watched: 5,
    removed: 0,
    gaps: [`${ORDERS} could not be read: AccessDeniedException: no`],
  });
  expect([kb.resources.get(WEB)?.seenAt, kb.resources.get(ORDERS)?.seenAt]).toEqual([LATER, NOW]);
  expect(kb.alarms.get(alarmArn('orders-cpu'))).toEqual([ORDERS]);
  expect([...kb.unresolved.keys()]).toEqual([ORDERS]);
  expect(kb.topology).toHaveLength(2);
  expect(kb.topology.at(-1)).toEqual({ added: [], removed: [] });
});

test('what can be read again is taken off the list', async () => {
  const { kb } = await afterwards(
    failing({ DescribeServices: ({ cluster }) => (cluster === 'jobs' ? failure('ServerException') : undefined) }),
  );
  expect(kb.unresolved.size).toBe(1);

  await discoverAll(accountOf(shop).aws, kb.ports, '2026-11-22T12:30:00.000Z');

  expect(kb.unresolved.size).toBe(0);
});

test('where ECS answers nothing at all, the run fails, and nothing is forgotten', async () => {
  const kb = memory();
  await discoverAll(accountOf(shop).aws, kb.ports, NOW);
  const broken = failing({ DescribeServices: () => failure('ThrottlingException', 'Rate exceeded') });

  await expect(discoverAll(accountOf(broken).aws, kb.ports, LATER)).rejects.toThrow('Rate exceeded');

  expect(kb.resources.size).toBe(5);
});

test('the only function there is, where it may not be read, keeps nothing else from being watched', async () => {
  const { kb, found } = await afterwards(failing({ GetFunctionConfiguration: () => failure('AccessDeniedException') }));

  expect(found).toMatchObject({ watched: 5, removed: 0, gaps: [expect.stringContaining(QUOTE)] });
  expect(kb.resources.get(WEB)?.seenAt).toBe(LATER);
});

test('a function that goes while its aliases are read is gone', async () => {
  const { kb, found } = await afterwards(failing({ ListAliases: () => failure('ResourceNotFoundException') }));

  expect(found).toMatchObject({ watched: 3, gaps: [] });
  expect(kb.resources.has(QUOTE)).toBe(false);
});

test('a record that cannot be written keeps none of the others from it', async () => {
  const kb = memory();
  const putResource: typeof kb.ports.putResource = (resource) =>
    resource.arn === ORDERS
      ? Promise.reject(failure('ValidationException', 'too large'))
      : kb.ports.putResource(resource);

  const found = await discoverAll(accountOf(shop).aws, { ...kb.ports, putResource }, NOW);

  expect(found.gaps).toEqual([`${ORDERS} could not be written: ValidationException: too large`]);
  expect(kb.resources.size).toBe(4);
});

describe('calls that Application Signals measured', () => {
  test('lead to the only alias of a function, as those of X-Ray do', async () => {
    const kb = memory();

    await discoverAll(accountOf(shop).aws, kb.ports, NOW);

    expect(kb.resources.get(WEB)?.dependsBy).toEqual({ [`${QUOTE}:live`]: ['trace'] });
  });

  test.each(['AccessDenied', 'Throttling'])(
    'stand as they were while ListMetrics answers %s, which is said',
    async (name) => {
      const { kb, found } = await afterwards(failing({ ListMetrics: () => failure(name) }));

      expect(found).toMatchObject({
        watched: 5,
        gaps: [`the calls that Application Signals measured could not be read: ${name}: no`],
      });
      expect(kb.resources.get(WEB)?.dependsBy).toEqual({ [`${QUOTE}:live`]: ['trace'] });
      expect(kb.topology.at(-1)).toEqual({ added: [], removed: [] });
    },
  );
});

test("an alarm on metrics of another account is nobody's here, whatever they are called", async () => {
  const metric = {
    Namespace: 'AWS/ECS',
    MetricName: 'CPUUtilization',
    Dimensions: [
      { Name: 'ClusterName', Value: 'prod' },
      { Name: 'ServiceName', Value: 'orders' },
    ],
  };
  const query = (AccountId: string) => [
    { Id: 'm1', AccountId, MetricStat: { Metric: metric, Period: 60, Stat: 'Average' } },
  ];
  const base = { ComparisonOperator: 'GreaterThanThreshold', Threshold: 1 };
  const alarms = [
    { ...base, AlarmArn: alarmArn('theirs'), AlarmName: 'theirs', Metrics: query('444455556666') },
    { ...base, AlarmArn: alarmArn('ours'), AlarmName: 'ours', Metrics: query('111122223333') },
  ];
  const kb = memory();

  await discoverAll(accountOf({ ...shop, alarms }).aws, kb.ports, NOW);

  expect([...kb.alarms]).toEqual([[alarmArn('ours'), [ORDERS]]]);
  expect([...kb.unresolved]).toEqual([[alarmArn('theirs'), 'it reads metrics of another account']]);
});
