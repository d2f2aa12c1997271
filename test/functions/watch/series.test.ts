import { describe, expect, it } from 'vitest';
import { nextLook, step } from '../../../functions/watch/series.ts';
import type { KeptSeries } from '../../../layers/runtime/kb/knowledge.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import type { Points, WatchedSeries } from '../../../layers/core/watched-series.ts';

const resource = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';
const metric = {
  id: 'm',
  namespace: 'AWS/ECS',
  metric: 'CPUUtilization',
  dimensions: {},
  stat: 'Average',
  period: 300,
};
const cpu: WatchedSeries = { id: 'CPUUtilization', resource, metric, period: 300, looksFor: 'anomaly' };
const memory: WatchedSeries = {
  id: 'memory',
  resource,
  metric: { ...metric, metric: 'MemoryUtilization', period: 60 },
  period: 60,
  looksFor: 'forecast',
  limit: { value: 100, when: 'above' },
};
const START = Date.parse('2026-11-01T00:00:00.000Z') / 1000;
const at = (seconds: number): string => addSeconds('2026-11-01T00:00:00.000Z', seconds);

/** Two weeks and a bit of five minutes each: a day's season and noise. */
const random = seeded(7);
const usual = Array.from({ length: 14 * 288 }, (_, i): [number, number] => [
  START + i * 300,
  40 + 15 * Math.sin((2 * Math.PI * i) / 288) + random(),
]);
const last = usual.at(-1)![0];
const more = (values: readonly number[]): Points => values.map((value, i) => [last + (i + 1) * 300, value]);

describe('a series that is watched for anomalies', () => {
  const learned = step(cpu, undefined, usual, at(14 * 86_400), DEFAULT_WATCH).keep!;

  it('learns from the past at its first read, without telling of it', () => {
    const first = step(
      cpu,
      undefined,
      [...usual.slice(0, 2000), [usual[2000]![0], 500], ...usual.slice(2001)],
      at(14 * 86_400),
      DEFAULT_WATCH,
    );

    expect(first.odd).toBeUndefined();
    expect(first.keep).toMatchObject({ version: 1, last });
    expect(first.keep!.detector!.length).toBeLessThan(200_000);
  });

  it('tells what is new in it, with what is usual', () => {
    const now = at(14 * 86_400 + 1500);

    const seen = step(cpu, learned, more([40, 41, 400]), now, DEFAULT_WATCH);

    expect(seen.odd).toMatchObject({ at: last + 900, value: 400 });
    expect(seen.odd!.usual.low).toBeGreaterThan(20);
    expect(seen.odd!.usual.high).toBeLessThan(60);
    expect(seen.keep).toMatchObject({ version: 2, last: last + 900 });
  });

  it('tells what it sees for the first time however seldom it is read, and not what is older', () => {
    const points = more([400, 41]);
    const readEvery = (hours: number) =>
      step(cpu, learned, points, at(14 * 86_400 + 900 + hours * 3600), DEFAULT_WATCH);

    expect(readEvery(6.2).odd).toMatchObject({ value: 400 });
    expect(readEvery(12).odd).toBeUndefined();
  });

  it('steps the same points once, however often it reads them, and whatever the batches', () => {
    const points = more([40, 41, 42, 43, 400, 41]);
    const now = at(14 * 86_400 + 2400);

    const whole = step(cpu, learned, points, now, DEFAULT_WATCH);
    const again = step(cpu, whole.keep, points, now, DEFAULT_WATCH);
    const unkept = step(cpu, learned, points.slice(0, 3), now, DEFAULT_WATCH);

    expect(again).toEqual({ series: cpu });
    expect(unkept.keep).toBeUndefined();
    expect(step(cpu, learned, points, now, DEFAULT_WATCH)).toEqual(whole);
  });

  it('is remembered once in three days while nothing happens', () => {
    const next = at(17 * 86_400);

    const seen = step(cpu, learned, more([40]), next, DEFAULT_WATCH);

    expect(seen.keep).toMatchObject({ version: 2, keptAt: next });
    expect(step(cpu, learned, more([40]), at(14 * 86_400 + 3600), DEFAULT_WATCH).keep).toBeUndefined();
  });

  it('says nothing where nothing was measured', () => {
    expect(step(cpu, learned, [], at(14 * 86_400), DEFAULT_WATCH)).toEqual({ series: cpu });
  });
});

