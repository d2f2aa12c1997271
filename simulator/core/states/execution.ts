import type { Instant, Seconds } from '../../../layers/core/units.ts';
import type { Clock, Scheduled } from '../clock.ts';
import { json, type Json } from './data.ts';
import { StateError } from './errors.ts';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** Types as GetExecutionHistory names them. */
export interface HistoryEvent {
  readonly at: Instant;
  readonly type: string;
  readonly state?: string;
  /** Name of the error, with events that tell of one. */
  readonly error?: string;
  /** What was put in or came out, as JSON. */
  readonly data?: string;
}

/** How an execution ended. */
export interface End {
  readonly status: Exclude<Status, 'RUNNING'>;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

/** What DescribeExecution tells. */
export interface Description extends Partial<Omit<End, 'status'>> {
  readonly name: string;
  readonly status: Status;
  readonly input: Json;
  readonly startedAt: Instant;
  readonly stoppedAt?: Instant;
}

/** A Standard execution may have no more events. */
const MOST_EVENTS = 25_000;

const ENDS: Readonly<Record<End['status'], string>> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

/** One execution: its status, its history, and what it waits for. */
export class Execution {
  readonly name: string;
  readonly input: Json;
  readonly history: HistoryEvent[] = [];
  readonly #clock: Clock;
  readonly #startedAt: Instant;
  readonly #timers = new Set<Scheduled>();
  readonly #onEnd: (execution: Execution) => void;
  #end: (End & { readonly at: Instant }) | undefined;

  constructor(name: string, input: unknown, clock: Clock, onEnd: (execution: Execution) => void) {
    this.name = name;
    this.input = json(input);
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#startedAt = clock.now();
    this.record('ExecutionStarted', { data: this.input });
  }

  get isRunning(): boolean {
    return this.#end === undefined;
  }

  /** @throws StateError when the history is full */
  record(type: string, { state, error, data }: { state?: string; error?: string; data?: Json } = {}): void {
    if (this.history.length >= MOST_EVENTS)
      throw new StateError(
        'States.Runtime',
        `The execution reached the maximum number of history events (${MOST_EVENTS}).`,
      );
    this.#note(type, { ...(state !== undefined && { state }), ...(error !== undefined && { error }) }, data);
  }

  #note(type: string, rest: object, data: Json | undefined): void {
    this.history.push({
      at: this.#clock.now(),
      type,
      ...rest,
      ...(data !== undefined && { data: JSON.stringify(data) }),
    });
  }

  /** Does `work` after a time, unless the execution ends before. */
  after(time: Seconds, work: () => unknown): Scheduled {
    const timer = this.#clock.after(time, () => {
      this.#timers.delete(timer);
      return work();
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }

  /** What waits then never goes on when the execution has ended meanwhile. */
  pause(time: Seconds): Promise<void> {
    return new Promise((resolve) => void this.after(time, resolve));
  }

  /** Only the first end counts. */
  end(end: End): void {
    if (this.#end) return;
    this.#end = { ...end, at: this.#clock.now() };
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#note(ENDS[end.status], end.error === undefined ? {} : { error: end.error }, end.output);
    this.#onEnd(this);
  }

  describe(): Description {
    const { at, ...end } = this.#end ?? {};
    return {
      name: this.name,
      status: 'RUNNING',
      input: this.input,
      startedAt: this.#startedAt,
      ...end,
      ...(at !== undefined && { stoppedAt: at }),
    };
  }
}
