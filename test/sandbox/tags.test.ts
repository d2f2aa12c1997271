import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { expect, it } from 'vitest';
import type { DeployedResource } from '../../sandbox/contract.ts';
import { TagIndex } from '../../sandbox/tags.ts';

const account = { accountId: '111122223333', region: 'us-east-1' };
const index = () =>
  new TagIndex({ account, emulator: new ResourceGroupsTaggingAPIClient(account), localService: () => undefined });

const arn = 'arn:aws:ecs:us-east-1:111122223333:service/own-app/greeter';
const service = (tags: Readonly<Record<string, string>>): DeployedResource => ({
  stackName: 'OwnApp',
  logicalId: 'Service',
  physicalId: arn,
  type: 'AWS::ECS::Service',
  properties: {},
  tags,
});

it('a later deployment tells which tags it changed: set, changed and removed', () => {
  const tags = index();
  const deploy = (resource: DeployedResource) => tags.adopt([resource], [resource]);

  const created = deploy(service({ team: 'one', stage: 'test' }));
  const same = deploy(service({ team: 'one', stage: 'test' }));
  const changed = deploy(service({ team: 'two', 'prunella:mode': 'heal' }));

  expect(created).toEqual([]);
  expect(same).toEqual([]);
  expect(changed).toEqual([
    {
      arn,
      tags: { team: 'two', 'prunella:mode': 'heal' },
      changedKeys: expect.toSatisfy(
        (keys: string[]) => keys.toSorted().join() === 'prunella:mode,stage,team',
      ) as string[],
    },
  ]);
});

it('what was deleted and is deployed again is new', () => {
  const tags = index();
  tags.adopt([service({ team: 'one' })], [service({ team: 'one' })]);
  tags.adopt([], []);

  const again = tags.adopt([service({ team: 'two' })], [service({ team: 'two' })]);

  expect(again).toEqual([]);
});
