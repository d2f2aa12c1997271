import type { Milliseconds, Ratio } from '../../layers/core/units.ts';
import { oldestIn, type Fleet, type Service } from './model/fleet.ts';

export interface Availability {
  readonly requests: number;
  readonly failed: number;
  /** 1 where nobody asked. */
  readonly ratio: Ratio;
}

const MINUTE: Milliseconds = 60_000;
/** Work that waits longer in a queue has failed whoever ordered it. */
const TOO_OLD: Milliseconds = 60_000;
/** An answer that comes later is no answer to a customer. */
const TOO_SLOW_SECONDS = 5;

/** What a service's customers got, minute by minute. */
export class Ledger {
  readonly #minutes = new Map<string, Map<number, { requests: number; failed: number }>>();

  record(fleet: Fleet): void {
    const minute = Math.floor((fleet.now - 1) / MINUTE) * MINUTE;
    for (const service of fleet.order) {
      const [requests, failed] = stepOf(fleet, service);
      let minutes = this.#minutes.get(service.spec.name);
      if (!minutes) this.#minutes.set(service.spec.name, (minutes = new Map()));
      const entry = minutes.get(minute);
      if (entry) {
        entry.requests += requests;
        entry.failed += failed;
      } else minutes.set(minute, { requests, failed });
    }
  }

  /** By service, over the whole minutes between two instants. */
  between(from: Milliseconds, to: Milliseconds): Record<string, Availability> {
    const all: Record<string, Availability> = {};
    for (const [name, minutes] of this.#minutes) {
      let [requests, failed] = [0, 0];
      for (const [at, entry] of minutes) {
        if (at < from || at + MINUTE > to) continue;
        requests += entry.requests;
        failed += entry.failed;
      }
      all[name] = { requests, failed, ratio: requests === 0 ? 1 : 1 - failed / requests };
    }
    return all;
  }
}

function stepOf(fleet: Fleet, { spec, served }: Service): [requests: number, failed: number] {
  if (spec.consumes === undefined)
    return [served.arrived, served.latency > TOO_SLOW_SECONDS ? served.arrived : served.failed];
  const queue = fleet.queues.get(spec.consumes)!;
  return [queue.sent, fleet.now - (oldestIn(queue) ?? fleet.now) > TOO_OLD ? queue.sent : 0];
}
