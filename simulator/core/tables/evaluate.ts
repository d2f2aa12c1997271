import { validation } from './errors.ts';
import type { Condition, Operand, Parsed, Path } from './grammar.ts';
import { compare, isEqual, typeOf, type StoredItem, type Value } from './value.ts';

/** What the placeholders of one request stand for. */
export interface Scope {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Value>>;
}

/**
 * Binds the placeholders of a request.
 * @throws ValidationException for one that is used and not given, or given and not used
 */
export function bound(scope: Scope, ...expressions: readonly (Parsed<unknown> | undefined)[]): Scope {
  const used = { names: new Set<string>(), values: new Set<string>() };
  for (const expression of expressions) {
    for (const name of expression?.names ?? []) used.names.add(name);
    for (const value of expression?.values ?? []) used.values.add(value);
  }
  check(scope.names, used.names, 'ExpressionAttributeNames', 'name');
  check(scope.values, used.values, 'ExpressionAttributeValues', 'value');
  return scope;
}

function check(given: object, used: ReadonlySet<string>, where: string, what: string): void {
  for (const placeholder of used)
    if (!Object.hasOwn(given, placeholder))
      throw validation(
        `An expression attribute ${what} used in expression is not defined; attribute ${what}: ${placeholder}`,
      );
  for (const placeholder in given)
    if (!used.has(placeholder))
      throw validation(`Value provided in ${where} unused in expressions: keys: {${placeholder}}`);
}

/** The path's steps with names in place of placeholders. */
export const stepsOf = ({ steps }: Path, { names }: Scope): (string | number)[] =>
  steps.map((step) => (typeof step === 'number' ? step : names[step]!));

/** What stands at a place, or undefined. */
export function valueAt(item: StoredItem, path: Path, scope: Scope): Value | undefined {
  let value: Value | undefined = item;
  for (const step of stepsOf(path, scope)) value = value === undefined ? undefined : memberOf(value, step);
  return value;
}

export function memberOf(value: Value, step: string | number): Value | undefined {
  if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined;
  return typeOf(value) === 'M' && Object.hasOwn(value as StoredItem, step) ? (value as StoredItem)[step] : undefined;
}

export function operandOf(item: StoredItem, operand: Operand, scope: Scope): Value | undefined {
  if (operand.kind === 'value') return scope.values[operand.name];
  if (operand.kind === 'path') return valueAt(item, operand, scope);
  const measured = valueAt(item, operand.of, scope);
  return measured === undefined ? undefined : lengthOf(measured);
}

function lengthOf(value: Value): number | undefined {
  if (typeof value === 'string') return value.length;
  if (value instanceof Set) return value.size;
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length;
  return typeOf(value) === 'M' ? Object.keys(value as StoredItem).length : undefined;
}

/** True when the condition holds for the item; an absent one is `{}`. */
export function holds(condition: Condition, item: StoredItem, scope: Scope): boolean {
  const of = (operand: Operand): Value | undefined => operandOf(item, operand, scope);
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => holds(part, item, scope));
    case 'or':
      return condition.parts.some((part) => holds(part, item, scope));
    case 'not':
      return !holds(condition.part, item, scope);
    case 'exists':
      return valueAt(item, condition.path, scope) !== undefined;
    case 'not-exists':
      return valueAt(item, condition.path, scope) === undefined;
    case 'compare':
      return compares(of(condition.left), condition.by, of(condition.right), condition, scope);
    case 'between':
      return isBetween(of(condition.what), of(condition.from), of(condition.to));
    case 'in': {
      const what = of(condition.what);
      return what !== undefined && condition.list.some((one) => isSame(what, of(one)));
    }
    case 'begins-with':
      return beginsWith(of(condition.path), of(condition.operand));
    case 'contains':
      return contains(of(condition.path), of(condition.operand));
    case 'type': {
      const value = of(condition.path);
      return value !== undefined && typeOf(value) === of(condition.operand);
    }
  }
}

const isSame = (a: Value, b: Value | undefined): boolean => b !== undefined && isEqual(a, b);

const ORDERED = ['S', 'N', 'B'];

function compares(
  left: Value | undefined,
  by: string,
  right: Value | undefined,
  { left: a, right: b }: Extract<Condition, { kind: 'compare' }>,
  scope: Scope,
): boolean {
  // What is not there is not equal to anything.
  if (by === '<>') return left === undefined || right === undefined || !isEqual(left, right);
  if (by === '=') return left !== undefined && isSame(left, right);
  for (const operand of [a, b]) {
    const type = operand.kind === 'value' ? typeOf(scope.values[operand.name]!) : 'S';
    if (!ORDERED.includes(type))
      throw validation(
        `Invalid ConditionExpression: Incorrect operand type for operator or function; operator: ${by}, operand type: ${type}`,
      );
  }
  const order = left === undefined || right === undefined ? undefined : compare(left, right);
  if (order === undefined) return false;
  return by === '<' ? order < 0 : by === '<=' ? order <= 0 : by === '>' ? order > 0 : order >= 0;
}

function isBetween(what: Value | undefined, from: Value | undefined, to: Value | undefined): boolean {
  if (what === undefined || from === undefined || to === undefined) return false;
  const [low, high] = [compare(what, from), compare(what, to)];
  return low !== undefined && high !== undefined && low >= 0 && high <= 0;
}

function beginsWith(value: Value | undefined, prefix: Value | undefined): boolean {
  for (const operand of [value, prefix])
    if (operand !== undefined && typeof operand !== 'string')
      throw validation(
        `Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: ${typeOf(operand)}`,
      );
  return typeof value === 'string' && typeof prefix === 'string' && value.startsWith(prefix);
}

function contains(value: Value | undefined, member: Value | undefined): boolean {
  if (value === undefined || member === undefined) return false;
  if (typeof value === 'string') return typeof member === 'string' && value.includes(member);
  if (value instanceof Set) return typeof member !== 'object' && value.has(member as string | number);
  return Array.isArray(value) && value.some((one) => isEqual(one, member));
}
