import { expect, test } from 'vitest';
import { resourceTypeOf } from '../../../layers/core/arn.ts';
import { addSeconds, minutes } from '../../../layers/core/units.ts';
import type { faults } from '../../../simulator/world/faults.generated.ts';
import { release } from '../../../simulator/world/model/writes.ts';
import { shops } from '../../../simulator/world/spec.ts';
import { World } from '../../../simulator/world/world.ts';
import { act, healthyShop, START } from './helpers.ts';

/** Where each fault enters in these tests, and a wrong thing to do about it. */
const CASES = {
  'aws-outage': { target: 'shop-inventory', wrong: 'restart-service' },
  'bad-configuration': { target: 'shop-inventory', wrong: 'restart-service' },
  'bad-deployment': { target: 'shop-inventory', wrong: 'restart-service' },
  'bad-function-version': { target: 'shop-quote', wrong: undefined },
  'bad-task': { target: 'shop-orders', wrong: 'scale-out' },
  'connection-leak': { target: 'shop-web', wrong: 'scale-out' },
  'crash-loop': { target: 'shop-web', wrong: 'scale-out' },
  'data-corruption': { target: 'shop-inventory', wrong: 'restart-service' },
  deadlock: { target: 'shop-inventory', wrong: 'scale-out' },
  'dependency-failure': { target: 'shop-inventory', wrong: 'scale-out' },
  'external-outage': { target: 'shop-orders', wrong: 'restart-service' },
  'function-throttling': { target: 'shop-quote', wrong: undefined },
  'memory-leak': { target: 'shop-web', wrong: 'scale-out' },
  'memory-limit': { target: 'shop-web', wrong: 'restart-service' },
  overload: { target: 'shop-web', wrong: 'restart-service' },
  'placement-failure': { target: 'shop-inventory', wrong: 'scale-out' },
  'stale-connection': { target: 'shop-inventory', wrong: 'scale-out' },
  throttling: { target: 'shop-web', wrong: 'scale-out' },
  'unwatched-database': { target: 'shop-inventory', wrong: 'restart-service' },
} as const satisfies Record<keyof typeof faults, { target: string; wrong: string | undefined }>;

const cases = Object.entries(CASES).map(([name, rest]) => ({ name: name as keyof typeof CASES, ...rest }));

/** Whether the cause is still there. */
const isPresent = (world: World) => world.truth().at(-1)!.present;
const availabilityOf = (world: World, service: string, last = minutes(5)) =>
  world.availability(addSeconds(world.now, -last), world.now)[service]!.ratio;

test.each(cases)('$name rings, and does not go away by itself', async ({ name, target }) => {
  const { world, observer } = await healthyShop();
  const { resource, suffer } = world.inject(name, target);

  const seen = await observer.until([resource, ...suffer], minutes(25));
  await observer.run(minutes(5));

  expect(observer.failures).toEqual([]);
  expect(seen).toBeDefined();
  expect(isPresent(world)).toBe(true);
});

test.each(cases.filter(({ wrong }) => wrong !== undefined))(
  '$name outlasts $wrong',
  async ({ name, target, wrong }) => {
    const { world, observer } = await healthyShop();
    // Tasks that crash keep the deployment going that brought the parameter: nothing is done meanwhile.
    const variant = name === 'bad-configuration' ? 'errors' : undefined;
    const { resource, fault, suffer, heals } = world.inject(name, target, variant);
    await observer.until([resource, ...suffer], minutes(25));
    await observer.run(minutes(1));

    const refused = await act(world, observer, wrong!, resource, fault);
    await observer.run(minutes(6));

    expect(refused).toEqual([]);
    expect(heals).not.toContain(wrong);
    expect(isPresent(world)).toBe(true);
  },
);

