import { expect, test } from 'vitest';
import { isFailingStop, isOutOfMemory, lifeOf } from '../../layers/core/stops.ts';

const stop = (over: object) => ({
  task: 'arn:aws:ecs:eu-west-1:111122223333:task/prod/1',
  stoppedAt: '2026-11-01T12:00:00.000Z',
  ...over,
});

test.each([
  ['it exits by itself with an error', { exitCode: 1, stopCode: 'EssentialContainerExited' }, true],
  ['it exits by itself without an error', { exitCode: 0, stopCode: 'EssentialContainerExited' }, true],
  ['it obeys SIGTERM', { exitCode: 143, stopCode: 'EssentialContainerExited' }, false],
  ['a deployment replaces it', { exitCode: 0, stopCode: 'ServiceSchedulerInitiated' }, false],
  ['a deployment replaces it and has to kill it', { exitCode: 137, stopCode: 'ServiceSchedulerInitiated' }, false],
  ['a person stops it', { exitCode: 143, stopCode: 'UserInitiated' }, false],
  [
    'the load balancer found it unhealthy',
    { stopCode: 'ServiceSchedulerInitiated', reason: 'Task failed ELB health checks' },
    true,
  ],
  ['its image cannot be pulled', { stopCode: 'TaskFailedToStart', reason: 'CannotPullContainerError' }, true],
] as const)('a task has failed or not when %s', (_name, over, failed) => {
  expect(isFailingStop(stop(over))).toBe(failed);
});

test.each([
  [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }, true],
  [{ exitCode: 137, stopCode: 'EssentialContainerExited' }, true],
  [{ exitCode: 137, stopCode: 'ServiceSchedulerInitiated' }, false],
  [{ exitCode: 1 }, false],
] as const)('%o is out of memory: %s', (over, expected) => {
  expect(isOutOfMemory(stop(over))).toBe(expected);
});

test('a task that never started has no life', () => {
  expect(lifeOf(stop({}))).toBeUndefined();
  expect(lifeOf(stop({ startedAt: '2026-11-01T11:59:30.000Z' }))).toBe(30);
});
