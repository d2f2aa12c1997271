import { describe, expect, test } from 'vitest';
import { judgeReality, namesItsCause } from '../../../functions/detect/real.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import type { Reading } from '../../../layers/core/points.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import type { Look } from '../../../layers/runtime/observe/look.ts';
import { at, criterion, epochAt, resourceOf, SERVICE, service, stop } from '../evidence.ts';

const NOW = 300;
const readingOf = (value: (seconds: number) => number | undefined, over = {}): Reading => ({
  criterion: criterion(over),
  values: new Map(
    Array.from({ length: 60 }, (_, n) => n * 10 - 300).flatMap((time): [number, number][] => {
      const found = value(time);
      return found === undefined ? [] : [[epochAt(time), found]];
    }),
  ),
});
const look = (over: Partial<Look> = {}): Look => ({
  at: at(NOW),
  readings: [readingOf(() => 0)],
  service: service(),
  stopped: [],
  gaps: [],
  ...over,
});
const alarmed: Signal = {
  kind: 'alarm',
  id: 'a',
  at: at(290),
  resource: SERVICE,
  summary: 'ALARM',
  alarm: 'api-errors',
  alarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:api-errors',
  state: 'ALARM',
};
const stopped: Signal = {
  kind: 'task-stopped',
  id: 's',
  at: at(295),
  resource: SERVICE,
  summary: 'stopped',
  stopped: stop(295),
};
const unanswered: Signal = {
  kind: 'probe',
  id: 'p',
  at: at(280),
  resource: SERVICE,
  summary: 'it did not answer its probe',
  probe: 'probe',
  state: 'failed',
};
const answers = (value: number) =>
  readingOf((time) => (time >= 280 ? value : undefined), { id: 'probe', threshold: 0 });
const judge = (seen: Look, signals: readonly Signal[] = [alarmed], healedAt?: string) =>
  judgeReality(seen, signals, resourceOf(), DEFAULT_POLICY, healedAt);

describe('a probe that failed', () => {
  test.each([
    ['is believed before its results can be read', look(), [unanswered], 'real'],
    ['is believed while its results are bad', look({ readings: [answers(1)] }), [unanswered], 'real'],
    ['is not news once a later result is good', look({ readings: [answers(0)] }), [unanswered], 'noise'],
    [
      'is not news once it was heard to be answered',
      look(),
      [unanswered, { ...unanswered, at: at(290), state: 'ok' }],
      'noise',
    ],
  ] as [string, Look, Signal[], string][])('%s', (_, seen, signals, kind) => {
    expect(judge(seen, signals).kind).toBe(kind);
  });
});

describe('it is real', () => {
  test.each([
    ['when raw metrics are bad now', look({ readings: [readingOf((time) => (time > 250 ? 40 : 0))] }), [alarmed]],
    ['when two tasks have failed', look({ stopped: [stop(200), stop(280)] }), [stopped]],
    [
      'when a single task ran out of memory',
      look({ stopped: [stop(295, { exitCode: 137, reason: 'OutOfMemoryError' })] }),
      [stopped],
    ],
    [
      'when nothing runs any more',
      look({ stopped: [stop(295)], service: service({ running: 0, tasks: [] }) }),
      [stopped],
    ],
    [
      'when the alarm’s metrics show no data: missing data is not noise',
      look({ readings: [readingOf(() => undefined, { missing: 'missing' })] }),
      [alarmed],
    ],
    ['when tasks stay away although none failed', look({ service: service({ running: 1 }) }), [alarmed]],
    [
      'when a person says so',
      look(),
      [
        {
          kind: 'operator',
          id: 'o',
          at: at(299),
          resource: SERVICE,
          summary: 'it is slow',
          by: 'ann',
        } satisfies Signal,
      ],
    ],
  ] as const)('%s', (_name, seen, signals) => {
    expect(judge(seen, signals).kind).toBe('real');
  });
});

describe('it is noise', () => {
  test('when an alarm rang and its raw metrics are good', () => {
    expect(judge(look()).kind).toBe('noise');
  });

  test('when one task failed, was replaced, and the replacement has held', () => {
    expect(
      judge(
        look({ stopped: [stop(200)] }),
        [stopped].map((signal) => ({ ...signal, stopped: stop(200) })),
      ).kind,
    ).toBe('noise');
  });

  test('and says what was looked at', () => {
    const reality = judge(look());

    expect(reality.why).toEqual([
      '1 of 1 metrics are good and none was bad in the last three periods',
      '2 of 2 tasks run, all of them well',
    ]);
  });
});

describe('it is too early to tell', () => {
  test('right after a task failed, whatever the service looks like', () => {
    expect(judge(look({ stopped: [stop(295)] }), [stopped])).toMatchObject({ kind: 'unclear', again: 15 });
  });

  test('while metrics that were bad have not stayed good for three periods', () => {
    const blip = look({ readings: [readingOf((time) => (time >= 250 && time < 260 ? 40 : 0))] });
    const justOver = { ...blip, at: at(290) };

    expect(judge(justOver).kind).toBe('noise');
    expect(judge({ ...blip, at: at(270) })).toMatchObject({ kind: 'unclear' });
    expect(judge({ ...blip, at: at(260) }).kind).toBe('real');
  });
});

describe('after it was healed', () => {
  const slow = (value: (seconds: number) => number) =>
    look({ readings: [readingOf((time) => (time % 60 === 0 ? value(time) : undefined), { period: 60 })] });
  const badUntil = (end: number) => slow((time) => (time < end ? 40 : 0));

  test('an alarm that rings for the trouble of before is noise, which says what it was counted from', () => {
    const reality = judge(badUntil(240), [alarmed], at(225));

    expect(judge(badUntil(240)).kind).toBe('real');
    expect(reality.kind).toBe('noise');
    expect(reality.why.at(-1)).toBe(`counted since the resource was healed at ${at(225)}`);
  });

  test('a whole period since is waited for', () => {
    expect(judge(badUntil(300), [alarmed], at(255))).toMatchObject({ kind: 'unclear', again: 65 });
    expect(judge({ ...badUntil(300), at: at(310) }, [alarmed], at(255))).toMatchObject({ kind: 'unclear', again: 55 });
  });

  test('what is bad again is real', () => {
    expect(judge(badUntil(500), [alarmed], at(225)).kind).toBe('real');
  });

  test('tasks that failed before do not count, those since do', () => {
    const seen = look({ stopped: [stop(100), stop(110), stop(120)] });

    expect(judge(seen).kind).toBe('real');
    expect(judge(seen, [alarmed], at(150)).kind).toBe('noise');
    expect(judge(seen, [alarmed], at(105)).kind).toBe('real');
  });

  test('an alarm whose metrics show nothing at all is believed all the same', () => {
    const seen = look({ readings: [readingOf(() => undefined, { missing: 'missing' })] });

    expect(judge(seen, [alarmed], at(225)).kind).toBe('real');
  });
});

test('a guard that is bad is no incident by itself', () => {
  expect(judge(look({ readings: [readingOf(() => 40, { role: 'guard' })] }), []).kind).toBe('noise');
});

test('an event names its cause, an alarm does not', () => {
  expect(namesItsCause([alarmed])).toBe(false);
  expect(namesItsCause([alarmed, stopped])).toBe(true);
});
