/** An account in memory that answers what watching asks, and counts every call with its size. */
import type { AwsCommand } from '../../layers/core/aws.ts';
import { TABLES, tableEnv, type Table } from '../../layers/core/tables.ts';
import { addSeconds, type Instant, type Seconds } from '../../layers/core/units.ts';
import { operationOf } from '../../layers/runtime/calls.ts';
import { withRuntime, type Call } from '../../layers/runtime/runtime.ts';
import { Tables } from '../../simulator/core/tables.ts';

/** What was really asked of AWS. */
export interface Asked {
  metrics: number;
  metricCalls: number;
  logCalls: number;
  readUnits: number;
  writeUnits: number;
  queueRequests: number;
  events: number;
  invocations: number;
  gigabyteSeconds: number;
}

export const nothing = (): Asked => ({
  metrics: 0,
  metricCalls: 0,
  logCalls: 0,
  readUnits: 0,
  writeUnits: 0,
  queueRequests: 0,
  events: 0,
  invocations: 0,
  gigabyteSeconds: 0,
});

type Fields = Readonly<Record<string, unknown>>;
type Query = { readonly Id: string; readonly MetricStat: { readonly Period: Seconds } };

export class Account {
  asked = nothing();
  now: Instant = '2026-11-01T00:00:00.000Z';
  readonly sent: string[] = [];
  readonly #tables = new Tables({ clock: () => Date.parse(this.now) });

  constructor() {
    for (const name of Object.keys(TABLES)) process.env[tableEnv(name as Table)] = name;
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      ACCOUNT_ID: '111122223333',
      WATCH_QUEUE_URL: 'http://queue',
    });
  }

  pass(time: Seconds): void {
    this.now = addSeconds(this.now, time);
  }

  /** Runs work whose calls are answered here. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const call = <U>({ service, command }: Call): Promise<U> =>
      Promise.resolve().then(() => this.#answer(service, command) as U);
    return withRuntime({ now: () => this.now, call, random: () => 0.5, sleep: () => Promise.resolve() }, work);
  }

  /** Runs a function, and counts its time at its memory. */
  async invoke<T>(megabytes: number, work: () => Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    const answer = await this.run(work);
    const { user, system } = process.cpuUsage(before);
    this.asked.invocations += 1;
    this.asked.gigabyteSeconds += ((user + system) / 1e6) * (megabytes / 1024);
    return answer;
  }

  #answer(service: Call['service'], command: AwsCommand<unknown>): unknown {
    const input = command.input as Fields;
    switch (service) {
      case 'tables':
        return this.#table(command, input);
      case 'cloudwatch':
        return this.#metrics(input);
      case 'logs':
        this.asked.logCalls += 1;
        return { events: said(input['startTime'] as number, input['endTime'] as number) };
      case 'queues':
        this.asked.queueRequests += 1;
        this.sent.push(...(input['Entries'] as { MessageBody: string }[]).map(({ MessageBody }) => MessageBody));
        return {};
      case 'bus':
        this.asked.events += (input['Entries'] as unknown[]).length;
        return { FailedEntryCount: 0 };
      default:
        throw new Error(`watching should not call ${service}: ${operationOf(command)}`);
    }
  }

  #metrics(input: Fields): object {
    const queries = input['MetricDataQueries'] as Query[];
    this.asked.metrics += queries.length;
    this.asked.metricCalls += 1;
    const [from, to] = [input['StartTime'] as Date, input['EndTime'] as Date].map((at) => at.getTime() / 1000);
    return {
      MetricDataResults: queries.map(({ Id, MetricStat: { Period } }) => {
        const times = Array.from({ length: Math.floor((to! - from!) / Period) }, (_, i) => from! + i * Period);
        return { Id, Timestamps: times.map((at) => new Date(at * 1000)), Values: times.map(usualAt) };
      }),
    };
  }

  #table(command: AwsCommand<unknown>, input: Fields): unknown {
    const answer = this.#tables.answer(command) as Fields;
    const written = (input['TransactItems'] ?? []) as Readonly<Record<string, Fields>>[];
    for (const part of written) {
      const { Item, Key } = Object.values(part)[0] ?? {};
      this.asked.writeUnits += 2 * Math.max(1, Math.ceil(sizeOf(Item ?? Key) / 1024));
    }
    if (written.length === 0) this.asked.readUnits += unitsRead(answer, keysIn(input));
    return answer;
  }
}

/** A line every half minute, of as many kinds as a service has; none that was not heard before. Five belong to a request. */
export const said = (from: number, to: number): { readonly timestamp: number; readonly message: string }[] =>
  Array.from({ length: Math.max(0, Math.floor((to - from) / 30_000)) }, (_, n) => {
    const [at, kind] = [from + n * 30_000, n % KINDS.length];
    const requestId = `7f3a0000-${Math.floor(at / 150_000)}`;
    const line = { level: 'INFO', requestId, message: `${KINDS[kind]} ${at % 9973}` };
    return { timestamp: at, message: JSON.stringify(line) };
  });
const NOUNS = [
  'order',
  'payment',
  'article',
  'voucher',
  'parcel',
  'basket',
  'invoice',
  'refund',
  'address',
  'customer',
];
const VERBS = [
  'read from the ledger as',
  'sent to the next hall under',
  'counted anew with',
  'closed after',
  'taken on by',
];
const KINDS = NOUNS.flatMap((noun) => VERBS.map((verb) => `${noun} ${verb}`));

/** A day's season and some noise, the same at the same time. */
export const usualAt = (at: Seconds): number =>
  40 + 15 * Math.sin((2 * Math.PI * at) / 86_400) + (((at / 60) * 7919) % 13) / 13;

/** Keys that a batch asks for; 0 of anything else. */
function keysIn({ RequestItems = {} }: Fields): number {
  return Object.values(RequestItems as Readonly<Record<string, { readonly Keys: readonly unknown[] }>>).flatMap(
    ({ Keys }) => Keys,
  ).length;
}

/** A query reads its items together; of a batch, each item by itself, and what is not there is paid for, too. */
function unitsRead({ Items, Responses, Item }: Fields, asked: number): number {
  if (Items !== undefined) return Math.max(1, Math.ceil(sum(Items as unknown[]) / 4096));
  const single = Responses === undefined ? [Item] : (Object.values(Responses as Fields).flat() as unknown[]);
  const missing = Math.max(0, asked - single.length);
  return single.reduce((units: number, item) => units + Math.max(1, Math.ceil(sizeOf(item) / 4096)), missing);
}

const sum = (items: readonly unknown[]): number => items.reduce((bytes: number, item) => bytes + sizeOf(item), 0);

/** As DynamoDB counts: names and values, binary by its bytes. Text is counted as ASCII. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value)) return 3 + sum(value);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).reduce((bytes, [name, field]) => bytes + name.length + 1 + sizeOf(field), 3);
  return typeof value === 'string' ? value.length : 8;
}
