import { beforeAll, expect, test } from 'vitest';
import type { Change } from '../../../layers/core/inventory.ts';
import { knowledge } from '../../../layers/runtime/kb/index.ts';
import { after, serviceArn, START } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';

beforeAll(freshTables);

const change = (changes: Partial<Change>): Change => ({
  resource: serviceArn(),
  at: START,
  kind: 'scaled',
  eventId: 'e-1',
  to: 'desiredCount=4',
  ...changes,
});

test('a second report of a change adds who made it, and keeps what was known and when', async () => {
  const native = change({});

  const first = await knowledge.recordChange(native);
  const second = await knowledge.recordChange({
    ...native,
    at: after(7),
    by: 'ada',
    from: 'desiredCount=2',
    to: 'something else',
  });

  expect([first, second]).toEqual(['recorded', 'known']);
  expect(await knowledge.changes(native.resource, START, after(60))).toEqual([
    { ...native, by: 'ada', from: 'desiredCount=2' },
  ]);
});

test('who is known stays known', async () => {
  const told = change({ by: 'ada' });
  await knowledge.recordChange(told);

  await knowledge.recordChange({ ...told, by: 'grace' });

  expect(await knowledge.changes(told.resource, START, START)).toEqual([told]);
});

test('the same event id on another resource is another change', async () => {
  const [one, other] = [change({}), change({})];

  const recorded = [await knowledge.recordChange(one), await knowledge.recordChange(other)];

  expect(recorded).toEqual(['recorded', 'recorded']);
});

test('a report under another id is the same change for good, and adds what it knows', async () => {
  const native = change({ eventId: 'native' });
  await knowledge.recordChange(native);
  const trail = { ...native, at: after(3), eventId: 'trail', by: 'ada' };

  const first = await knowledge.recordTwin(trail, native);
  const again = await knowledge.recordChange(trail);

  expect([first, again]).toEqual(['known', 'known']);
  expect(await knowledge.changes(native.resource, START, after(60))).toEqual([{ ...native, by: 'ada' }]);
});
