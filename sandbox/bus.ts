import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { BusEvent, PublishEvent } from './contract.ts';

/** The default bus as AWS services write to it: in order, at most ten events a call. */
export class Bus {
  readonly #client: EventBridgeClient;
  readonly #log: (line: string) => void;
  readonly #queue: PutEventsRequestEntry[] = [];
  #draining: Promise<void> | undefined;

  constructor(client: EventBridgeClient, log: (line: string) => void) {
    this.#client = client;
    this.#log = log;
  }

  publish: PublishEvent = (event: BusEvent) => {
    this.#queue.push({
      Source: event.source,
      DetailType: event.detailType,
      Detail: JSON.stringify(event.detail),
      Resources: [...(event.resources ?? [])],
      Time: event.time ?? new Date(),
    });
    this.#draining ??= this.#drain();
  };

  /** Resolves when everything published so far has been put. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // events of the same turn go together
    while (this.#queue.length > 0) {
      const Entries = this.#queue.splice(0, 10);
      await this.#put(Entries).catch((error: unknown) => {
        this.#log(`${Entries.length} events could not be put (${Entries[0]?.DetailType}, …): ${String(error)}`);
      });
    }
    this.#draining = undefined;
  }

  async #put(Entries: PutEventsRequestEntry[]): Promise<void> {
    const { Entries: results = [] } = await this.#client.send(new PutEventsCommand({ Entries }));
    results.forEach(({ ErrorCode, ErrorMessage }, index) => {
      if (ErrorCode === undefined) return;
      this.#log(
        `the bus refused ${Entries[index]?.Source} ${Entries[index]?.DetailType}: ${ErrorCode} ${ErrorMessage}`,
      );
    });
  }
}
