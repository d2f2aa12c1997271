import { Buffer } from 'node:buffer';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { PRICES as WATCH_PRICES } from '../../functions/watch/prices.ts';
import type { JudgedCall } from '../../sandbox/iam/judge.ts';

/** What AWS asks beside what watching costs, in US dollars, us-east-1, without free tiers: its pricing pages, read 2026-11. */
const PRICES = {
  ...WATCH_PRICES,
  /** Step Functions, a state entered or tried again. */
  transition: 0.025 / 1e3,
  /** CloudWatch Logs, ingested. */
  logGigabyte: 0.5,
  /** X-Ray, recorded. */
  trace: 5 / 1e6,
  /** SNS, published. */
  notification: 0.5 / 1e6,
} as const;

type Item = keyof typeof PRICES;

/** What was used, by what AWS bills. */
export type Bill = Partial<Record<Item, number>>;

/** A line of Lambda's own about each invocation (START, END, REPORT) is ingested too, and has about this many bytes. */
const OWN_LINES_BYTES = 400;
/** The answer's size is not seen here: a query is taken for 16 KB, a single item for 4 KB. All is read strongly consistent. */
const QUERY_UNITS = 4;

/** One "done" or "failed" line of a function. */
export interface Invocation {
  readonly durationMs: number;
  /** As Powertools logs it. */
  readonly megabytes: number;
}

/** What one incident used by its execution and its functions' logs. @param logBytes of all their lines about it */
export function billOf(history: readonly HistoryEvent[], invocations: readonly Invocation[], logBytes: number): Bill {
  const entered = history.filter(({ type = '' }) => type.endsWith('StateEntered')).length;
  const retried = history.filter(({ type }) => type === 'LambdaFunctionScheduled' || type === 'TaskScheduled').length;
  const tasks = history.filter(({ type }) => type === 'TaskStateEntered').length;
  return {
    transition: entered + Math.max(0, retried - tasks),
    invocation: invocations.length,
    gigabyteSecond: sum(invocations.map(({ durationMs, megabytes }) => (durationMs / 1e3) * (megabytes / 1024))),
    logGigabyte: (logBytes + OWN_LINES_BYTES * invocations.length) / 1e9,
    trace: invocations.length,
  };
}

/** What one call costs by itself. Calls of other services (ECS, Step Functions' control plane, IAM …) cost nothing. */
export function billOfCall({ service, operation, input }: JudgedCall): Bill {
  if (service === 'dynamodb') return tableBill(operation, input);
  if (service === 'monitoring' && operation === 'GetMetricData')
    return { metric: listOf(input['MetricDataQueries']).filter((query) => 'MetricStat' in query).length };
  if (service === 'sqs') return { queueRequest: 1 };
  if (service === 'sns') return { notification: 1 };
  if (service === 'events' && operation === 'PutEvents') return { event: listOf(input['Entries']).length };
  return {};
}

function tableBill(operation: string, input: Readonly<Record<string, unknown>>): Bill {
  const kilobytes = (item: unknown): number => Math.max(1, Math.ceil(Buffer.byteLength(JSON.stringify(item)) / 1024));
  switch (operation) {
    case 'TransactWriteItems':
      return { writeUnit: 2 * sum(listOf(input['TransactItems']).map(kilobytes)) };
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return { writeUnit: kilobytes(input) };
    case 'BatchWriteItem':
      return {
        writeUnit: sum(
          Object.values(input['RequestItems'] ?? {})
            .flatMap(listOf)
            .map(kilobytes),
        ),
      };
    case 'Query':
    case 'Scan':
      return { readUnit: QUERY_UNITS };
    case 'TransactGetItems':
      return { readUnit: 2 * listOf(input['TransactItems']).length };
    default:
      return { readUnit: 1 };
  }
}

/** A bill for one of `incidents`, when all used this together. */
export function share(bills: readonly Bill[], incidents: number): Bill {
  const items = Object.keys(PRICES) as Item[];
  return Object.fromEntries(items.map((item) => [item, sum(bills.map((bill) => bill[item] ?? 0)) / incidents]));
}

/** In US dollars. */
export const priceOf = (bill: Bill): number =>
  sum((Object.keys(PRICES) as Item[]).map((item) => PRICES[item] * (bill[item] ?? 0)));

/** A row an item, dearest first. */
export function costTable(bill: Bill): string {
  const rows = (Object.keys(PRICES) as Item[])
    .map((item) => ({ item, count: bill[item] ?? 0, dollars: PRICES[item] * (bill[item] ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.dollars - a.dollars);
  const lines = rows.map(
    ({ item, count, dollars }) => `${item.padEnd(16)}${count.toPrecision(3).padStart(12)}   $${dollars.toFixed(6)}`,
  );
  return [...lines, `${'a heal'.padEnd(16)}${''.padStart(12)}   $${priceOf(bill).toFixed(6)}`].join('\n');
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const listOf = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