/** What heals each fault; where it depends on the variant, for each. */
const HEALED: readonly { name: keyof typeof CASES; action: string; variant?: string }[] = [
  { name: 'bad-configuration', action: 'restore-parameter' },
  { name: 'bad-deployment', action: 'rollback-deployment' },
  { name: 'bad-function-version', action: 'rollback-alias' },
  { name: 'bad-task', action: 'stop-bad-task', variant: 'unhealthy' },
  { name: 'connection-leak', action: 'restart-service', variant: 'pool' },
  { name: 'connection-leak', action: 'restart-service', variant: 'descriptors' },
  { name: 'crash-loop', action: 'restart-service', variant: 'shared state' },
  { name: 'crash-loop', action: 'rollback-deployment', variant: 'program' },
  { name: 'deadlock', action: 'restart-service', variant: 'shared lock' },
  { name: 'dependency-failure', action: 'restart-service' },
  { name: 'memory-leak', action: 'restart-service', variant: 'subscriptions' },
  { name: 'memory-leak', action: 'rollback-deployment', variant: 'program' },
  { name: 'memory-leak', action: 'raise-memory', variant: 'cache' },
  { name: 'memory-limit', action: 'raise-memory' },
  { name: 'overload', action: 'scale-out' },
  { name: 'stale-connection', action: 'restart-service', variant: 'expired' },
];

test.each(HEALED)('$name is healed by $action ($variant)', async ({ name, action, variant }) => {
  const { world, observer } = await healthyShop();
  const { target } = CASES[name];
  const { resource, fault, suffer, heals, reaches = [] } = world.inject(name, target, variant);
  await observer.until([resource, ...suffer], minutes(25));
  await observer.run(60);

  const refused = await act(world, observer, action, resource, fault);
  // Customers who are served go on to what they call.
  for (const arn of name === 'overload' ? reaches : [])
    refused.push(...(await act(world, observer, action, arn, fault)));
  await observer.run(minutes(12));

  expect(heals).toContain(action);
  expect(refused).toEqual([]);
  expect(isPresent(world)).toBe(false);
  const judged = resourceTypeOf(resource) === 'ecs-service' ? target : 'shop-orders';
  expect(availabilityOf(world, judged)).toBeGreaterThan(0.97);
});

test.each([
  ['crash-loop', 'program'],
  ['memory-leak', 'program'],
  ['memory-leak', 'cache'],
  ['stale-connection', 'other end'],
  ['deadlock', 'lock outside'],
] as const)('%s of variant %s outlasts a restart', async (name, variant) => {
  const { world, observer } = await healthyShop();
  const { resource, fault, suffer, heals } = world.inject(name, CASES[name].target, variant);
  await observer.until([resource, ...suffer], minutes(25));

  const refused = await act(world, observer, 'restart-service', resource, fault);
  await observer.run(minutes(12));

  expect(refused).toEqual([]);
  expect(heals).not.toContain('restart-service');
  expect(isPresent(world)).toBe(true);
});

test('a service nearly always has the variant of a habitual fault that is its own, and services differ', () => {
  const variantsOf = (habits: number, target: string) =>
    Array.from({ length: 40 }, (_, seed) => {
      const world = new World({ ...shops(), seed, habits, start: START });
      return world.inject('memory-leak', target).variant;
    });
  const shareOfMost = (variants: readonly string[]) =>
    Math.max(
      ...Map.groupBy(variants, (variant) => variant)
        .values()
        .map((all) => all.length),
    ) / variants.length;

  const most = [1, 2, 3, 4, 5, 6].map((habits) => variantsOf(habits, 'shop-web'));

  for (const variants of most) expect(shareOfMost(variants)).toBeGreaterThan(0.8);
  expect(new Set(most.map((variants) => variants.toSorted()[20])).size).toBeGreaterThan(1);
});

test('a sale that is borne is over for its customers, though more may come any time', async () => {
  const { world, observer } = await healthyShop();
  const { resource, fault, suffer } = world.inject('overload', 'shop-inventory');
  await observer.until([resource, ...suffer], minutes(25));

  await act(world, observer, 'scale-out', resource, fault);
  await observer.run(minutes(12));

  expect(world.truth().at(-1)!.goneAt).toBeDefined();
});

