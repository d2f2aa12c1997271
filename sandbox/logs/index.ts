import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SFNClient } from '@aws-sdk/client-sfn';

import { onTheGrid, systemClock, type Clock } from '../cloudwatch/clock.ts';
import type { SandboxContext, TakeOver } from '../contract.ts';
import { emf } from './emf.ts';
import { Executions, pointsOfExecution, type ExecutionChange } from './executions.ts';
import { Functions } from './functions.ts';
import { invocationsIn, pointsOf } from './lambda-metrics.ts';
import { LogTail, type TailedLine } from './log-tail.ts';
import { MetricFilters, type LogLine } from './metric-filters.ts';
import { peekQueues, pointsOfQueues } from './queues.ts';

export { emf } from './emf.ts';
export type { ExecutionChange } from './executions.ts';

const READ_EVERY = 5_000;
/** Reads end before alarms are evaluated, three seconds after the minute. */
const READ_OFFSET = 1_000;
const MINUTE = 60_000;
/** How often functions and metric filters are listed afresh. */
const LIST_EVERY = 3 * READ_EVERY;
const READ_AT_ONCE = 4;

/** The emulator behind the account, past the endpoint. */
export interface LogSources {
  readonly url: string;
  readonly clients: { readonly logs: CloudWatchLogsClient; readonly lambda: LambdaClient; readonly sfn: SFNClient };
  /** Told of every execution that starts or ends, for whoever puts the status-change events on the bus. */
  readonly onExecution?: (change: ExecutionChange) => void;
}

/** What turns logs, and what the emulator knows, into metrics. */
export interface Logs {
  /** `AWS::Logs::MetricFilter`. */
  readonly takeOver: TakeOver;
  /** Takes lines of a group that are written by the sandbox itself (tasks): EMF and metric filters. Call it once a line. */
  ingest(group: string, lines: readonly LogLine[]): void;
  /** Reads what came since the last read, now. */
  read(): Promise<void>;
  stop(): Promise<void>;
}

type LogsContext = Pick<SandboxContext, 'accountId' | 'region' | 'putMetrics' | 'log'>;

/**
 * Publishes the metrics that on AWS come out of logs and services, and that the emulator does not have: EMF lines, metric
 * filters, `AWS/Lambda` by function and alias, `AWS/SQS`, `AWS/States`. Function logs are read every 5 seconds.
 *
 * Not published: `AWS/Lambda` ConcurrentExecutions, throttled invocations (they leave no log), async and iterator age;
 * `AWS/SQS` counts of messages sent, received and deleted; `AWS/DynamoDB`; `AWS/Events`; `AWS/Logs`.
 */
export function startLogs(context: LogsContext, sources: LogSources, clock: Clock = systemClock): Logs {
  const parts = new LogParts(context, sources, clock);
  const reported = new Set<string>();
  let reading: Promise<void> | undefined;
  // One read at a time; a failure is told once, not every five seconds.
  const read = (): Promise<void> =>
    (reading ??= parts
      .read()
      .catch((error: unknown) => {
        const line = `logs could not be read into metrics: ${String(error)}`;
        if (!reported.has(line)) context.log(line);
        reported.add(line);
      })
      .finally(() => (reading = undefined)));
  const stopReading = onTheGrid(clock, READ_EVERY, READ_OFFSET, () => void read());
  return {
    takeOver: { adopt: (resources) => parts.filters.adopt(resources) },
    ingest: (group, lines) => parts.ingest(group, lines),
    read,
    async stop() {
      stopReading();
      await reading;
    },
  };
}

class LogParts {
  readonly filters: MetricFilters;
  readonly #context: LogsContext;
  readonly #sources: LogSources;
  readonly #clock: Clock;
  readonly #functions: Functions;
  readonly #executions: Executions;
  readonly #tails = new Map<string, LogTail>();
  readonly #spoke = new Map<string, Set<string>>();
  readonly #began: number;
  #listed = -Infinity;
  #minute: number;

  constructor(context: LogsContext, sources: LogSources, clock: Clock) {
    this.#context = context;
    this.#sources = sources;
    this.#clock = clock;
    this.#began = clock.now();
    this.#minute = Math.floor(this.#began / MINUTE);
    this.filters = new MetricFilters(sources.clients.logs, context.log);
    this.#functions = new Functions(sources.clients.lambda);
    this.#executions = new Executions(sources.clients.sfn, this.#began);
  }

  ingest(group: string, lines: readonly LogLine[]): void {
    const points = lines.flatMap((line) => emf(line.text));
    this.#context.putMetrics([...points, ...this.filters.apply(group, lines)]);
  }

  async read(): Promise<void> {
    if (this.#clock.now() - this.#listed >= LIST_EVERY) {
      this.#listed = this.#clock.now();
      await Promise.all([this.#functions.refresh(), this.filters.refresh()]);
    }
    const groups = [...this.#functions.groups];
    for (let i = 0; i < groups.length; i += READ_AT_ONCE) {
      await Promise.all(groups.slice(i, i + READ_AT_ONCE).map(([group, names]) => this.#readGroup(group, names)));
    }
    for (const change of await this.#executions.changes()) {
      this.#context.putMetrics(pointsOfExecution(change));
      this.#sources.onExecution?.(change);
    }
    await this.#closeMinute();
  }

  async #readGroup(group: string, names: readonly string[]): Promise<void> {
    const tail = this.#tails.get(group) ?? new LogTail(this.#sources.clients.logs, group, this.#began);
    this.#tails.set(group, tail);
    const lines = await tail.read(this.#clock.now());
    if (lines.length === 0) return;
    this.ingest(group, lines);
    // In a group that several functions share, the emulator's lines do not say whose invocation it was.
    if (names.length === 1) await this.#publishInvocations(names[0]!, lines);
  }

  async #publishInvocations(name: string, lines: readonly TailedLine[]): Promise<void> {
    const spoke = this.#spoke.get(name) ?? new Set<string>();
    this.#spoke.set(name, spoke);
    const invocations = invocationsIn(lines, spoke);
    if (invocations.some((i) => i.version !== '$LATEST')) await this.#functions.look(name, this.#clock.now());
    this.#context.putMetrics(
      invocations.flatMap((i) => pointsOf(name, i, this.#functions.aliasesOf(name, i.version, i.time))),
    );
  }

  /** Once a minute: what is counted by the minute. */
  async #closeMinute(): Promise<void> {
    const minute = Math.floor(this.#clock.now() / MINUTE);
    if (minute === this.#minute) return;
    this.#minute = minute;
    const now = new Date(minute * MINUTE);
    this.#context.putMetrics(this.filters.closeMinutes(now));
    const { accountId, region } = this.#context;
    const queues = await peekQueues(this.#sources.url, accountId, region);
    this.#context.putMetrics(pointsOfQueues(queues, new Date(this.#clock.now()), new Date((minute - 1) * MINUTE)));
  }
}
