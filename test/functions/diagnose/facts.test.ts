import { describe, expect, test } from 'vitest';
import { rule as crashLoop } from '../../../functions/diagnose/rules/crash-loop.ts';
import { rule as memoryLimit } from '../../../functions/diagnose/rules/memory-limit.ts';
import { livesOf, load, newTrouble } from '../../../functions/diagnose/support/facts.ts';
import { at, evidenceOf, series, stop, template } from '../evidence.ts';

const A_WEEK = 7 * 86_400;
const starved = { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' };

describe('load', () => {
  const doubled = (metric: string) =>
    series({ criterion: 'api-errors#traffic', metric }, (time) => (time < 0 ? 12 : 24));

  test.each(['samples of CPUUtilization', 'samples of MemoryUtilization', 'samples of HealthyHostCount'])(
    'takes %s for the number of tasks, not of requests',
    (metric) => {
      const found = load(evidenceOf({ series: [doubled(metric)] }));

      expect(found).toBeUndefined();
    },
  );

  test.each(['samples of Latency', 'samples of TargetResponseTime', 'Orders'])('reads requests off %s', (metric) => {
    const found = load(evidenceOf({ series: [doubled(metric)] }));

    expect(found?.ratio).toBe(2);
  });
});

describe('lives of tasks', () => {
  const old = [5, 8].map((time) => stop(time, { startedAt: at(time - A_WEEK) }));
  const fresh = [60, 70, 120].map((time) => stop(time));

  test('are those of tasks that began around the onset, where there are any', () => {
    const evidence = evidenceOf();

    expect(livesOf([...old, ...fresh], evidence)).toEqual([12, 12, 12]);
    expect(livesOf(old, evidence)).toEqual([A_WEEK, A_WEEK]);
  });

  test('a crash loop is one although the first tasks to end had run for a week', () => {
    const [found] = crashLoop.find(evidenceOf({ stoppedTasks: [...old, ...fresh.slice(0, 2)] }));

    expect(found?.weight).toBeGreaterThanOrEqual(0.5);
  });

  test('a limit is too low although the first tasks to end had run for a week', () => {
    const stoppedTasks = [...old, ...fresh].map((task) => ({ ...task, ...starved }));

    const [found] = memoryLimit.find(evidenceOf({ stoppedTasks }));

    expect(found?.weight).toBeGreaterThanOrEqual(0.5);
  });

  test('tasks that ran for long before they ran out of memory are no sign of a low limit', () => {
    const stoppedTasks = old.map((task) => ({ ...task, ...starved }));

    expect(memoryLimit.find(evidenceOf({ stoppedTasks }))).toEqual([]);
  });
});

test('what the log says at its usual rate is no new trouble, however long it is looked at', () => {
  const lines = (after: number, before: number, to: number) =>
    newTrouble(
      evidenceOf({ logs: [template('refused', after, before)], window: { from: at(-1800), to: at(to), onset: at(0) } }),
    ).length;

  expect(lines(2, 0, 300)).toBe(1);
  expect(lines(40, 10, 300)).toBe(1);
  expect(lines(40, 10, 3600)).toBe(0);
  expect(lines(11, 0, 3600)).toBe(0);
  expect(lines(200, 10, 3600)).toBe(1);
});
