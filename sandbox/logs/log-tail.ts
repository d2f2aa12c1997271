import {
  FilterLogEventsCommand,
  ResourceNotFoundException,
  type CloudWatchLogsClient,
} from '@aws-sdk/client-cloudwatch-logs';

/** A line as read from a group. */
export interface TailedLine {
  readonly stream: string;
  readonly time: Date;
  readonly text: string;
}

/**
 * How far a read overlaps the one before, in milliseconds. The emulator takes an invocation's time before it writes its
 * lines, so that lines may appear with a time a little in the past.
 */
const OVERLAP = 10_000;
const PAGE = 10_000;

/**
 * Reads one log group on from where it was read last, each line once. The group is asked for the time since then and a
 * little before; what was seen is known by stream, time, text and how often it occurred.
 */
export class LogTail {
  readonly #client: CloudWatchLogsClient;
  readonly #group: string;
  #from: number;
  #seen = new Map<string, { count: number; time: number }>();

  /** @param from epoch milliseconds; what is older is not read */
  constructor(client: CloudWatchLogsClient, group: string, from: number) {
    this.#client = client;
    this.#group = group;
    this.#from = from;
  }

  /** The lines that came since the last call, by stream in their order. A group that does not exist has none. */
  async read(now: number): Promise<readonly TailedLine[]> {
    const events = await this.#events(this.#from);
    const counted = new Map<string, number>();
    const fresh: TailedLine[] = [];
    for (const { logStreamName = '', timestamp = 0, message = '' } of events) {
      const key = `${logStreamName}\n${timestamp}\n${message}`;
      const count = (counted.get(key) ?? 0) + 1;
      counted.set(key, count);
      if (count <= (this.#seen.get(key)?.count ?? 0)) continue;
      this.#seen.set(key, { count, time: timestamp });
      fresh.push({ stream: logStreamName, time: new Date(timestamp), text: message });
    }
    this.#forget(Math.max(this.#from, now - OVERLAP));
    return fresh;
  }

  #forget(from: number): void {
    this.#from = from;
    for (const [key, { time }] of this.#seen) if (time < from) this.#seen.delete(key);
  }

  /** All events since a time. Pages are cut by time: the emulator answers no token. */
  async #events(from: number) {
    const all = [];
    for (let startTime = from; ;) {
      const page = await this.#page(startTime);
      const last = page.at(-1)?.timestamp ?? startTime;
      if (page.length < PAGE || last === startTime) return [...all, ...page];
      all.push(...page.filter((event) => event.timestamp! < last));
      startTime = last;
    }
  }

  async #page(startTime: number) {
    try {
      const { events = [] } = await this.#client.send(
        new FilterLogEventsCommand({ logGroupName: this.#group, startTime, limit: PAGE }),
      );
      return events;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return [];
      throw error;
    }
  }
}
