import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';

export type TableName = string;
export interface Key {
  readonly pk: string;
  readonly sk: string;
}
export type Item = Readonly<Record<string, unknown>>;
export type Values = Readonly<Record<string, unknown>>;

/** One part of a transaction; `label` names it in the answer when its condition did not hold. */
export interface Write {
  readonly label: string;
  readonly part: NonNullable<TransactWriteCommandInput['TransactItems']>[number];
}

/** Why there is a condition at all: a write may only overwrite what its writer has seen. */
export interface Condition {
  /** `#name` stands for the attribute `name`, `:value` for a member of `values`. */
  readonly when: string;
  readonly values?: Values;
}

export const ABSENT: Condition = { when: 'attribute_not_exists(#pk)' };
export const PRESENT: Condition = { when: 'attribute_exists(#pk)' };

export function put(label: string, table: TableName, item: Key & Item, condition?: Condition): Write {
  return {
    label,
    part: { Put: { TableName: table, Item: item, ...returning, ...bind(undefined, condition) } },
  };
}

/** @param change an UpdateExpression in the notation of `Condition.when`, which may be left out. */
export function update(
  label: string,
  table: TableName,
  key: Key,
  change: string,
  condition: Partial<Condition>,
): Write {
  const bound = bind(change, condition);
  return { label, part: { Update: { TableName: table, Key: key, UpdateExpression: change, ...returning, ...bound } } };
}

export function remove(label: string, table: TableName, key: Key, condition?: Condition): Write {
  return { label, part: { Delete: { TableName: table, Key: key, ...returning, ...bind(undefined, condition) } } };
}

export function check(label: string, table: TableName, key: Key, condition: Condition): Write {
  const { ConditionExpression = '', ...rest } = bind(undefined, condition);
  return {
    label,
    part: { ConditionCheck: { TableName: table, Key: key, ConditionExpression, ...returning, ...rest } },
  };
}

/** What stood there instead comes back with the answer. */
const returning = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

interface Bound {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

/** Names and values of an expression, so that no reserved word of DynamoDB ever stands in one. */
export function bind(change: string | undefined, condition: Partial<Condition> | undefined): Bound {
  const bound: Bound = {};
  if (condition?.when) bound.ConditionExpression = condition.when;
  const names = namesOf(`${change ?? ''} ${condition?.when ?? ''}`);
  if (Object.keys(names).length > 0) bound.ExpressionAttributeNames = names;
  if (condition?.values) bound.ExpressionAttributeValues = valuesOf(condition.values);
  return bound;
}

export function namesOf(expression: string): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [placeholder] of expression.matchAll(/#\w+/g)) names[placeholder] = placeholder.slice(1);
  return names;
}

export function valuesOf(values: Values): Record<string, unknown> {
  const bound: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) bound[`:${name}`] = value;
  return bound;
}

/** `SET` for each member that is not undefined: `{ a: 1 }` is `SET #a = :a`. */
export function setting(changes: Values): { change: string; values: Values } {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return {
    change: `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    values: Object.fromEntries(given),
  };
}
