import { expect, test, vi } from 'vitest';
import { Busy, Gate } from '../../../sandbox/shop/code/lib/gate.ts';

/** Work that ends when told to. */
function held(): { work: () => Promise<string>; finish: () => void } {
  let finish = (): void => undefined;
  const done = new Promise<string>((resolve) => {
    finish = () => resolve('done');
  });
  return { work: () => done, finish: () => finish() };
}

test('lets in as many as there are slots, and the next when one leaves', async () => {
  const gate = new Gate({ slots: 1, queue: 1, patience: 1000 });
  const first = held();
  const second = vi.fn(() => Promise.resolve('second'));

  const running = gate.through(first.work);
  const waiting = gate.through(second);
  expect(second).not.toHaveBeenCalled();
  first.finish();

  expect(await running).toBe('done');
  expect(await waiting).toBe('second');
});

test('refuses at once when every slot is taken and the queue is full', async () => {
  const gate = new Gate({ slots: 1, queue: 0, patience: 1000 });
  const first = held();
  const running = gate.through(first.work);

  await expect(gate.through(() => Promise.resolve())).rejects.toThrow(Busy);

  first.finish();
  await running;
});

test('gives up on a slot after its patience, and gives the slot to the next', async () => {
  vi.useFakeTimers();
  const gate = new Gate({ slots: 1, queue: 2, patience: 500 });
  const first = held();
  const running = gate.through(first.work);

  const impatient = expect(gate.through(() => Promise.resolve())).rejects.toThrow('no slot became free in time');
  await vi.advanceTimersByTimeAsync(400);
  const later = gate.through(() => Promise.resolve('later'));
  await vi.advanceTimersByTimeAsync(200);
  await impatient;
  first.finish();

  expect(await later).toBe('later');
  await running;
  vi.useRealTimers();
});

test('frees the slot when the work fails', async () => {
  const gate = new Gate({ slots: 1, queue: 0, patience: 1000 });

  await expect(gate.through(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');

  expect(await gate.through(() => Promise.resolve('next'))).toBe('next');
});
