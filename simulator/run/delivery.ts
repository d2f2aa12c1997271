import { CHANGES, type EventPattern } from '../../functions/changes/patterns.ts';
import { SOURCES } from '../../functions/intake/sources.ts';
import type { Seconds } from '../../layers/core/units.ts';
import { randomFor, type Random } from '../../sandbox/load/random.ts';
import type { Clock } from '../core/clock.ts';
import { NotSimulated } from '../core/not-simulated.ts';
import { matches } from './pattern.ts';

/** An EventBridge event. */
export type BusEvent = Readonly<Record<string, unknown>> & { readonly source: string };

/** How events travel. Defaults: nothing is lost or twice, and all of it takes about a second. */
export interface Travel {
  /** Mean seconds from the bus to the function, exponentially distributed. */
  readonly seconds: Seconds;
  /** Share of events that never arrive. */
  readonly lost: number;
  /** Share of events that arrive twice. */
  readonly twice: number;
  /** Which events are lost whatever their luck; default none. Also asked of those that do not pass the queues. */
  readonly loses?: (event: BusEvent) => boolean;
}
export const SMOOTH: Travel = { seconds: 1, lost: 0, twice: 0 };

export interface Destination {
  readonly name: string;
  readonly patterns: readonly EventPattern[];
  /** Until a message that failed is delivered again. */
  readonly visibility: Seconds;
  /** Takes an SQS batch; answers the messages that SQS must deliver again. */
  readonly take: (records: readonly Message[]) => Promise<readonly string[]>;
}

export interface Message {
  readonly messageId: string;
  readonly body: string;
}

interface Queued extends Message {
  received: number;
}

const BATCH = 10;
/** As infra/constructs/queue.ts has it. */
const MOST_RECEIVES = 5;

/** EventBridge's rules, each with an SQS queue before a function. What fails five times is kept in `dead`. */
export class Delivery {
  readonly dead: { readonly queue: string; readonly body: string }[] = [];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #destinations: readonly Destination[];
  readonly #travel: Travel;
  #messages = 0;

  constructor(clock: Clock, seed: number, destinations: readonly Destination[], travel: Travel = SMOOTH) {
    this.#clock = clock;
    this.#random = randomFor(seed, 'delivery');
    this.#destinations = destinations;
    this.#travel = travel;
  }

  put(event: BusEvent): void {
    if (this.#travel.loses?.(event)) return;
    const body = JSON.stringify(event);
    for (const destination of this.#destinations) {
      if (!destination.patterns.some((pattern) => matches(pattern, event))) continue;
      if (this.#random() < this.#travel.lost) continue;
      const copies = this.#random() < this.#travel.twice ? 2 : 1;
      for (let n = 0; n < copies; n += 1) {
        const late = -Math.log(1 - this.#random()) * this.#travel.seconds;
        this.#deliver(destination, { messageId: `message-${++this.#messages}`, body, received: 0 }, late);
      }
    }
  }

  /** Straight to a queue, past the bus. */
  send(queue: string, body: string): void {
    const destination = this.#destinations.find(({ name }) => name === queue);
    if (!destination) throw new NotSimulated(`there is no queue ${queue}`);
    this.#deliver(destination, { messageId: `message-${++this.#messages}`, body, received: 0 }, this.#travel.seconds);
  }

  readonly #waiting = new Map<Destination, Queued[]>();

  /** What arrives in the same instant comes in one batch. */
  #deliver(destination: Destination, message: Queued, after: Seconds): void {
    this.#clock.after(after, () => {
      const waiting = this.#waiting.get(destination) ?? [];
      this.#waiting.set(destination, [...waiting, message]);
      if (waiting.length === 0) this.#clock.after(0, () => this.#poll(destination));
    });
  }

  async #poll(destination: Destination): Promise<void> {
    const waiting = this.#waiting.get(destination) ?? [];
    this.#waiting.set(destination, waiting.slice(BATCH));
    if (waiting.length > BATCH) this.#clock.after(0, () => this.#poll(destination));
    const batch = waiting.slice(0, BATCH);
    for (const message of batch) message.received += 1;
    const failed = await destination
      .take(batch.map(({ messageId, body }) => ({ messageId, body })))
      .catch(() => batch.map(({ messageId }) => messageId)); // the function failed as a whole
    for (const message of batch.filter(({ messageId }) => failed.includes(messageId))) {
      if (message.received < MOST_RECEIVES) this.#deliver(destination, message, destination.visibility);
      else this.dead.push({ queue: destination.name, body: message.body });
    }
  }
}

export const INTAKE_PATTERNS: readonly EventPattern[] = SOURCES.map(({ pattern }) => pattern);
export const CHANGE_PATTERNS: readonly EventPattern[] = Object.values(CHANGES);
