import { isDeepStrictEqual } from 'node:util';
import type {
  BatchGetCommandInput,
  GetCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { AwsCommand } from '../../layers/core/aws.ts';
import { TABLES, type Table } from '../../layers/core/tables.ts';
import type { Milliseconds } from '../../layers/core/units.ts';
import { operationOf } from '../../layers/runtime/calls.ts';
import { noTable, tokenReused, validation } from './tables/errors.ts';
import { NotSimulated } from './not-simulated.ts';
import { bound } from './tables/evaluate.ts';
import { parseCondition } from './tables/grammar.ts';
import { page, rangeOf, selected, type Page } from './tables/read.ts';
import { Store, type Stored } from './tables/store.ts';
import { keyOf, scopeOf, transact } from './tables/transact.ts';
import type { StoredItem } from './tables/value.ts';

/** For so long the same token means the same transaction. */
const TOKEN_KEPT: Milliseconds = 600_000;
const MOST_KEYS = 100;

export interface TablesOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => Milliseconds;
  /** How far indexes are behind. AWS says "usually within a fraction of a second". Default 0. */
  readonly indexLag?: Milliseconds;
  /** What the tables are called, by default as in layers/core/tables.ts. */
  readonly names?: Readonly<Record<Table, string>>;
}

interface Token {
  readonly items: unknown;
  readonly until: Milliseconds;
}

/**
 * Prunella's tables in memory. Answers the document client's commands that the knowledge base makes, with DynamoDB's
 * answers, errors and limits; a call takes effect at once and as a whole, so that what takes time, throttles or is lost
 * on the way is the caller's to add. Not kept: capacity, TTL's deletions (nothing may depend on them).
 */
export class Tables {
  readonly #stores: ReadonlyMap<string, Store>;
  readonly #clock: () => Milliseconds;
  readonly #tokens = new Map<string, Token>();

