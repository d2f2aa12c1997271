import { expect, test } from 'vitest';
import { onsetOf } from '../../../functions/diagnose/collect/onset.ts';
import { slack } from '../../../functions/diagnose/support/facts.ts';
import type { Reading } from '../../../layers/core/points.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { alarm, at, criterion, epochAt, evidenceOf, resourceOf, SERVICE, stop } from '../evidence.ts';

const fine = criterion({ id: 'fine', period: 10 });
const coarse = criterion({ id: 'coarse', period: 60 });
const resource = resourceOf({ alarms: [alarm('fine', [fine]), alarm('coarse', [coarse])] });
const rang = (name: string, seconds: number): Signal => ({
  kind: 'alarm',
  id: name,
  at: at(seconds),
  resource: SERVICE,
  summary: name,
  alarm: name,
  alarmArn: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`,
  state: 'ALARM',
});
const stopped = (seconds: number): Signal => ({
  kind: 'task-stopped',
  id: `s${seconds}`,
  at: at(seconds),
  resource: SERVICE,
  summary: 'stopped',
  stopped: stop(seconds),
});
const bad = (of: typeof fine, ...from: number[]): Reading => ({
  criterion: of,
  values: new Map(
    Array.from({ length: 60 }, (_, n) => n * 10 - 300)
      .filter((time) => time % of.period === 0)
      .map((time): [number, number] => [epochAt(time), from.includes(time) ? 40 : 0]),
  ),
});
const onset = (
  signals: readonly Signal[],
  readings: readonly Reading[],
  stops: readonly ReturnType<typeof stop>[] = [],
) => onsetOf(signals, resource, readings, stops, at(-300), at(300));

test('the onset is the first bad period of what rang, not when the alarm rang', () => {
  expect(onset([rang('fine', 75)], [bad(fine, 40, 50, 60)])).toBe(at(40));
});

test('a finer metric says when within the period of a coarser one', () => {
  const signals = [rang('fine', 75), rang('coarse', 130)];

  expect(onset(signals, [bad(fine, 40, 50, 60), bad(coarse, 0, 60)])).toBe(at(40));
});

test('a metric whose alarm did not ring does not date the trouble that did', () => {
  expect(onset([rang('fine', 75)], [bad(fine, 40, 50, 60), bad(coarse, -120, -60, 0, 60)])).toBe(at(40));
});

test('a task that failed dates it when nothing rang', () => {
  expect(onset([stopped(44)], [bad(coarse, 0)], [stop(44), stop(64)])).toBe(at(44));
});

test('two good periods between bad ones are a pause, three are an end', () => {
  expect(onset([rang('fine', 120)], [bad(fine, 20, 50, 80, 90)])).toBe(at(20));
  expect(onset([rang('fine', 120)], [bad(fine, 20, 60, 100, 110)])).toBe(at(100));
});

test('trouble that ended long before the first signal is another story', () => {
  expect(onset([rang('fine', 290)], [bad(fine, 280)], [stop(-400)])).toBe(at(280));
});

test('without anything to date it by, it began with the first signal', () => {
  expect(onset([rang('fine', 75)], [bad(fine)])).toBe(at(75));
});

test('what led to the first signal counts, although good periods came between it and what is bad now', () => {
  expect(onset([rang('fine', 75)], [bad(fine, 40, 50, 60, 130, 140, 290)])).toBe(at(40));
});

test('the onset is as uncertain as the period it was read from', () => {
  const evidence = (...signals: Signal[]) => evidenceOf({ resources: [resource], signals });

  expect(slack(evidence(stopped(0)))).toBe(20);
  expect(slack(evidence(rang('fine', 20)))).toBe(20);
  expect(slack(evidence(rang('coarse', 130)))).toBe(70);
});

const odd = (seconds: number): Signal => ({
  kind: 'anomaly',
  id: 'odd',
  at: at(seconds),
  resource: SERVICE,
  summary: 'odd',
  detector: 'calibrated-ensemble',
  score: 1,
  carriers: [{ series: 'CPUUtilization', value: 90, usual: { low: 10, high: 20 } }],
});

test('an anomaly is as uncertain as the point that is odd: a change within it may be its cause', () => {
  expect(onset([odd(0)], [])).toBe(at(0));
  expect(slack(evidenceOf({ resources: [resource], signals: [odd(0)] }))).toBe(310);
});

test('a finer metric says when within the point of an anomaly, a later one does not', () => {
  expect(onset([odd(0), rang('fine', 75)], [bad(fine, 40, 50, 60)])).toBe(at(40));
  expect(slack(evidenceOf({ resources: [resource], signals: [odd(0), rang('fine', 75)] }))).toBe(20);
});
