import { setImmediate } from 'node:timers';
import type { Instant, Milliseconds, Seconds } from '../../layers/core/units.ts';

/** Work that is due at some time; `cancel` keeps it from being done. */
export interface Scheduled {
  cancel(): void;
}

interface Event extends Scheduled {
  readonly time: Milliseconds;
  readonly order: number;
  work: (() => unknown) | undefined;
}

/**
 * Virtual time. Work is done one piece after the other, by time and then in the order in which it was scheduled; before
 * the next piece begins, all that the last one set going has come to wait for the clock or to its end. So concurrent
 * functions interleave only where they wait for virtual time, and always in the same way.
 *
 * Work runs in the asynchronous context of `run`, not of whoever scheduled it: what an AWS service does later is not done
 * with the clock, dice or rights of the function that asked for it. A function that awaits `sleep` keeps its own context.
 * Nothing on the way may wait for real input, output or timers: it would not have come to rest.
 */
export class Clock {
  #time: Milliseconds;
  #order = 0;
  #running = false;
  #failure: { readonly error: unknown } | undefined;
  /** The time in words: it is asked for again and again before it moves on. */
  #told = { time: NaN, as: '' };
  /** Binary heap: the next event first. */
  readonly #heap: Event[] = [];

  constructor(start: Instant) {
    this.#time = Date.parse(start);
    if (Number.isNaN(this.#time)) throw new Error(`supply start as an ISO 8601 instant, got ${start}`);
  }

  now(): Instant {
    if (this.#told.time !== this.#time) this.#told = { time: this.#time, as: new Date(this.#time).toISOString() };
    return this.#told.as;
  }

  /** Milliseconds since the epoch, with fractions. */
  get milliseconds(): Milliseconds {
    return this.#time;
  }

  /** Does `work` at that time; at once (after what is due already) when it has passed. */
  at(time: Instant, work: () => unknown): Scheduled {
    return this.#schedule(Date.parse(time), work);
  }

  after(time: Seconds, work: () => unknown): Scheduled {
    return this.#schedule(this.#time + time * 1000, work);
  }

  sleep(time: Milliseconds): Promise<void> {
    return new Promise((resolve) => void this.#schedule(this.#time + time, resolve));
  }

  /**
   * Does all that is due until `until`, and moves time there; without it, all there is.
   * @throws what the work threw or rejected with, at once: a simulation that has gone wrong does not go on
   */
  async run(until?: Instant): Promise<void> {
    if (this.#running) throw new Error('the clock runs already: run it from outside, once at a time');
    this.#running = true;
    try {
      const end = until === undefined ? Infinity : Date.parse(until);
      await this.#rest(); // what was begun before the clock ran
      for (let next = this.#next(end); next; next = this.#next(end)) {
        this.#time = Math.max(this.#time, next.time);
        this.#do(next.work);
        await this.#rest();
      }
      if (end !== Infinity) this.#time = Math.max(this.#time, end);
    } finally {
      this.#running = false;
    }
  }

  /** Ends the run: for what must not be taken for an answer of what is simulated. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  #schedule(time: Milliseconds, work: () => unknown): Scheduled {
    if (Number.isNaN(time)) throw new Error('supply a time to schedule work at, got none');
    const event: Event = {
      time: Math.max(time, this.#time),
      order: this.#order++,
      work,
      cancel() {
        event.work = undefined; // it leaves the heap when its time comes
      },
    };
    push(this.#heap, event);
    return event;
  }

  #next(end: Milliseconds): Event | undefined {
    while (this.#heap[0] && (this.#heap[0].time <= end || !this.#heap[0].work)) {
      const event = pop(this.#heap);
      if (event?.work) return event;
    }
    return undefined;
  }

  #do(work: Event['work']): void {
    const failed = (error: unknown) => this.fail(error);
    try {
      const doing = work?.();
      if (doing instanceof Promise) doing.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** One turn of Node's event loop: every promise that can settle without real input or time has settled. */
  async #rest(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

function push(heap: Event[], event: Event): void {
  let index = heap.length;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (isBefore(heap[parent]!, event)) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = event;
}

function pop(heap: Event[]): Event | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (heap.length === 0 || !last) return first;
  let index = 0;
  for (;;) {
    const [left, right] = [2 * index + 1, 2 * index + 2];
    if (left >= heap.length) break;
    const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
    if (isBefore(last, heap[child]!)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
  return first;
}
