import { describe, expect, test } from 'vitest';
import {
  ADA,
  at,
  call,
  deployment,
  parameter,
  putParameter,
  REVISION,
  scaled,
  SERVICE,
  stopped,
  updateAlias,
  updateService,
  world,
} from './world.ts';

describe('is one change, with who made it,', () => {
  test.each([
    ['a deployment', deployment('IN_PROGRESS'), updateService({ taskDefinition: REVISION })],
    ['a parameter write', parameter('Update'), putParameter(5)],
    ['a scaling', scaled(), updateService({ desiredCount: 4 })],
    [
      'a task stopped by hand',
      stopped('UserInitiated'),
      call(
        'ecs',
        'StopTask',
        { task: '1' },
        {
          task: { taskArn: at('ecs', 'task/prod/1'), clusterArn: at('ecs', 'cluster/prod'), group: 'service:checkout' },
        },
      ),
    ],
  ])('%s, whichever report comes first', async (_, native, trail) => {
    const [nativeFirst, trailFirst] = [world(), world()];

    await nativeFirst.take(native, trail);
    await trailFirst.take(trail, native);

    expect(nativeFirst.recorded()).toMatchObject([{ by: ADA }]);
    expect(trailFirst.recorded()).toMatchObject([{ by: ADA }]);
  });

  test('an event delivered twice', async () => {
    const { take, recorded } = world();
    const one = updateAlias('8');

    const outcomes = await take(one, one);

    expect(outcomes.map((outcome) => outcome.ok && outcome.recorded)).toEqual([['recorded'], ['known']]);
    expect(recorded()).toHaveLength(1);
  });
});

describe('is one change also where a call carries no answer,', () => {
  const asked = (name: string, parameters: object) => call('ecs', name, { cluster: 'prod', ...parameters });
  test.each([
    [
      'a deployment',
      deployment('IN_PROGRESS'),
      asked('UpdateService', { service: SERVICE, taskDefinition: 'checkout:8' }),
      REVISION,
    ],
    [
      'a restart',
      deployment('IN_PROGRESS'),
      asked('UpdateService', { service: SERVICE, forceNewDeployment: true }),
      REVISION,
    ],
    ['a parameter write', parameter('Update'), call('ssm', 'PutParameter', { name: '/checkout/limit' }), '5'],
    ['a task stopped by hand', stopped('UserInitiated'), asked('StopTask', { task: '1' }), at('ecs', 'task/prod/1')],
  ])('%s, whichever report comes first and however often', async (_, native, trail, to) => {
    const [nativeFirst, trailFirst] = [world(), world()];

    await nativeFirst.take(native, trail, trail, native);
    await trailFirst.take(trail, native, native, trail);

    expect(nativeFirst.recorded()).toMatchObject([{ by: ADA, to }]);
    expect(trailFirst.recorded()).toMatchObject([{ by: ADA, to }]);
  });
});

test('two scalings to the same count by two calls are two changes', async () => {
  const { take, recorded } = world();

  await take(updateService({ desiredCount: 4 }), updateService({ desiredCount: 4 }));

  expect(recorded()).toHaveLength(2);
});

test('a change made by an action of ours carries its incident', async () => {
  const { take, recorded } = world();
  const incidentId = '01JD3Q8Z3M7N5V6XK2B4C9D8EF';
  const arn = `arn:aws:sts::111122223333:assumed-role/PrunellaRestart/${incidentId}`;

  await take(
    call('ecs', 'UpdateService', { cluster: 'prod', service: 'checkout', desiredCount: 3 }, null, {
      userIdentity: { arn },
    }),
  );

  expect(recorded()).toMatchObject([{ incidentId, by: arn }]);
});
