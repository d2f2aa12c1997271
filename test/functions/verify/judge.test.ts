import { describe, expect, test } from 'vitest';
import { differsFromOurs } from '../../../functions/verify/differs.ts';
import { judge, type Trial } from '../../../functions/verify/judge.ts';
import { judgeUndo } from '../../../functions/verify/judge-undo.ts';
import type { Criterion } from '../../../layers/core/criterion.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { readingOf, type Reading } from '../../../layers/core/points.ts';
import type { Look } from '../../../layers/runtime/observe/look.ts';
import { at, criterion, epochAt, revision, SERVICE, service, stop } from '../evidence.ts';

/** Trouble from 0 on; the action was applied at 100 and had settled at 120. */
const APPLIED = 100;
const SETTLED = 120;
const reading = (
  value: (seconds: number) => number | undefined,
  over: Partial<Criterion> = {},
  requests?: (seconds: number) => number,
): Reading => {
  const times = Array.from({ length: 120 }, (_, n) => n * 10 - 200);
  const of = (read: (seconds: number) => number | undefined) =>
    new Map(
      times.flatMap((time): [number, number][] => (read(time) === undefined ? [] : [[epochAt(time), read(time) ?? 0]])),
    );
  const traffic = { id: 't', namespace: 'App', metric: 'Requests', dimensions: {}, stat: 'Sum', period: 10 };
  return {
    criterion: criterion({ ...over, ...(requests ? { traffic } : {}) }),
    values: of(value),
    ...(requests ? { traffic: of(requests) } : {}),
  };
};
const healed = reading((time) => (time >= 0 && time < APPLIED ? 40 : 0));
const sick = reading((time) => (time >= 0 ? 40 : 0));
const look = (seconds: number, over: Partial<Look> = {}): Look => ({
  at: at(seconds),
  readings: [healed],
  service: service(),
  stopped: [],
  gaps: [],
  ...over,
});
const trial = (over: Partial<Trial> = {}): Trial => ({
  onset: at(0),
  appliedAt: at(APPLIED),
  settledAt: at(SETTLED),
  helpsBy: at(SETTLED),
  deadline: at(1000),
  look: 1,
  signalled: new Set(['api-errors']),
  ...over,
});
const verdict = (seen: Look, over: Partial<Trial> = {}) => judge(seen, trial(over), DEFAULT_POLICY);

describe('recovered', () => {
  test('when what was bad has been good for three whole periods since it settled, and the service is well', () => {
    expect(verdict(look(150))).toMatchObject({ kind: 'recovered', byItself: false });
  });

  test('not before there are three: two are not enough, and good points from before it settled do not count', () => {
    expect(verdict(look(149))).toMatchObject({ kind: 'settling' });
    expect(verdict(look(130))).toMatchObject({ kind: 'settling' });
  });

  test('not by metrics alone: a task that failed since, or is missing, keeps it open', () => {
    expect(verdict(look(160, { stopped: [stop(140)] }))).toMatchObject({ kind: 'settling' });
    expect(verdict(look(160, { service: service({ running: 1 }) }))).toMatchObject({ kind: 'settling' });
  });

  test('by the resource’s own health where there is too little traffic, and that is said', () => {
    const quiet = reading(
      (time) => (time >= 0 && time < APPLIED ? 40 : 0),
      { trafficFloor: 5 },
      (time) => (time < SETTLED ? 50 : 0),
    );

    expect(verdict(look(150, { readings: [quiet] }))).toMatchObject({ kind: 'settling' });
    const judged = verdict(look(175, { readings: [quiet] }));
    expect(judged.kind).toBe('recovered');
    expect(judged.why.join()).toContain('too few samples');
  });

  test('not by its own health where its metrics could not be read at all', () => {
    const { criterion: unread } = healed;
    const blind = { readings: [readingOf(unread, [])], gaps: ['1 metrics could not be read: ServiceUnavailable'] };

    expect(verdict(look(300, blind))).toMatchObject({ kind: 'settling' });
    expect(verdict(look(1000, blind))).toMatchObject({ kind: 'failed', outcome: 'unknown' });
  });

  test('by the resource’s own health alone where no metric was ever bad', () => {
    const untroubled = [reading(() => 0)];

    expect(verdict(look(140, { readings: untroubled }), { signalled: new Set() })).toMatchObject({ kind: 'settling' });
    expect(verdict(look(155, { readings: untroubled }), { signalled: new Set() })).toMatchObject({ kind: 'recovered' });
  });

  test('by itself, when everything was good for three periods before the action’s change was made', () => {
    const before = reading((time) => (time >= 0 && time < 50 ? 40 : 0));

    expect(verdict(look(150, { readings: [before] }))).toMatchObject({ kind: 'recovered', byItself: true });
  });

  test('by the action, when tasks still failed shortly before it although metrics looked good', () => {
    const before = reading((time) => (time >= 0 && time < 50 ? 40 : 0));

    expect(verdict(look(150, { readings: [before], stopped: [stop(90)] }))).toMatchObject({
      kind: 'recovered',
      byItself: false,
    });
  });
});

