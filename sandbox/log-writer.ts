import {
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-cloudwatch-logs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PutLogLines } from './contract.ts';

interface Line {
  readonly time: Date;
  readonly text: string;
}

interface Stream {
  readonly group: string;
  readonly stream: string;
  lines: Line[];
}

/** PutLogEvents takes at most 10,000 events a call; far fewer keep a call short. */
const batch = 500;
const gatherMs = 200;

/** Writes log lines into CloudWatch Logs, gathering those of a stream into one call. */
export class LogWriter {
  readonly #client: CloudWatchLogsClient;
  readonly #log: (line: string) => void;
  readonly #waiting = new Map<string, Stream>();
  readonly #made = new Set<string>();
  #flushing: Promise<void> | undefined;

  constructor(client: CloudWatchLogsClient, log: (line: string) => void) {
    this.#client = client;
    this.#log = log;
  }

  put: PutLogLines = (group, stream, lines) => {
    if (lines.length === 0) return;
    const key = `${group}\n${stream}`;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, { group, stream, lines: [...lines] });
    else waiting.lines.push(...lines);
    this.#flushing ??= this.#flush();
  };

  /** Resolves when every line so far has been written. */
  async idle(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    await sleep(gatherMs);
    while (this.#waiting.size > 0) {
      const streams = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const stream of streams) await this.#write(stream);
    }
    this.#flushing = undefined;
  }

  async #write({ group, stream, lines }: Stream): Promise<void> {
    try {
      await this.#make(group, stream);
      const ordered = lines.toSorted((a, b) => a.time.getTime() - b.time.getTime());
      for (let from = 0; from < ordered.length; from += batch) {
        const logEvents = ordered
          .slice(from, from + batch)
          .map(({ time, text }) => ({ timestamp: time.getTime(), message: text }));
        await this.#client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents }));
      }
    } catch (error) {
      this.#log(`${lines.length} log lines of ${group}/${stream} were lost: ${String(error)}`);
    }
  }

  async #make(group: string, stream: string): Promise<void> {
    if (!this.#made.has(group)) {
      await ignoreExisting(this.#client.send(new CreateLogGroupCommand({ logGroupName: group })));
      this.#made.add(group);
    }
    const key = `${group}\n${stream}`;
    if (this.#made.has(key)) return;
    await ignoreExisting(this.#client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream })));
    this.#made.add(key);
  }
}

async function ignoreExisting(creation: Promise<unknown>): Promise<void> {
  await creation.catch((error: unknown) => {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
  });
}
