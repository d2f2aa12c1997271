import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand, QueryCommand, ScanCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { NativeAttributeValue } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import { tables } from './documents.ts';
import { runtime } from './runtime.ts';
import { namesOf, valuesOf } from './writes.ts';
import type { Item, Key, TableName, Values, Write } from './writes.ts';

/** Thrown for what does not exist; the message names it. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** Thrown when a write lost against others more often than it may try. Nothing was written; the caller may be run again. */
export class Contended extends Error {
  override readonly name = 'Contended';
}

/** A transaction's answer: `failed` holds the parts whose condition did not hold, with the item that stood there. */
export type Transacted =
  { readonly ok: true } | { readonly ok: false; readonly failed: ReadonlyMap<string, Item | undefined> };

/** Twelve tries with up to 20 ms … 1 s between them: about 5 s in all, when everything goes wrong. */
const TRIES = 12;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;

/**
 * Writes all parts or none. Each call has one ClientRequestToken, so that an answer lost on the way is not written twice.
 * @throws Contended when conflicts or throttling outlast the tries.
 */
export async function transact(writes: readonly Write[]): Promise<Transacted> {
  const ClientRequestToken = runtime().uuid();
  return retrying(writes.map(({ label }) => label).join(', '), async () => {
    try {
      await tables.send(
        new TransactWriteCommand({ TransactItems: writes.map(({ part }) => part), ClientRequestToken }),
      );
      return { ok: true };
    } catch (error) {
      return failedConditions(error, writes);
    }
  });
}

/**
 * Full jitter (Brooker, "Exponential backoff and jitter", AWS Architecture Blog 2015). `work` answers undefined to be
 * run again.
 * @throws Contended after the last try.
 */
export async function retrying<T>(what: string, work: (tried: number) => Promise<T | undefined>): Promise<T> {
  const { random, sleep } = runtime();
  for (let tried = 0; tried < TRIES; tried++) {
    const answer = await work(tried);
    if (answer !== undefined) return answer;
    await sleep(random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tried));
  }
  throw new Contended(
    `gave up after ${TRIES} tries because others kept writing the same records (${what}); run it again`,
  );
}

/** The labels of failed conditions; undefined when it is worth trying again; throws what is neither. */
function failedConditions(error: unknown, writes: readonly Write[]): Transacted | undefined {
  if (!(error instanceof Error)) throw error;
  if (RETRIED.has(error.name)) return undefined;
  if (error.name !== 'TransactionCanceledException') throw error;
  const reasons = (error as CanceledError).CancellationReasons ?? [];
  const failed = new Map<string, Item | undefined>();
  for (const [index, reason] of reasons.entries()) {
    if (reason.Code !== 'ConditionalCheckFailed') continue;
    // The document client reads answers, not errors.
    failed.set(writes[index]?.label ?? String(index), reason.Item && unmarshall(reason.Item));
  }
  if (failed.size > 0) return { ok: false, failed };
  if (reasons.some(({ Code }) => Code !== undefined && RETRIED_REASONS.has(Code))) return undefined;
  throw error;
}

interface CanceledError extends Error {
  readonly CancellationReasons?: readonly { readonly Code?: string; readonly Item?: Record<string, AttributeValue> }[];
}

const RETRIED = new Set([
  'TransactionInProgressException',
  'TransactionConflictException',
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);
const RETRIED_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** Reads one record, strongly consistent. */
export async function read<T>(table: TableName, key: Key, schema: z.ZodType<T>): Promise<T | undefined> {
  const { Item: item } = await tables.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }));
  return item === undefined ? undefined : parseItem(schema, item, key);
}

export interface Query {
  readonly index?: string;
  /** Key condition, in the notation of `Condition.when`. */
  readonly where: string;
  readonly values: Values;
  /** Default false: oldest (smallest) first. */
  readonly descending?: boolean;
  /** How many records at most; default all. */
  readonly limit?: number;
}

/** All records of a query, page by page. Strongly consistent, but for an index, which never is. */
export async function* query(table: TableName, options: Query): AsyncGenerator<Item> {
  let start: Record<string, NativeAttributeValue> | undefined;
  let left = options.limit ?? Infinity;
  do {
    const page = await tables.send(
      new QueryCommand({
        TableName: table,
        ...(options.index ? { IndexName: options.index } : { ConsistentRead: true }),
        KeyConditionExpression: options.where,
        ExpressionAttributeNames: namesOf(options.where),
        ExpressionAttributeValues: valuesOf(options.values),
        ScanIndexForward: !options.descending,
        ...(left === Infinity ? {} : { Limit: left }),
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    yield* page.Items ?? [];
    left -= page.Items?.length ?? 0;
    start = page.LastEvaluatedKey;
  } while (start && left > 0);
}

/** All records whose partition key begins so: reads the whole table, so only for tables that stay small. */
export async function* scan(table: TableName, pkPrefix: string): AsyncGenerator<Item> {
  let start: Record<string, NativeAttributeValue> | undefined;
  do {
    const page = await tables.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        FilterExpression: 'begins_with(#pk, :prefix)',
        ExpressionAttributeNames: { '#pk': 'pk' },
        ExpressionAttributeValues: { ':prefix': pkPrefix },
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start);
}

/** BatchGetItem's limit. */
const MOST_KEYS = 100;

/** Any number of records by key, in no order; what does not exist is left out. A key must not occur twice. */
export async function readMany(table: TableName, keys: readonly Key[]): Promise<Item[]> {
  const found: Item[] = [];
  for (let from = 0; from < keys.length; from += MOST_KEYS)
    found.push(...(await readBatch(table, keys.slice(from, from + MOST_KEYS))));
  return found;
}

async function readBatch(table: TableName, keys: readonly Key[]): Promise<Item[]> {
  const found: Item[] = [];
  let left: Record<string, NativeAttributeValue>[] = keys.map(({ pk, sk }) => ({ pk, sk }));
  return retrying(`read ${table}`, async () => {
    const answer = await tables.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
    );
    found.push(...(answer.Responses?.[table] ?? []));
    left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    return left.length === 0 ? found : undefined;
  });
}

/** @throws Error naming the record when it is not what the schema says. */
export function parseItem<T>(schema: z.ZodType<T>, item: Item, key: Partial<Key> = item): T {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new Error(`the record ${key.pk} / ${key.sk} is not what it should be: ${parsed.error.message}`, {
    cause: parsed.error,
  });
}

export async function all<T>(items: AsyncIterable<Item>, schema: z.ZodType<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(parseItem(schema, item));
  return list;
}

/** Seconds since the epoch, as DynamoDB's TTL wants it. TTL only cleans up: nothing may depend on it. */
export const ttl = (at: string, days: number): number => Math.floor(Date.parse(at) / 1000) + days * 86_400;