describe('failed', () => {
  test('as unchanged, when it is still bad three periods after it settled', () => {
    expect(verdict(look(150, { readings: [sick] }))).toMatchObject({ kind: 'failed', outcome: 'unchanged' });
  });

  test('not as unchanged before the action typically shows its effect', () => {
    const seen = look(150, { readings: [sick] });

    expect(verdict(seen, { helpsBy: at(190) })).toMatchObject({ kind: 'settling' });
    expect(verdict(look(190, { readings: [sick] }), { helpsBy: at(190) })).toMatchObject({ outcome: 'unchanged' });
  });

  test('not as worse, when what is bad now was bad before but for its last point', () => {
    const flickering = reading((time) => (time >= 0 && time !== APPLIED - 10 ? 40 : 0), { id: 'other' });

    expect(verdict(look(150, { readings: [healed, flickering] }))).toMatchObject({ kind: 'settling' });
  });

  test('as unchanged, when tasks keep failing', () => {
    expect(verdict(look(150, { stopped: [stop(130), stop(140)] }))).toMatchObject({
      kind: 'failed',
      outcome: 'unchanged',
    });
  });

  test('as worse, when a guard that was good before is bad now', () => {
    const guard = reading((time) => (time < APPLIED ? 0 : 90), { id: 'latency', role: 'guard' });

    const judged = verdict(look(150, { readings: [healed, guard] }));

    expect(judged).toMatchObject({ kind: 'failed', outcome: 'worse' });
    expect(judged.why[0]).toContain('latency was good before and is bad now');
  });

  test('not for a guard that was bad before already', () => {
    const guard = reading(() => 90, { id: 'latency', role: 'guard' });

    expect(verdict(look(150, { readings: [healed, guard] })).kind).toBe('recovered');
  });

  test('as unknown, when time is up and nothing could be seen', () => {
    const nothing = reading(() => undefined, { missing: 'missing' });

    expect(
      verdict(look(150, { readings: [nothing], service: undefined } as never), { deadline: at(150) }),
    ).toMatchObject({ kind: 'failed', outcome: 'unknown' });
  });

  test('after the last look, however it stands', () => {
    expect(verdict(look(130), { look: DEFAULT_POLICY.maxLooks }).kind).toBe('failed');
  });
});

test('the next look is when the missing points can exist, not before', () => {
  const judged = verdict(look(121));

  expect(judged).toMatchObject({ kind: 'settling', again: 34 }); // 9 s to the end of this period, two more, 5 s for publication
});

test('an alarm with a minute’s period is waited for longer than one of ten seconds', () => {
  const slow = reading(
    (time) => (time >= 0 && time < APPLIED && time % 60 === 0 ? 40 : time % 60 === 0 ? 0 : undefined),
    { period: 60 },
  );

  const judged = verdict(look(121, { readings: [slow] }));

  expect(judged).toMatchObject({ kind: 'settling' });
  expect((judged as { again: number }).again).toBeGreaterThan(170);
});

describe('after an undo', () => {
  const undo = (seen: Look, looks = 1) =>
    judgeUndo(seen, { startedAt: at(APPLIED), undoneAt: at(200), looks }, DEFAULT_POLICY);

  test('nothing is said before three periods have passed and the undo’s own deployment is over', () => {
    expect(undo(look(215))).toMatchObject({ kind: 'unsettled', again: 15 });
    expect(undo(look(260, { service: service({ deploymentInProgress: true }) }))).toMatchObject({ kind: 'unsettled' });
  });

  test('what was bad before may be bad still', () => {
    expect(undo(look(240, { readings: [sick] }))).toMatchObject({ kind: 'as-before' });
  });

  test('what was good before and is bad now is worse', () => {
    const broken = reading((time) => (time < 200 ? 0 : 90));

    expect(undo(look(240, { readings: [broken] }))).toMatchObject({ kind: 'worse' });
  });

  test('it does not wait for ever', () => {
    expect(
      undo(look(260, { service: service({ deploymentInProgress: true }) }), DEFAULT_POLICY.maxLooks),
    ).toMatchObject({ kind: 'as-before' });
  });
});

describe('a field that is no longer what was set', () => {
  const set = (field: string, becomes: string | number, state = 'applied') =>
    ({ resource: SERVICE, field, was: 'x', becomes, action: 'a', state, at: at(100) }) as never;

  test.each([
    ['another revision', [set('taskDefinition', revision(6))], 1],
    ['our revision', [set('taskDefinition', revision(7))], 0],
    ['another count', [set('desiredCount', 4)], 1],
    ['a revision that was described in words', [set('taskDefinition', `${revision(7)} with 768 MiB`)], 0],
    ['what was undone', [set('taskDefinition', revision(6), 'undone')], 0],
  ] as const)('is noticed or not: %s', (_name, mutations, found) => {
    expect(differsFromOurs(mutations, service())).toHaveLength(found);
  });
});