  constructor({ clock, indexLag = 0, names }: TablesOptions) {
    this.#clock = clock;
    this.#stores = new Map(
      Object.entries(TABLES).map(([table, indexes]) => {
        const name = names?.[table as Table] ?? table;
        return [name, new Store(name, indexes, { clock, indexLag })];
      }),
    );
  }

  /**
   * @returns what the document client would answer with, but for `$metadata`
   * @throws what DynamoDB throws; NotSimulated for a command or parameter that is not simulated
   */
  answer(command: AwsCommand<unknown>): unknown {
    const { input } = command;
    const operation = operationOf(command);
    switch (operation) {
      case 'TransactWriteItems':
        return this.#transact(input as TransactWriteCommandInput);
      case 'GetItem':
        return this.#get(input as GetCommandInput);
      case 'BatchGetItem':
        return this.#batchGet(input as BatchGetCommandInput);
      case 'Query':
        return this.#query(input as QueryCommandInput);
      case 'Scan':
        return this.#scan(input as ScanCommandInput);
      default:
        throw new NotSimulated(`the simulator's tables do not answer ${operation}`);
    }
  }

  /** Everything there is, by table, in the order of its keys. */
  dump(): Readonly<Record<string, readonly StoredItem[]>> {
    const everything = (store: Store) => itemsOf([...store.from()].map(({ stored }) => stored));
    return Object.fromEntries([...this.#stores].map(([name, store]) => [name, everything(store)]));
  }

  /** Puts items back as `dump` gave them. @throws ResourceNotFoundException for a table that there is not */
  restore(items: Readonly<Record<string, readonly StoredItem[]>>): void {
    for (const [name, list] of Object.entries(items)) for (const item of list) this.#store(name).put(item);
  }

  #store = (name: string | undefined): Store => {
    const store = this.#stores.get(name ?? '');
    if (store) return store;
    throw noTable();
  };

  #transact(input: TransactWriteCommandInput): object {
    refuseOthers('TransactWriteItems', input, ['TransactItems', 'ClientRequestToken']);
    const { TransactItems: items = [], ClientRequestToken: token } = input;
    const before = token === undefined ? undefined : this.#tokens.get(token);
    if (before && before.until > this.#clock()) {
      if (!isDeepStrictEqual(before.items, items)) throw tokenReused();
      return {};
    }
    transact(items, this.#store);
    if (token !== undefined) this.#remember(token, items);
    return {};
  }

  #remember(token: string, items: unknown): void {
    const now = this.#clock();
    for (const [old, { until }] of this.#tokens) {
      if (until > now) break;
      this.#tokens.delete(old);
    }
    this.#tokens.delete(token);
    this.#tokens.set(token, { items, until: now + TOKEN_KEPT });
  }

  #get(input: GetCommandInput): object {
    refuseOthers('GetItem', input, ['TableName', 'Key', 'ConsistentRead']);
    const store = this.#store(input.TableName);
    const { pk, sk } = keyOf(input.Key, store);
    const found = store.get(pk, sk);
    return found ? { Item: found.item } : {};
  }

  #batchGet(input: BatchGetCommandInput): object {
    refuseOthers('BatchGetItem', input, ['RequestItems']);
    const answers = Object.entries(input.RequestItems ?? {}).map(([name, { Keys = [], ...rest }]) => {
      refuseOthers('BatchGetItem', rest, ['ConsistentRead']);
      const store = this.#store(name);
      const keys = Keys.map((key) => keyOf(key, store));
      if (keys.length < 1 || keys.length > MOST_KEYS)
        throw validation(`Too many items requested for the BatchGetItem call: 1 to ${MOST_KEYS}, got ${keys.length}`);
      if (new Set(keys.map(({ pk, sk }) => `${pk}\n${sk}`)).size < keys.length)
        throw validation('Provided list of item keys contains duplicates');
      return [name, itemsOf(keys.flatMap(({ pk, sk }) => store.get(pk, sk) ?? []))] as const;
    });
    return { Responses: Object.fromEntries(answers), UnprocessedKeys: {} };
  }

  #query(input: QueryCommandInput): Page {
    refuseOthers('Query', input, [...READING, 'KeyConditionExpression', 'ScanIndexForward']);
    const store = this.#store(input.TableName);
    const prefix = prefixOf(store, input);
    const key = parseCondition('KeyConditionExpression', input.KeyConditionExpression ?? '');
    const filter = filterOf(input);
    const scope = bound(scopeOf(input), key, filter);
    const range = rangeOf(key.tree, scope, prefix);
    const isDescending = input.ScanIndexForward === false;
    const entries = selected(store, input.IndexName, range, startOf(input), isDescending);
    return page(entries, { limit: input.Limit, filter: filter?.tree, keys: keysOf(prefix) }, scope);
  }

  #scan(input: ScanCommandInput): Page {
    refuseOthers(
      'Scan',
      input,
      READING.filter((name) => name !== 'IndexName'),
    );
    const store = this.#store(input.TableName);
    const filter = filterOf(input);
    const scope = bound(scopeOf(input), filter);
    const start = input.ExclusiveStartKey === undefined ? undefined : keyOf(input.ExclusiveStartKey, store);
    return page(store.from(start), { limit: input.Limit, filter: filter?.tree, keys: keysOf('') }, scope);
  }
}

const itemsOf = (found: readonly Stored[]): StoredItem[] => found.map(({ item }) => item);

const READING = [
  'TableName',
  'IndexName',
  'ConsistentRead',
  'FilterExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'Limit',
  'ExclusiveStartKey',
];

function refuseOthers(operation: string, input: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !known.includes(name))
      throw new NotSimulated(`the simulator's tables know no ${name} of ${operation}`);
}

type Reading = Pick<QueryCommandInput, 'IndexName' | 'ConsistentRead' | 'FilterExpression' | 'ExclusiveStartKey'>;

function prefixOf(store: Store, { IndexName, ConsistentRead }: Reading): string {
  const prefix = store.prefixOf(IndexName);
  if (prefix === undefined) throw validation(`The table does not have the specified index: ${IndexName}`);
  if (ConsistentRead && IndexName !== undefined)
    throw validation('Consistent reads are not supported on global secondary indexes');
  return prefix;
}

const filterOf = ({ FilterExpression: text }: Reading) =>
  text === undefined ? undefined : parseCondition('FilterExpression', text);

const startOf = ({ ExclusiveStartKey: start }: Reading): StoredItem | undefined => start as StoredItem | undefined;

const keysOf = (prefix: string): string[] =>
  prefix === '' ? ['pk', 'sk'] : ['pk', 'sk', `${prefix}pk`, `${prefix}sk`];
