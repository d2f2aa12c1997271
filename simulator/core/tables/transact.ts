import type { CancellationReason } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { canceled, isValidation, validation } from './errors.ts';
import { NotSimulated } from '../not-simulated.ts';
import { bound, holds, type Scope } from './evaluate.ts';
import { parseCondition, parseUpdate, type Condition } from './grammar.ts';
import type { Store } from './store.ts';
import { updated } from './update.ts';
import { itemSize, marshalled, type StoredItem } from './value.ts';

/** The limits of TransactWriteItems and of an item. */
const MOST_PARTS = 100;
const TRANSACTION_BYTES = 4 * 1_048_576;
const ITEM_BYTES = 400 * 1024;

/** The parameters of one action, as the document client takes them. */
export interface ActionInput {
  readonly TableName?: string | undefined;
  readonly Key?: unknown;
  readonly Item?: unknown;
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, unknown> | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

const PARAMETERS: Readonly<Record<string, readonly (keyof ActionInput)[]>> = {
  Put: ['Item'],
  Update: ['Key', 'UpdateExpression'],
  Delete: ['Key'],
  ConditionCheck: ['Key'],
};
const COMMON: readonly (keyof ActionInput)[] = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
];

/** One action, read and checked. */
interface Action {
  readonly store: Store;
  readonly pk: string;
  readonly sk: string;
  readonly condition: Condition | undefined;
  readonly scope: Scope;
  readonly returns: boolean;
  /** The item after it, from the one before; undefined: none. @throws ValidationException */
  readonly after: (before: StoredItem | undefined) => StoredItem | undefined;
  readonly writes: boolean;
}

export function scopeOf(input: Pick<ActionInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>): Scope {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: given } = input;
  if (given && Object.keys(given).length === 0) throw validation('ExpressionAttributeValues must not be empty');
  return { names, values: marshalled(given ?? {}) as Scope['values'] };
}

/** @throws ValidationException unless both keys are text, and nothing else is given */
export function keyOf(given: unknown, store: Store): { readonly pk: string; readonly sk: string } {
  const { pk, sk, ...rest } = (given ?? {}) as Record<string, unknown>;
  if (typeof pk !== 'string' || typeof sk !== 'string' || Object.keys(rest).length > 0)
    throw validation('The provided key element does not match the schema');
  if (pk === '' || sk === '')
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${pk === '' ? 'pk' : 'sk'} of ${store.name}`,
    );
  return { pk, sk };
}

function read(member: Readonly<Record<string, ActionInput | undefined>>, storeOf: (name: string) => Store): Action {
  const [[kind, input] = ['', undefined], ...others] = Object.entries(member).filter(
    ([, value]) => value !== undefined,
  );
  const own = PARAMETERS[kind];
  if (!own || !input || others.length > 0)
    throw validation('TransactItems can only contain one of Check, Put, Update or Delete');
  const unknown = Object.keys(input).filter((name) => ![...own, ...COMMON].includes(name as keyof ActionInput));
  if (unknown.length > 0) throw new NotSimulated(`the simulator's tables know no ${unknown.join(', ')} of ${kind}`);
  const store = storeOf(input.TableName ?? '');
  const condition =
    input.ConditionExpression === undefined
      ? undefined
      : parseCondition('ConditionExpression', input.ConditionExpression);
  if (kind === 'ConditionCheck' && !condition) throw validation('ConditionCheck needs a ConditionExpression');
  const update = kind === 'Update' ? parseUpdate('UpdateExpression', input.UpdateExpression ?? '') : undefined;
  const scope = bound(scopeOf(input), condition, update);
  const item = kind === 'Put' ? (marshalled(input.Item) as StoredItem) : undefined;
  const key = keyOf(item ? { pk: item['pk'], sk: item['sk'] } : input.Key, store);
  return {
    store,
    ...key,
    condition: condition?.tree,
    scope,
    returns: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    writes: kind !== 'ConditionCheck',
    after: (before) => {
      if (item) return checked(item, store);
      if (!update) return undefined;
      return checked(updated(before ?? { ...key }, update.tree, scope, ['pk', 'sk']), store);
    },
  };
}

function checked(item: StoredItem, store: Store): StoredItem {
  if (itemSize(item) > ITEM_BYTES) throw validation('Item size has exceeded the maximum allowed size');
  for (const prefix of store.prefixes)
    for (const key of [`${prefix}pk`, `${prefix}sk`])
      if (item[key] !== undefined && (typeof item[key] !== 'string' || item[key] === ''))
        throw validation(`One or more parameter values were invalid: Type mismatch for Index Key ${key} Expected: S`);
  return item;
}

/**
 * All actions or none.
 * @throws TransactionCanceledException with a reason for each action, ValidationException
 */
export function transact(members: readonly object[], storeOf: (name: string) => Store): void {
  if (members.length < 1 || members.length > MOST_PARTS)
    throw validation(
      `1 validation error detected: transactItems must have 1 to ${MOST_PARTS} members, got ${members.length}`,
    );
  const actions = members.map((member) => read(member as Record<string, ActionInput>, storeOf));
  const places = new Set(actions.map(({ store, pk, sk }) => `${store.name}\n${pk}\n${sk}`));
  if (places.size < actions.length)
    throw validation('Transaction request cannot include multiple operations on one item');
  const judged = actions.map(judge);
  if (judged.some(({ reason }) => reason.Code !== 'None')) throw canceled(judged.map(({ reason }) => reason));
  const bytes = judged.reduce((sum, { after }) => sum + (after ? itemSize(after) : 0), 0);
  if (bytes > TRANSACTION_BYTES) throw validation('Transaction request exceeds the 4MB transaction size limit');
  for (const [index, { store, pk, sk, writes }] of actions.entries()) {
    const after = judged[index]?.after;
    if (after) store.put(after);
    else if (writes) store.remove(pk, sk);
  }
}

function judge({ store, pk, sk, condition, scope, returns, writes, after }: Action): {
  readonly reason: CancellationReason;
  readonly after?: StoredItem | undefined;
} {
  const before = store.get(pk, sk)?.item;
  if (condition && !holds(condition, before ?? {}, scope)) {
    const Item = returns && before ? marshall(before) : undefined;
    const reason = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...(Item && { Item }) };
    return { reason };
  }
  try {
    return { reason: { Code: 'None' }, after: writes ? after(before) : undefined };
  } catch (error) {
    if (!isValidation(error)) throw error;
    return { reason: { Code: 'ValidationError', Message: error.message } };
  }
}
