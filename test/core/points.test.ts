import { describe, expect, test } from 'vitest';
import type { Criterion } from '../../layers/core/criterion.ts';
import { slots, trailingRun, type SlotState } from '../../layers/core/points.ts';

const start = Date.parse('2026-11-01T12:00:00.000Z') / 1000;
const at = (seconds: number) => new Date((start + seconds) * 1000).toISOString();

const criterion = (over: Partial<Criterion> = {}): Criterion => ({
  id: 'errors',
  resource: 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api',
  role: 'target',
  queries: [{ id: 'm', namespace: 'N', metric: 'Errors', dimensions: {}, stat: 'Sum', period: 10 }],
  returns: 'm',
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  period: 10,
  missing: 'missing',
  trafficFloor: 1,
  ...over,
});
const traffic = { id: 't', namespace: 'N', metric: 'Requests', dimensions: {}, stat: 'Sum', period: 10 };
const points = (values: Readonly<Record<number, number>>) =>
  new Map(Object.entries(values).map(([time, value]) => [start + Number(time), value]));

describe('slots', () => {
  test('judge whole periods only: what began before or ends later is left out', () => {
    const all = slots({ criterion: criterion(), values: points({ 0: 9, 10: 1, 20: 9, 30: 1 }) }, at(5), at(35));

    expect(all.map((slot) => [slot.at - start, slot.state])).toEqual([[10, 'good'], [20, 'bad']]); // prettier-ignore
  });

  test('call a good value with too few requests quiet, and a bad one bad all the same', () => {
    const reading = {
      criterion: criterion({ traffic, trafficFloor: 5 }),
      values: points({ 0: 0, 10: 9, 20: 0 }),
      traffic: points({ 0: 1, 10: 1, 20: 50 }),
    };

    expect(slots(reading, at(0), at(30)).map(({ state }) => state)).toEqual(['quiet', 'bad', 'good']);
  });

  test('call a missing value good only where its alarm says so and requests were served', () => {
    const served = points({ 0: 10, 10: 10, 20: 0 });
    const errorsOnly = {
      criterion: criterion({ traffic, missing: 'notBreaching' }),
      values: points({}),
      traffic: served,
    };
    const unsaid = { criterion: criterion({ traffic }), values: points({}), traffic: served };

    expect(slots(errorsOnly, at(0), at(30)).map(({ state }) => state)).toEqual(['good', 'good', 'quiet']);
    expect(slots(unsaid, at(0), at(30)).map(({ state }) => state)).toEqual(['none', 'none', 'quiet']);
  });

  test('call missing data bad where it means bad, once it can no longer be late', () => {
    const all = slots({ criterion: criterion({ missing: 'breaching' }), values: points({}) }, at(0), at(60));

    expect(all.map(({ state }) => state)).toEqual(['bad', 'bad', 'bad', 'none', 'none', 'none']);
  });

  test('never take silence for health: no data and no traffic is neither good nor bad', () => {
    const silent = {
      criterion: criterion({ traffic, missing: 'notBreaching' }),
      values: points({}),
      traffic: points({}),
    };

    expect(new Set(slots(silent, at(0), at(100)).map(({ state }) => state))).toEqual(new Set(['quiet', 'none']));
  });
});

describe('the newest row', () => {
  const row = (...states: SlotState[]) => trailingRun(states.map((state, index) => ({ at: index, state })));

  test.each([
    ['counts from the end', ['bad', 'good', 'good'], { state: 'good', length: 2 }],
    ['skips what is not known yet', ['good', 'good', 'none'], { state: 'good', length: 2 }],
    ['ends at a gap', ['good', 'none', 'good'], { state: 'good', length: 1 }],
    ['is neither lengthened nor broken by quiet periods', ['good', 'quiet', 'good'], { state: 'good', length: 2 }],
    ['is quiet where nothing could be judged', ['quiet', 'quiet'], { state: 'quiet', length: 2 }],
    ['is none without data', ['none'], { state: 'none', length: 0 }],
  ] as const)('%s', (_name, states, expected) => {
    expect(row(...states)).toMatchObject(expected);
  });
});