describe('a series that is watched for its limit', () => {
  const leak = (n: number): Points =>
    Array.from({ length: n }, (_, i) => [START + i * 60, 20 + Math.max(0, i - 60) + 0.2 * Math.sin(i * 2.4)]);
  const first = step(memory, undefined, leak(100), at(6060), DEFAULT_WATCH);

  it('is foretold once, and looked at more often the nearer it comes', () => {
    expect(first.foretold?.what).toMatchObject({ series: 'memory', limit: { value: 100, when: 'above' } });
    expect(first.foretold!.what.inSeconds / 60).toBeGreaterThan(30);
    expect(first.foretold!.what.inSeconds / 60).toBeLessThan(60);

    const second = step(memory, first.keep, leak(105), at(6360), DEFAULT_WATCH);
    expect(second.foretold).toBeUndefined();
    expect(second.pending).toEqual(first.keep!.pending);
    expect(nextLook(second.pending!, START + 6360)).toBeLessThan(nextLook(first.pending!, START + 6060));
  });

  it('is looked at again soon while it may be on its way, and only by the plan while it is not', () => {
    const suspected = Array.from({ length: 40 }, (_, i) =>
      step(memory, undefined, leak(60 + i), at((61 + i) * 60), DEFAULT_WATCH),
    ).find(({ again }) => again !== undefined)!;

    expect(suspected.foretold).toBeUndefined();
    expect(suspected.keep).toBeUndefined();
    expect(suspected.again).toBeGreaterThanOrEqual(60);
    expect(suspected.again).toBeLessThan(30 * 60);
    expect(step(memory, undefined, leak(60), at(61 * 60), DEFAULT_WATCH).again).toBeUndefined();
  });

  it('counts for the forecast when it reaches the limit in its time', () => {
    const seen = step(memory, first.keep, leak(145), at(145 * 60), DEFAULT_WATCH);

    expect(seen.judged).toBe('came-true');
    expect(seen.keep).not.toHaveProperty('pending');
  });

  it('counts against it when it does not, and is not told again for a while', () => {
    const stopped = leak(400).map(([time, value]): [number, number] => [
      time,
      Math.min(value, 62 + 0.1 * Math.sin(time)),
    ]);
    const over = at(300 * 60);

    const seen = step(memory, first.keep, stopped.slice(0, 300), over, DEFAULT_WATCH);

    expect(seen.judged).toBe('did-not');
    expect(seen.keep!.quietUntil).toBe(START + 300 * 60 + DEFAULT_WATCH.horizon);
  });

  it('counts neither way when it was freed before', () => {
    const freed = leak(130).map(([time, value], i): [number, number] => [time, i > 120 ? 15 : value]);

    const seen = step(memory, first.keep, freed, at(130 * 60), DEFAULT_WATCH);

    expect(seen.judged).toBe('cut-short');
  });

  it('is judged anew from the points after it was freed', () => {
    const kept: KeptSeries = { version: 3, last: 0, keptAt: at(0), quietUntil: START + 121 * 60 };
    const freed = leak(130).map(([time, value], i): [number, number] => [time, i > 120 ? 15 : value]);

    const seen = step(memory, kept, freed, at(130 * 60), DEFAULT_WATCH);

    expect(seen.foretold).toBeUndefined();
  });
});

describe('a series that is at its limit', () => {
  /** Level at 30, and full from one look to the next. */
  const filled = (n: number, from: number, to = Infinity): Points =>
    Array.from({ length: n }, (_, i) => [START + i * 60, i >= from && i < to ? 100 : 30]);
  const look = (points: Points, kept?: KeptSeries) => step(memory, kept, points, at(points.length * 60), DEFAULT_WATCH);

  it('is told of although nothing foretold it, once while it stays there', () => {
    const first = look(filled(110, 100));
    const later = look(filled(500, 100), first.keep);

    expect(first.reached).toMatchObject({ since: START + 6000, what: { value: 100, inSeconds: 0, probability: 1 } });
    expect(first.foretold).toBeUndefined();
    expect(later).toEqual({ series: memory });
  });

  it('is told of again when it came back to it, and not for going to and fro', () => {
    const { keep } = look(filled(110, 100));
    const away = filled(110, 100, 105);

    const toAndFro = look([...away, ...filled(116, 113).slice(110)], keep);
    const back = look([...away, ...filled(160, 150).slice(110)], keep);

    expect(toAndFro.reached).toBeUndefined();
    expect(back.reached).toMatchObject({ since: START + 150 * 60 });
  });

  it('is not told of for a single minute, not where it is back from it, and not where nothing is measured any more', () => {
    expect(look(filled(101, 100)).reached).toBeUndefined();
    expect(look(filled(120, 100, 110)).reached).toBeUndefined();
    expect(step(memory, undefined, filled(110, 100), at(110 * 60 + 3600), DEFAULT_WATCH).reached).toBeUndefined();
  });

  it('is told of when it was foretold and came true, and while nothing is foretold', () => {
    const pending = { at: START, foretold: { ...look(filled(110, 100)).reached!.what, value: 30, inSeconds: 6000 } };
    const kept = { version: 1, last: 0, keptAt: at(0) };

    expect(
      look(filled(110, 80), { ...kept, pending: { ...pending, foretold: { ...pending.foretold, latest: 9000 } } }),
    ).toMatchObject({ judged: 'came-true', reached: { since: START + 4800 } });
    expect(look(filled(110, 80), { ...kept, quietUntil: START + 9000 }).reached).toBeDefined();
  });

  it('is left to the alarm that its owner set on the limit', () => {
    const alarmed = { ...memory, alarmed: true as const };

    expect(step(alarmed, undefined, filled(110, 100), at(6600), DEFAULT_WATCH)).toEqual({ series: alarmed });
  });

  it('of a limit that nothing can go past says nothing where it was past it: it is none there', () => {
    const reserved = { ...memory, hard: true as const };
    const over: Points = filled(110, 90).map(([time, value]) => [time, 1.4 * value]);

    expect(step(reserved, undefined, filled(110, 90), at(6600), DEFAULT_WATCH).reached).toBeDefined();
    expect(step(reserved, undefined, over, at(6600), DEFAULT_WATCH)).toEqual({ series: reserved });
  });
});
