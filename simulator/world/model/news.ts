import type { Random } from '../../../sandbox/load/random.ts';
import type { BusEvent } from '../../../sandbox/contract.ts';
import type { Milliseconds } from '../../../layers/core/units.ts';
import { uuid } from '../chance.ts';

/** An event as EventBridge delivers it. */
export interface WorldEvent {
  readonly version: '0';
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What happened and is still to be told, by when it is told. */
export class News {
  readonly #place: { readonly account: string; readonly region: string };
  readonly #random: Random;
  #waiting: { readonly due: Milliseconds; readonly event: WorldEvent }[] = [];

  constructor(place: { readonly account: string; readonly region: string }, random: Random) {
    this.#place = place;
    this.#random = random;
  }

  /** @param due when it is delivered, if not at once */
  tell(at: Milliseconds, { source, detailType, detail, resources = [] }: BusEvent, due = at): void {
    const { account, region } = this.#place;
    const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
    const id = uuid(this.#random);
    this.#waiting.push({
      due,
      event: { version: '0', id, source, 'detail-type': detailType, account, region, time, resources, detail },
    });
  }

  /** Takes out what is due, in the order in which it happened. */
  take(now: Milliseconds): WorldEvent[] {
    if (this.#waiting.length === 0) return [];
    const due = this.#waiting.filter((one) => one.due <= now);
    this.#waiting = this.#waiting.filter((one) => one.due > now);
    return due.map(({ event }) => event);
  }
}
