import type { PutLogLines } from '../contract.ts';
import type { Clock } from '../elb/clock.ts';
import type { ContainerRecord, TaskRecord } from './model.ts';

/** How long lines are held back to be sent together, in real milliseconds. */
const HOLD_MS = 200;

/**
 * Where a container's lines go: with log driver `awslogs`, to the stream `prefix/container/task` of its group; else nowhere,
 * as with a driver whose other end does not exist here.
 */
export function logWriter(
  task: TaskRecord,
  container: ContainerRecord,
  put: PutLogLines,
  clock: Clock,
): (text: string) => void {
  const { logDriver, options } = container.definition.logConfiguration ?? {};
  const group = options?.['awslogs-group'];
  if (logDriver !== 'awslogs' || !group) return () => undefined;
  const prefix = options['awslogs-stream-prefix'];
  const stream = prefix ? `${prefix}/${container.definition.name}/${task.id}` : container.runtimeId;
  let held: { time: Date; text: string }[] = [];
  const flush = (): void => {
    put(group, stream, held);
    held = [];
  };
  return (text) => {
    if (held.length === 0) setTimeout(flush, HOLD_MS).unref();
    held.push({ time: new Date(clock.now()), text });
  };
}
