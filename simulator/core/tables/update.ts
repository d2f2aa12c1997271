import { validation } from './errors.ts';
import { memberOf, operandOf, stepsOf, valueAt, type Scope } from './evaluate.ts';
import type { Path, Term, Update } from './grammar.ts';
import { addNumbers, typeOf, type StoredItem, type Value } from './value.ts';

type Steps = readonly (string | number)[];

/** Stands where a list's member is taken away, until all of them are: their positions are those before the update. */
const TAKEN = Symbol('taken') as unknown as Value;

/**
 * The item after an update; the one given stays as it is. Every operand is read from the item before.
 * @throws ValidationException as DynamoDB does, also for what would change a key
 */
export function updated(item: StoredItem, update: Update, scope: Scope, keys: readonly string[]): StoredItem {
  const changes = changesOf(item, update, scope);
  refuseOverlaps(changes.map(({ steps }) => steps));
  let after: Value = item;
  for (const { steps, value } of changes) {
    const [first] = steps;
    if (keys.includes(String(first)))
      throw validation(
        `One or more parameter values were invalid: Cannot update attribute ${first}. This attribute is part of the key`,
      );
    after = value === undefined ? without(after, steps) : withValue(after, steps, value);
  }
  return (
    changes.some(({ value, steps }) => value === undefined && steps.some((step) => typeof step === 'number'))
      ? swept(after)
      : after
  ) as StoredItem;
}

interface Change {
  readonly steps: Steps;
  /** Undefined: taken away. */
  readonly value: Value | undefined;
}

function changesOf(item: StoredItem, update: Update, scope: Scope): Change[] {
  const steps = (path: Path): Steps => stepsOf(path, scope);
  return [
    ...update.set.map(({ path, to }) => ({ steps: steps(path), value: termOf(item, to, scope) })),
    ...update.remove.map((path) => ({ steps: steps(path), value: undefined })),
    ...update.add.map(({ path, value }) => ({
      steps: steps(path),
      value: added(valueAt(item, path, scope), scope.values[value]!),
    })),
    ...update.delete.map(({ path, value }) => ({
      steps: steps(path),
      value: subtracted(valueAt(item, path, scope), scope.values[value]!),
    })),
  ];
}

const MISSING = 'The provided expression refers to an attribute that does not exist in the item';
const WRONG_TYPE = 'An operand in the update expression has an incorrect data type';

function termOf(item: StoredItem, term: Term, scope: Scope): Value {
  switch (term.kind) {
    case 'if-not-exists':
      return valueAt(item, term.path, scope) ?? termOf(item, term.otherwise, scope);
    case 'list-append': {
      const [first, second] = [termOf(item, term.first, scope), termOf(item, term.second, scope)];
      if (!Array.isArray(first) || !Array.isArray(second)) throw validation(WRONG_TYPE);
      return [...first, ...second];
    }
    case 'plus':
    case 'minus': {
      const [left, right] = [termOf(item, term.left, scope), termOf(item, term.right, scope)];
      if (typeof left !== 'number' || typeof right !== 'number') throw validation(WRONG_TYPE);
      return addNumbers(left, term.kind === 'plus' ? right : -right);
    }
    default: {
      const value = operandOf(item, term, scope);
      if (value === undefined) throw validation(MISSING);
      return value;
    }
  }
}

function added(before: Value | undefined, value: Value): Value {
  if (typeof value === 'number' && (before === undefined || typeof before === 'number'))
    return addNumbers(before ?? 0, value);
  if (value instanceof Set && before === undefined) return value;
  if (value instanceof Set && before instanceof Set && typeOf(before) === typeOf(value))
    return new Set([...before, ...value]);
  throw validation(WRONG_TYPE);
}

/** A set that becomes empty is taken away. */
function subtracted(before: Value | undefined, value: Value): Value | undefined {
  if (!(value instanceof Set)) throw validation(WRONG_TYPE);
  if (before === undefined) return undefined;
  if (!(before instanceof Set) || typeOf(before) !== typeOf(value)) throw validation(WRONG_TYPE);
  const left = [...before].filter((member) => !value.has(member));
  return left.length > 0 ? new Set(left) : undefined;
}

function refuseOverlaps(all: readonly Steps[]): void {
  for (const [index, a] of all.entries())
    for (const b of all.slice(index + 1))
      if (a.slice(0, b.length).every((step, at) => step === b[at]))
        throw validation(
          `Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [${a.join(', ')}], path two: [${b.join(', ')}]`,
        );
}

/** A copy along the path with another value at its end; what is beside the path is shared. */
function withValue(container: Value, [step, ...rest]: Steps, value: Value): Value {
  if (step === undefined) return value;
  const inner = rest.length === 0 ? value : withValue(existing(container, step), rest, value);
  return placed(container, step, inner);
}

function placed(container: Value, step: string | number, value: Value): Value {
  if (typeof step === 'number') {
    if (!Array.isArray(container)) throw invalidPath();
    const copy = [...container];
    copy[Math.min(step, copy.length)] = value; // beyond the end it is appended
    return copy;
  }
  if (typeOf(container) !== 'M') throw invalidPath();
  return { ...(container as StoredItem), [step]: value };
}

/** Taking away what is not there changes nothing. */
function without(container: Value, [step, ...rest]: Steps): Value {
  if (step === undefined) return container;
  if (rest.length > 0) return placed(container, step, without(existing(container, step), rest));
  if (memberOf(container, step) === undefined) return container;
  if (typeof step === 'number') return placed(container, step, TAKEN);
  const { [step]: _, ...left } = container as StoredItem;
  return left;
}

function existing(container: Value, step: string | number): Value {
  const inner = memberOf(container, step);
  if (inner === undefined) throw invalidPath();
  return inner;
}

const invalidPath = (): Error =>
  validation('The document path provided in the update expression is invalid for update');

function swept(value: Value): Value {
  if (Array.isArray(value)) return value.filter((member) => member !== TAKEN).map(swept);
  if (typeof value !== 'object' || value === null || typeOf(value) !== 'M') return value;
  return Object.fromEntries(Object.entries(value as StoredItem).map(([name, member]) => [name, swept(member)]));
}
