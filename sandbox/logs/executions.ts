import {
  DescribeExecutionCommand,
  paginateListExecutions,
  paginateListStateMachines,
  type ExecutionListItem,
  type SFNClient,
} from '@aws-sdk/client-sfn';

import type { MetricPoint } from '../contract.ts';

/** What changed about an execution: it was seen for the first time, or came to its end. */
export interface ExecutionChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: string;
  readonly startDate: Date;
  readonly stopDate?: Date;
}

const ENDS: Readonly<Record<string, string>> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** Follows the executions of all state machines by listing them: the emulator tells of none. */
export class Executions {
  readonly #client: SFNClient;
  readonly #since: number;
  readonly #known = new Map<string, Map<string, string>>();

  /** @param since epoch milliseconds; executions that ended earlier are not told of */
  constructor(client: SFNClient, since: number) {
    this.#client = client;
    this.#since = since;
  }

  /** The changes since the last call: `RUNNING` for each new execution, then its end. */
  async changes(): Promise<readonly ExecutionChange[]> {
    const changes: ExecutionChange[] = [];
    for await (const page of paginateListStateMachines({ client: this.#client }, {})) {
      for (const machine of page.stateMachines ?? [])
        changes.push(...(await this.#changesOf(machine.stateMachineArn!)));
    }
    return changes;
  }

  async #changesOf(machine: string): Promise<readonly ExecutionChange[]> {
    const known = this.#known.get(machine) ?? new Map<string, string>();
    this.#known.set(machine, known);
    const running = new Set([...known].filter(([, status]) => status === 'RUNNING').map(([arn]) => arn));
    const changes: ExecutionChange[] = [];
    for await (const page of paginateListExecutions(
      { client: this.#client, pageSize: 100 },
      { stateMachineArn: machine },
    )) {
      const items = page.executions ?? [];
      for (const item of items) running.delete(item.executionArn!);
      const told = items.flatMap((item) => this.#note(known, item));
      changes.push(...told);
      // Newest come first: a page that tells nothing new ends it, and what still ran is asked for by name.
      if (told.length === 0) break;
    }
    for (const executionArn of running) {
      const described = await this.#client.send(new DescribeExecutionCommand({ executionArn })).catch(() => undefined);
      if (described) changes.push(...this.#note(known, described as ExecutionListItem));
      else known.delete(executionArn);
    }
    return changes;
  }

  #note(known: Map<string, string>, item: ExecutionListItem): readonly ExecutionChange[] {
    const status = item.status!;
    const before = known.get(item.executionArn!);
    if (before === status) return [];
    known.set(item.executionArn!, status);
    const stopDate = item.stopDate ?? item.startDate!;
    if (before === undefined && status !== 'RUNNING' && stopDate.getTime() < this.#since) return [];
    const common = {
      executionArn: item.executionArn!,
      stateMachineArn: item.stateMachineArn!,
      name: item.name!,
      startDate: item.startDate!,
    };
    const started = before === undefined ? [{ ...common, status: 'RUNNING' }] : [];
    return status === 'RUNNING' ? started : [...started, { ...common, status, stopDate }];
  }
}

/** The metrics of AWS/States for a change. */
export function pointsOfExecution(change: ExecutionChange): readonly MetricPoint[] {
  const base = { namespace: 'AWS/States', dimensions: { StateMachineArn: change.stateMachineArn } };
  if (change.status === 'RUNNING') {
    return [{ ...base, metricName: 'ExecutionsStarted', value: 1, unit: 'Count', timestamp: change.startDate }];
  }
  const metricName = ENDS[change.status];
  if (metricName === undefined || !change.stopDate) return [];
  const timestamp = change.stopDate;
  // Each end publishes all four, so that a rate of failures has its zeros.
  const ends = Object.values(ENDS).map((name) => ({
    ...base,
    metricName: name,
    value: name === metricName ? 1 : 0,
    unit: 'Count',
    timestamp,
  }));
  const duration = timestamp.getTime() - change.startDate.getTime();
  return [...ends, { ...base, metricName: 'ExecutionTime', value: duration, unit: 'Milliseconds', timestamp }];
}
