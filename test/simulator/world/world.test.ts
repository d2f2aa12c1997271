import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeServicesCommand, ListTasksCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { GetParameterHistoryCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { addSeconds, hours, minutes } from '../../../layers/core/units.ts';
import { INCIDENT } from '../../../simulator/world/check/observer.ts';
import { BUSY_TEAM } from '../../../simulator/world/model/people.ts';
import { AWS_DELAYS, shops } from '../../../simulator/world/spec.ts';
import { World, type WorldOptions } from '../../../simulator/world/world.ts';
import { healthyShop, session, START } from './helpers.ts';

const make = (seed: number, more: Partial<WorldOptions> = {}) => new World({ ...shops(), seed, start: START, ...more });

test('the same seed and the same events give the same world, another seed another', () => {
  const run = (seed: number) => {
    const world = make(seed, { people: BUSY_TEAM });
    world.tick(addSeconds(START, minutes(30)));
    world.inject('bad-deployment');
    const events = world.tick(addSeconds(START, hours(1)));
    return { dump: world.dump(), events };
  };

  expect(run(7)).toEqual(run(7));
  expect(run(8).dump).not.toBe(run(7).dump);
});

test('many small steps are one large one', () => {
  const [small, large] = [make(3), make(3)];
  for (let at = 1; at <= 600; at += 1) small.tick(addSeconds(START, at));

  large.tick(addSeconds(START, 600));

  expect(small.dump()).toBe(large.dump());
});

test('a healthy day rings no alarm', () => {
  const world = make(5);

  const events = world.tick(addSeconds(START, hours(24)));

  const rang = events.filter(({ detail }) => (detail['state'] as { value?: string } | undefined)?.value === 'ALARM');
  expect(rang).toEqual([]);
  expect(world.availability(START, world.now)['shop-web']!.ratio).toBeGreaterThan(0.99);
});

test('people and pipelines who change things innocently break nothing', () => {
  const world = make(5, { people: { ...BUSY_TEAM, deployments: 24 } });

  world.tick(addSeconds(START, hours(12)));

  expect(world.changes().length).toBeGreaterThan(20);
  expect(world.changesInHealth()).toHaveLength(world.changes().length);
  for (const { ratio } of Object.values(world.availability(START, world.now))) expect(ratio).toBeGreaterThan(0.99);
});

test('discovery finds every tagged resource, what it calls, and what every alarm is about', async () => {
  const { world, observer } = await healthyShop();

  const found = await observer.discover();

  const { services, functions, queues } = world.fleet;
  // A function is two: itself and its alias.
  expect(found).toEqual({
    watched: services.size + 2 * functions.size + queues.size,
    removed: 0,
    alarms: world.alarms.all.length,
    unresolved: 0,
    gaps: [],
  });
  const orders = observer.resources.get(services.get('shop-orders')!.arn)!;
  expect(orders.dependsOn).toEqual(
    expect.arrayContaining([services.get('shop-inventory')!.arn, world.fleet.names.alias('shop-quote', 'live')]),
  );
  expect(orders.parameters).toHaveLength(1);
});

test('a change says who made it, and which incident', async () => {
  const { world } = await healthyShop();
  const aws = world.aws(() => world.now, session);
  const name = '/shop/web/backend-timeout-ms';

  const { Version } = await aws.ssm.send(new PutParameterCommand({ Name: name, Value: '3000', Overwrite: true }));
  const events = world.tick(addSeconds(world.now, 10));

  const { Parameters } = await aws.ssm.send(new GetParameterHistoryCommand({ Name: name }));
  expect(Parameters?.at(-1)).toMatchObject({ Version, Value: '3000' });
  expect(world.changes().at(-1)).toMatchObject({ operation: 'PutParameter', incidentId: INCIDENT });
  expect(events.map((event) => event['detail-type'])).toEqual(
    expect.arrayContaining(['Parameter Store Change', 'AWS API Call via CloudTrail']),
  );
});

test('what is not modelled or does not exist is refused by name', async () => {
  const { world } = await healthyShop();
  const aws = world.aws();
  const cluster = world.fleet.names.cluster;

  await expect(aws.dynamodb.send(new DescribeTableCommand({ TableName: 't' }))).rejects.toThrow(
    /does not know dynamodb/,
  );
  const none = aws.ecs.send(new UpdateServiceCommand({ cluster, service: 'none', desiredCount: 1 }));
  await expect(none).rejects.toMatchObject({ name: 'ServiceNotFoundException' });
  const noParameter = aws.ssm.send(new GetParameterHistoryCommand({ Name: '/none' }));
  await expect(noParameter).rejects.toMatchObject({ name: 'ParameterNotFound' });
  const tooMany = aws.ecs.send(
    new DescribeServicesCommand({ cluster, services: Array(11).fill('shop-web') as string[] }),
  );
  await expect(tooMany).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('lists come page by page', async () => {
  const { world } = await healthyShop();
  const ask = { cluster: world.fleet.names.cluster, serviceName: 'shop-web', maxResults: 1 };

  const first = await world.aws().ecs.send(new ListTasksCommand(ask));
  const second = await world.aws().ecs.send(new ListTasksCommand({ ...ask, nextToken: first.nextToken }));

  expect(first.taskArns).toHaveLength(1);
  expect(second.taskArns).toHaveLength(1);
  expect(second.nextToken).toBeUndefined();
  expect(second.taskArns).not.toEqual(first.taskArns);
});

test('metrics that AWS publishes late are read late', () => {
  const rang = (delays?: typeof AWS_DELAYS) => {
    const world = make(4, delays ? { delays } : {});
    world.tick(addSeconds(START, minutes(20)));
    world.inject('data-corruption', 'shop-inventory'); // whose owner has alarms of a minute only
    const alarm = world
      .tick(addSeconds(START, minutes(30)))
      .find(({ detail }) => detail['alarmName'] === 'shop-inventory-5xx');
    return Date.parse(alarm!.time);
  };

  expect(rang(AWS_DELAYS) - rang()).toBe(60_000);
});

test('a blip is over by itself and leaves no fault behind', async () => {
  const { world, observer } = await healthyShop();

  world.confound('blip', 'shop-web');
  await observer.run(minutes(10));

  expect(world.truth()).toEqual([]);
  expect(world.availability(addSeconds(world.now, -minutes(5)), world.now)['shop-web']!.ratio).toBeGreaterThan(0.99);
});
