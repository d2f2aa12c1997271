import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FEEDS } from '../../../functions/changes/changes.ts';
import { CHANGES } from '../../../functions/changes/patterns.ts';
import { matches } from '../../../simulator/run/pattern.ts';
import {
  ADA,
  ALIAS,
  at,
  call,
  deployment,
  event,
  health,
  LIMIT,
  parameter,
  REVISION,
  scaled,
  SERVICE,
  stopped,
  updateAlias,
  updateService,
  world,
} from './world.ts';

test('every feed in the folder is in the list, under its file name', () => {
  const files = readdirSync(new URL('../../../functions/changes/feeds', import.meta.url)).map((file) =>
    file.replace('.ts', ''),
  );

  expect(FEEDS.map(({ name }) => name).toSorted()).toEqual(files.toSorted());
});

describe('is recorded', () => {
  test.each([
    [
      'a deployment that began, with its revision',
      deployment('IN_PROGRESS'),
      { resource: SERVICE, kind: 'deployment-started', to: REVISION, at: '2026-11-22T11:59:28.000Z' },
    ],
    [
      'a deployment that reached a steady state',
      deployment('COMPLETED'),
      { kind: 'deployment-completed', to: REVISION },
    ],
    ['a deployment that failed', deployment('FAILED'), { kind: 'deployment-failed', to: REVISION }],
    ['a new number of tasks', scaled(), { kind: 'scaled', to: 'desiredCount=4' }],
    [
      'a task stopped by hand',
      stopped('UserInitiated'),
      { resource: SERVICE, kind: 'task-stopped-by-hand', at: '2026-11-22T11:59:00.000Z' },
    ],
    [
      'a parameter written, with its version',
      parameter('Update'),
      { resource: LIMIT, kind: 'parameter-written', to: '5', from: '4' },
    ],
    ['a parameter deleted', parameter('Delete'), { kind: 'parameter-written', to: 'deleted' }],
    [
      'a deployment by call, with who',
      updateService({ forceNewDeployment: true }),
      { kind: 'deployment-started', to: REVISION, by: ADA },
    ],
    ['a scaling by call', updateService({ desiredCount: 6 }), { kind: 'scaled', to: 'desiredCount=6', by: ADA }],
    [
      'another setting of a service, by its name only',
      updateService({ healthCheckGracePeriodSeconds: 30 }),
      { kind: 'other-write', to: 'healthCheckGracePeriodSeconds' },
    ],
    ['an alias that was moved', updateAlias('8'), { resource: ALIAS, kind: 'alias-moved', to: '8' }],
    [
      'new code of a function',
      call(
        'lambda',
        'UpdateFunctionCode20150331v2',
        { functionName: at('lambda', 'function:quote') },
        { version: '9' },
      ),
      { resource: at('lambda', 'function:quote'), kind: 'code-updated', to: '9' },
    ],
    [
      'a new configuration, by field names',
      call('lambda', 'UpdateFunctionConfiguration20150331v2', {
        functionName: 'quote',
        memorySize: 256,
        environment: { variables: { KEY: 'shh' } },
      }),
      { kind: 'configuration-updated', to: 'memorySize environment' },
    ],
    [
      'a new minimum of tasks',
      call('autoscaling', 'RegisterScalableTarget', {
        serviceNamespace: 'ecs',
        resourceId: 'service/prod/checkout',
        minCapacity: 3,
      }),
      { resource: SERVICE, kind: 'scaled', to: 'minCapacity=3' },
    ],
    [
      'a target group’s change as its service’s',
      call('elasticloadbalancing', 'ModifyTargetGroup', {
        targetGroupArn: at('elasticloadbalancing', 'targetgroup/checkout/1'),
      }),
      { resource: SERVICE, kind: 'configuration-updated' },
    ],
    [
      'a call not known by name, on what it names',
      call('ecs', 'PutSomethingNew', {}, null, { resources: [{ ARN: SERVICE }] }),
      { resource: SERVICE, kind: 'other-write', to: 'PutSomethingNew' },
    ],
  ])('%s', async (_, one, change) => {
    const { take, recorded } = world();

    const outcomes = await take(one);

    expect(outcomes).toMatchObject([{ ok: true, recorded: ['recorded'] }]);
    expect(recorded()).toMatchObject([change]);
    expect(Object.values(CHANGES).some((pattern) => matches(pattern, one))).toBe(true);
  });

  test('nothing of a value', async () => {
    const { take, recorded } = world();

    await take(
      call('ssm', 'PutParameter', { name: '/checkout/limit', value: 'shh' }, { version: 6 }),
      call('lambda', 'UpdateFunctionConfiguration20150331v2', {
        functionName: 'quote',
        environment: { variables: { KEY: 'shh' } },
      }),
    );

    expect(recorded()).toHaveLength(2);
    expect(JSON.stringify(recorded())).not.toContain('shh');
  });
});

