import { describe, expect, test } from 'vitest';
import type { Change } from '../../layers/core/inventory.ts';
import { Attempt } from '../../layers/core/plan.ts';
import {
  FATES,
  isSameChange,
  judgeSuggestion,
  reportOf,
  type Aftermath,
  type Fate,
  type Suggestion,
} from '../../layers/core/suggestion.ts';
import { after, anAttempt, serviceArn, START } from '../runtime/samples.ts';

const SERVICE = serviceArn('web');
const revision = (n: number) => `arn:aws:ecs:eu-west-1:111122223333:task-definition/web:${n}`;
const back = { resource: SERVICE, field: 'taskDefinition', was: revision(8), becomes: revision(7) };
const made: Suggestion = {
  incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
  at: START,
  resource: SERVICE,
  fault: 'bad-deployment',
  action: 'rollback-deployment',
  risk: 'R2',
  mutations: [back],
  undo: true,
  disruption: 0.1,
  settlesAtMost: 600,
};
const change = (seconds: number, to: string | undefined, over: Partial<Change> = {}): Change => ({
  resource: SERVICE,
  at: after(seconds),
  kind: 'deployment-started',
  ...(to === undefined ? {} : { to }),
  by: 'arn:aws:iam::111122223333:user/ada',
  eventId: `change-${seconds}`,
  ...over,
});
const judge = (next: Partial<Aftermath>): Fate =>
  judgeSuggestion(made, { changes: [], later: [], now: after(86_400), ...next });

describe('a suggestion is', () => {
  test('right when someone made that change and it got well', () => {
    expect(judge({ changes: [change(300, revision(7))], wellAt: after(900) })).toBe('right');
  });

  test('wrong when someone made that change and it did not get well in time, or not at all', () => {
    expect(judge({ changes: [change(300, revision(7))], wellAt: after(9_000) })).toBe('wrong');
    expect(judge({ changes: [change(300, revision(7))] })).toBe('wrong');
  });

  test('neither, as long as that change may still help', () => {
    expect(judge({ changes: [change(300, revision(7))], now: after(400) })).toBe('still-sick');
  });

  test('another’s when another change came last before it got well', () => {
    expect(judge({ changes: [change(300, revision(9))], wellAt: after(900) })).toBe('other');
    expect(judge({ changes: [change(300, revision(7)), change(600, revision(9))], wellAt: after(900) })).toBe('other');
  });

  test('not needed when it got well by itself as soon as the action would have taken', () => {
    expect(judge({ wellAt: after(500) })).toBe('not-needed');
    expect(judge({ changes: [change(800, revision(7))], wellAt: after(500) })).toBe('not-needed'); // later than well
  });

  test('unclear when it got well by itself much later: the action might have spared that time', () => {
    expect(judge({ wellAt: after(20_000) })).toBe('unclear');
  });

  test('not judged while it is still sick', () => {
    expect(judge({})).toBe('still-sick');
  });

  test('judged by what Prunella itself did later with the same action, once it was allowed to', () => {
    const later = (outcome: 'recovered' | 'unchanged') =>
      Attempt.parse({
        ...anAttempt(SERVICE),
        candidate: { ...anAttempt(SERVICE).candidate, action: 'rollback-deployment' },
        mutations: [{ ...back, action: 'rollback-deployment', state: 'applied', at: after(700) }],
        outcome,
      });

    expect(judge({ later: [later('recovered')] })).toBe('right');
    expect(judge({ later: [later('unchanged')], wellAt: after(900) })).toBe('wrong');
  });

  test('not credited with what an autoscaler did, nor with a change of something else', () => {
    const scaled = change(100, 'desiredCount=4', { kind: 'scaled', by: 'ecs.application-autoscaling.amazonaws.com' });
    const elsewhere = change(100, revision(7), { resource: serviceArn('other') });

    expect(judge({ changes: [scaled, elsewhere], wellAt: after(500) })).toBe('not-needed');
  });
});

describe('the same change is', () => {
  const mutation = (field: string, was: string | number, becomes: string | number) => ({
    resource: SERVICE,
    field,
    was,
    becomes,
  });

  test.each([
    ['the same revision', back, change(1, revision(7)), true],
    ['not another revision', back, change(1, revision(6)), false],
    ['not a deployment of which the revision is unknown', back, change(1, undefined), false],
    ['as many tasks', mutation('desiredCount', 2, 3), change(1, 'desiredCount=3', { kind: 'scaled' }), true],
    ['more tasks yet', mutation('desiredCount', 2, 3), change(1, 'desiredCount=6', { kind: 'scaled' }), true],
    ['not fewer', mutation('desiredCount', 2, 3), change(1, 'desiredCount=1', { kind: 'scaled' }), false],
    ['not the other limit', mutation('minCapacity', 2, 3), change(1, 'maxCapacity=9', { kind: 'scaled' }), false],
    [
      'fresh tasks of the same revision',
      mutation('deployment', 'd-1', `fresh tasks of ${revision(8)}`),
      change(1, revision(8)),
      true,
    ],
    [
      'that task stopped',
      mutation('task t-1', 'RUNNING', 'STOPPED'),
      change(1, 't-1', { kind: 'task-stopped-by-hand' }),
      true,
    ],
    ['a version that an alias moved to', mutation('routing', '8', '7'), change(1, '7', { kind: 'alias-moved' }), true],
    ['any write of that parameter', mutation('value', 'v4', 'v3'), change(1, '5', { kind: 'parameter-written' }), true],
  ])('%s', (_what, one, other, same) => {
    expect(isSameChange(one, other)).toBe(same);
  });
});

describe('the report', () => {
  const list = (counts: Partial<Record<Fate, number>>) =>
    FATES.flatMap((fate) => Array.from({ length: counts[fate] ?? 0 }, () => ({ ...made, fate })));

  test('counts, and gives the share of right ones among those that can be judged, with its interval', () => {
    const report = reportOf(list({ right: 15, other: 3, 'not-needed': 2, unclear: 4, 'still-sick': 1 }));

    expect(report).toMatchObject({
      suggestions: 25,
      judged: 20,
      undoable: 25,
      worstDisruption: 0.1,
      risks: { R2: 25 },
    });
    expect(report.right).toEqual({ share: 0.75, from: expect.closeTo(0.531, 3), to: expect.closeTo(0.888, 3) });
    expect(report.byAction).toMatchObject([{ action: 'rollback-deployment', risk: 'R2', suggested: 25 }]);
    expect(report.conclusion).toBe(
      'In mode heal it would have been right more often than not (53 to 89 %, 95 % interval); none is known to have failed.',
    );
  });

  test('says plainly that there is too little data, however good it looks', () => {
    const { conclusion } = reportOf(list({ right: 9, 'still-sick': 20 }));

    expect(conclusion).toMatch(/^Too little data to tell: of 9 suggestions .* 10 or more are needed/);
  });

  test.each([
    [
      { right: 3, wrong: 5, 'not-needed': 12 },
      /right less often than not .* stay in suggest; 5 are known to have failed/,
    ],
    [{ right: 10, wrong: 4, other: 6 }, /cannot be said yet .* 4 are known to have failed/],
  ])('of %j does not argue for heal', (counts, conclusion) => {
    expect(reportOf(list(counts)).conclusion).toMatch(conclusion);
  });

  test('of nothing has no share', () => {
    expect(reportOf([])).toMatchObject({ suggestions: 0, judged: 0, right: { share: undefined, from: 0, to: 1 } });
  });
});
