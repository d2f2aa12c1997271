import { expect, test } from 'vitest';
import type { Change } from '../../layers/core/inventory.ts';
import type { RecordedMutation } from '../../layers/core/mutation.ts';
import { describeChange, otherWriters } from '../../layers/core/other-writer.ts';

const service = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';
const minute = (n: number, second = 0) => new Date(Date.UTC(2026, 10, 1, 12, n, second)).toISOString();
const change = (over: Partial<Change> = {}): Change => ({
  resource: service,
  at: minute(5),
  kind: 'deployment-started',
  eventId: 'e',
  ...over,
});
const ours: RecordedMutation = {
  resource: service,
  field: 'taskDefinition',
  was: 'a',
  becomes: 'b',
  action: 'rollback-deployment',
  state: 'applied',
  at: minute(10),
};
const since = minute(1);

test.each([
  ['a deployment after the onset', change(), true],
  [
    'a scaling by an autoscaler',
    change({ kind: 'scaled', by: 'arn:aws:sts::111122223333:assumed-role/autoscaling/x' }),
    true,
  ],
  ['what came before the onset: it may be the cause', change({ at: minute(0) }), false],
  ['what follows by itself: a deployment that came to rest', change({ kind: 'deployment-completed' }), false],
  [
    'a change of Prunella, by its session name',
    change({ incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF', by: 'arn:x' }),
    false,
  ],
  ['the echo of our own change, whose event names nobody', change({ at: minute(10, 4) }), false],
  [
    'a change right after ours that names its maker',
    change({ at: minute(10, 4), by: 'arn:aws:iam::111122223333:user/ann' }),
    true,
  ],
  ['an unnamed change long after ours', change({ at: minute(14) }), true],
  ['a change of another resource', change({ resource: `${service}2` }), false],
] as const)('another writer or not: %s', (_name, found, expected) => {
  expect(otherWriters([found], [service], since, [ours])).toHaveLength(expected ? 1 : 0);
});

test('an intent that was never confirmed may have been carried out: what follows it is its echo', () => {
  const intended = { ...ours, state: 'intended' } as const;

  expect(otherWriters([change({ at: minute(10, 4) })], [service], since, [intended])).toEqual([]);
  expect(otherWriters([change({ at: minute(14) })], [service], since, [intended])).toHaveLength(1);
});

test('a change that was undone later has an echo each time: when it was made and when it was undone', () => {
  const undone: RecordedMutation = { ...ours, state: 'undone', at: minute(20), calls: [minute(10), minute(20)] };
  const found = (...times: string[]) =>
    otherWriters(
      times.map((at) => change({ at })),
      [service],
      since,
      [undone],
    );

  expect(found(minute(10, 4), minute(20, 4))).toEqual([]);
  expect(found(minute(15))).toHaveLength(1);
});

test('what was left alone has no echo: the change beside it is what it was left alone for', () => {
  const left: RecordedMutation = { ...ours, state: 'left-alone', at: minute(20), calls: [minute(10)] };

  expect(otherWriters([change({ at: minute(19, 58) })], [service], since, [left])).toHaveLength(1);
});

test('an autoscaler that follows a minimum we raised is no other writer, however late; before it, or of another limit, it is', () => {
  const by = 'arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForApplicationAutoScaling_ECSService/AutoScaling';
  const raised: RecordedMutation = { ...ours, field: 'minCapacity', was: 2, becomes: 5, calls: [minute(9, 58)] };
  const found = (change_: Partial<Change>, mutation = raised) =>
    otherWriters([change({ kind: 'scaled', to: 'desiredCount=5', by, ...change_ })], [service], since, [mutation]);

  expect(found({ at: minute(10, 20) })).toEqual([]);
  expect(found({ at: minute(40) })).toEqual([]);
  expect(found({ at: minute(8) })).toHaveLength(1);
  expect(found({ at: minute(11), by: 'arn:aws:iam::111122223333:user/ann' })).toHaveLength(1);
  expect(found({ at: minute(11) }, { ...raised, field: 'desiredCount' })).toHaveLength(1);
});

test('a change is told with what, where, when and who', () => {
  const told = describeChange(change({ to: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/api:9', by: 'ann' }));

  expect(told).toBe('deployment-started to api:9 on prod/api at 2026-11-01T12:05:00.000Z by ann');
});