describe('before it moved, an alias pointed', () => {
  test('where its last recorded move took it', async () => {
    const { take, recorded } = world({ aliasVersion: '6' });

    await take(updateAlias('7', '2026-11-20T10:00:00Z'), updateAlias('8'));

    expect(recorded().map(({ from, to }) => [from, to])).toEqual([
      ['6', '7'],
      ['7', '8'],
    ]);
  });

  test('nowhere known, when it was discovered after it moved', async () => {
    const { take, recorded } = world({ aliasVersion: '8' });

    await take(updateAlias('8'));

    expect(recorded()[0]).not.toHaveProperty('from');
  });
});

describe('nothing is recorded of', () => {
  test.each([
    [
      'a call that was refused',
      call('ecs', 'UpdateService', { service: 'checkout', cluster: 'prod', desiredCount: 1 }, null, {
        errorCode: 'AccessDenied',
      }),
    ],
    ['a reading call', call('ecs', 'DescribeServices', {}, null, { readOnly: true })],
    [
      'routine work of ECS',
      call('elasticloadbalancing', 'RegisterTargets', {
        targetGroupArn: at('elasticloadbalancing', 'targetgroup/checkout/1'),
      }),
    ],
    ['a task that stopped by itself', stopped('EssentialContainerExited')],
    ['a steady service', event('aws.ecs', 'ECS Service Action', [SERVICE], { eventName: 'SERVICE_STEADY_STATE' })],
    ['a label on a parameter', parameter('LabelParameterVersion')],
  ])('%s', async (_, one) => {
    const { take, recorded } = world();

    const outcomes = await take(one);

    expect(outcomes).toMatchObject([{ ok: true, recorded: [] }]);
    expect(recorded()).toEqual([]);
  });

  test('what is not watched, after discovery looked once whether it is by now', async () => {
    const { take, discovered, recorded } = world({ watched: [] });

    const outcomes = await take(deployment('COMPLETED'));

    expect(outcomes).toMatchObject([{ recorded: ['unwatched'] }]);
    expect(discovered).toEqual([SERVICE]);
    expect(recorded()).toEqual([]);
  });
});

test('the first change of a service just tagged is recorded', async () => {
  const { take, recorded } = world({ watched: [], discoverable: [SERVICE] });

  await take(deployment('COMPLETED'));

  expect(recorded()).toMatchObject([{ resource: SERVICE, kind: 'deployment-completed' }]);
});

test('a parameter written again before the event was read is recorded without a version', async () => {
  const { take, recorded } = world();
  const early = { ...parameter('Update'), time: '2026-11-22T11:58:00Z' };

  await take(early);

  expect(recorded()).toMatchObject([{ kind: 'parameter-written', eventId: early.id }]);
  expect(recorded()[0]).not.toHaveProperty('to');
});

test('a message that cannot be read comes back with the reason, and the others are recorded', async () => {
  const { take, recorded } = world();

  const outcomes = await take('{"half', event('aws.ec2', 'EC2 Something', [], {}), deployment('COMPLETED'));

  expect(outcomes.map(({ ok }) => ok)).toEqual([false, false, true]);
  expect(outcomes[1]).toMatchObject({
    why: expect.stringContaining('no feed reads events with detail-type EC2 Something'),
  });
  expect(recorded()).toHaveLength(1);
});

test('what AWS Health says of a service that may be watched is recorded, redacted; of others it is not', async () => {
  const { take, notices, recorded } = world();

  const outcomes = await take(
    health('ECS', 'AWS_ECS_OPERATIONAL_ISSUE'),
    health('BILLING', 'AWS_BILLING_NOTIFICATION'),
  );

  expect(outcomes).toMatchObject([
    { ok: true, recorded: ['recorded'] },
    { ok: true, recorded: ['unwatched'] },
  ]);
  expect(notices).toMatchObject([
    {
      service: 'ECS',
      from: '2026-11-22T11:40:00.000Z',
      said: 'Increased error rates. password=[redacted]',
      resources: [],
    },
  ]);
  expect(recorded()).toEqual([]); // no change of anybody's
});