test('what AWS has no room for comes back when there is room again', async () => {
  const { world, observer } = await healthyShop();
  const { passes } = world.inject('placement-failure', 'shop-inventory', 'capacity');

  await observer.run(minutes(10));
  const meanwhile = availabilityOf(world, 'shop-inventory');
  await observer.run(passes!);

  expect(meanwhile).toBe(0);
  expect(isPresent(world)).toBe(false);
  expect(availabilityOf(world, 'shop-inventory')).toBeGreaterThan(0.99);
});

test('a task that fails its checks is replaced by ECS once its grace period is over', async () => {
  const { world, observer } = await healthyShop();
  const { passes } = world.inject('bad-task', 'shop-orders', 'unhealthy');

  await observer.run(passes! - minutes(5));
  const before = isPresent(world);
  await observer.run(minutes(10));

  expect(before).toBe(true);
  expect(isPresent(world)).toBe(false);
});

test.each([
  ['shop-inventory', 'named'],
  ['shop-worker', 'service'],
  ['shop-quote', 'named'],
])('AWS tells of its outage at %s within minutes, of variant %s, and that it is over', async (target, variant) => {
  const { world, observer } = await healthyShop();
  const { resource, looksLike, passes } = world.inject('aws-outage', target, variant);

  await observer.run(minutes(10));
  const told = [...observer.notices.values()];
  await observer.run(passes!);

  expect(looksLike).toContain('dependency-failure');
  expect(told).toMatchObject([{ status: 'open', resources: variant === 'named' ? [resource] : [] }]);
  expect(world.truth().at(-1)).toMatchObject({ present: false, looksLike: [] });
  expect([...observer.notices.values()]).toMatchObject([{ status: 'closed' }]);
});

test('a quota that another program uses up refuses as many calls as exceed it, until it is free again', async () => {
  const { world, observer } = await healthyShop();
  const { passes } = world.inject('throttling', 'shop-web', 'neighbour');

  await observer.run(minutes(10));
  const meanwhile = availabilityOf(world, 'shop-web');
  await observer.run(passes!);

  expect(meanwhile).toBeGreaterThan(0.2);
  expect(meanwhile).toBeLessThan(0.8);
  expect(availabilityOf(world, 'shop-web')).toBeGreaterThan(0.97);
});

test('connections that are never given back fill up with the requests, and what the owner measures shows it', async () => {
  const { world, observer } = await healthyShop();
  world.inject('connection-leak', 'shop-web', 'pool');

  const seen = await observer.until([world.fleet.services.get('shop-web')!.arn], minutes(25));
  const [limit] = (await observer.evidence(seen!)).series.filter(({ criterion }) => criterion === 'limit:Connections');
  const values = limit?.points.map(([, value]) => value) ?? [];

  expect(values[0]).toBeLessThan(20);
  expect(values.at(-1)).toBe(100);
});

test.each(['errors', 'slow', 'crash', 'leak'])('a bad deployment of variant %s is seen and healed', async (variant) => {
  const { world, observer } = await healthyShop();
  const { resource, fault } = world.inject('bad-deployment', 'shop-web', variant);
  const seen = await observer.until([resource], minutes(25));
  await observer.run(30);

  const refused = await act(world, observer, 'rollback-deployment', resource, fault);
  await observer.run(minutes(10));

  expect(seen).toBe(resource);
  expect(refused).toEqual([]);
  expect(isPresent(world)).toBe(false);
  expect(availabilityOf(world, 'shop-web')).toBeGreaterThan(0.97);
});

test('the circuit breaker of a service goes back by itself when new tasks keep failing', async () => {
  const { world, observer } = await healthyShop();
  const service = world.fleet.services.get('shop-orders')!;
  const before = service.definition;
  const by = { arn: world.fleet.names.person('owner') };
  release(world.fleet, service, { version: '2.0.0', traits: { crashAfter: 5 } }, by);

  await observer.run(minutes(15));

  expect(service.definition).toBe(before);
  expect(service.deployments.map(({ outcome }) => outcome)).toContain('ROLLBACK_SUCCESSFUL');
  expect(observer.signals.get(service.arn)?.map(({ kind }) => kind)).toContain('deployment-failed');
});
