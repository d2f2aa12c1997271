import { expect, test } from 'vitest';
import { collectChanges, mergeChanges } from '../../../functions/diagnose/collect/changes.ts';
import { steadyRevisions } from '../../../functions/diagnose/collect/services.ts';
import { Change } from '../../../layers/core/inventory.ts';
import { at, CALLEE, change, resourceOf, revision } from '../evidence.ts';

const parsed = (one: object) => Change.parse(one);
const recorded = parsed(change('deployment-started', -60, { to: revision(7), by: 'ann' }));
const remembered = parsed(change('deployment-started', -55, { to: revision(7), from: revision(6) }));

test('a change that was recorded and is remembered is one, with what each of the two knows', () => {
  expect(mergeChanges([recorded], [remembered], at(0))).toEqual([{ ...remembered, ...recorded }]);
});

test('what only ECS remembers is added, what lies far back is not', () => {
  const old = parsed(change('deployment-started', -8 * 3600, { to: revision(5) }));

  expect(mergeChanges([], [remembered, old], at(0))).toEqual([remembered]);
});

test('two deployments of the same revision a minute apart are two', () => {
  const again = parsed(change('deployment-started', 5, { to: revision(7) }));

  expect(mergeChanges([recorded], [again], at(10))).toHaveLength(2);
});

test('the steady revisions are in the order in which they came to rest, the last first, each once', () => {
  const rested = [
    parsed(change('deployment-completed', -300, { to: revision(5) })),
    parsed(change('deployment-completed', -100, { to: revision(4) })),
  ];
  const past = [
    { revision: revision(5), startedAt: at(-60), finishedAt: at(-50), status: 'SUCCESSFUL' },
    { revision: revision(6), startedAt: at(-40), finishedAt: at(-30), status: 'ROLLBACK_SUCCESSFUL' },
    { revision: revision(7), startedAt: at(-20), status: 'IN_PROGRESS' },
  ];

  expect(steadyRevisions(rested, past)).toEqual([revision(5), revision(4)]);
});

test('changes of what many parameters configure are read of the nearest, and the rest is named', async () => {
  const parameters = Array.from({ length: 80 }, (_, n) => ({
    arn: `arn:aws:ssm:eu-west-1:111122223333:parameter/store/${n}`,
    readAt: 'start' as const,
  }));
  const asked: string[] = [];
  const read = (arn: string) => {
    asked.push(arn);
    return Promise.resolve([]);
  };

  const { gaps } = await collectChanges(resourceOf(), [resourceOf({ arn: CALLEE, parameters })], at(0), read);

  expect(asked).toHaveLength(61);
  expect(asked).toContain(CALLEE);
  expect(gaps).toEqual(['changes of 22 parameters were not looked at']);
});
