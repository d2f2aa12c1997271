import { validation } from './errors.ts';
import { holds, type Scope } from './evaluate.ts';
import type { Condition, Operand } from './grammar.ts';
import { firstIndex, position, tieOf, type Entry, type Store } from './store.ts';
import { compareText, type StoredItem, type Value } from './value.ts';

/** What a page of Query or Scan reads at most, before any filter. */
const PAGE_BYTES = 1_048_576;

export interface Page {
  readonly Items: StoredItem[];
  readonly Count: number;
  readonly ScannedCount: number;
  readonly LastEvaluatedKey?: StoredItem;
}

export interface Paging {
  readonly limit: number | undefined;
  readonly filter: Condition | undefined;
  /** Attributes of the key that a page ends with, and of the one after which the next begins. */
  readonly keys: readonly string[];
}

/** One page of entries, as Query and Scan cut them: at the limit, or at 1 MB read. */
export function page(entries: Iterable<Entry>, { limit, filter, keys }: Paging, scope: Scope): Page {
  const matches = matcher(filter, scope);
  const items: StoredItem[] = [];
  let [bytes, read] = [0, 0];
  let last: Entry | undefined;
  let isCut = false;
  for (const entry of entries) {
    const { item, size } = entry.stored;
    isCut = read === limit || (read > 0 && bytes + size > PAGE_BYTES);
    if (isCut) break;
    [bytes, read, last] = [bytes + size, read + 1, entry];
    if (matches(entry)) items.push(item);
  }
  // DynamoDB does not look whether there is more when it has come to the limit.
  const more =
    last && (isCut || read === limit)
      ? Object.fromEntries(keys.map((key) => [key, last.stored.item[key]!]))
      : undefined;
  return { Items: items, Count: items.length, ScannedCount: read, ...(more && { LastEvaluatedKey: more }) };
}

/** A scan looks for a few in many by the beginning of their partition key: that one is worth a short cut. */
function matcher(filter: Condition | undefined, scope: Scope): (entry: Entry) => boolean {
  if (!filter) return () => true;
  if (filter.kind === 'begins-with' && isOn(filter, 'pk', scope)) {
    const prefix = text(filter.operand, scope);
    return ({ stored }) => stored.pk.startsWith(prefix);
  }
  return ({ stored }) => holds(filter, stored.item, scope);
}

/** The entries of a query, in its order, from after `start` on. */
export function* selected(
  store: Store,
  index: string | undefined,
  range: Range,
  start: StoredItem | undefined,
  isDescending: boolean,
): Generator<Entry> {
  const entries = store.partition(index, range.partition);
  let [low, high] = range.bounds(entries);
  if (start) {
    const prefix = store.prefixOf(index) ?? '';
    const tie = prefix === '' ? '' : tieOf(String(start['pk']), String(start['sk']));
    const place = { sort: String(start[`${prefix}sk`]), tie };
    const at = position(entries, place);
    const isThere = entries[at]?.sort === place.sort && entries[at].tie === tie;
    if (isDescending) high = Math.min(high, at);
    else low = Math.max(low, isThere ? at + 1 : at);
  }
  if (isDescending) for (let at = high - 1; at >= low; at--) yield entries[at]!;
  else for (let at = low; at < high; at++) yield entries[at]!;
}

export interface Range {
  readonly partition: string;
  /** First index of the range, and the one after its last. */
  bounds(entries: readonly Entry[]): readonly [number, number];
}

/**
 * A key condition: the partition key equal to a value, and one condition on the sort key.
 * @throws ValidationException for anything else
 */
export function rangeOf(condition: Condition, scope: Scope, prefix: string): Range {
  const parts = condition.kind === 'and' ? condition.parts : [condition];
  const [hash] = parts.filter((part) => isOn(part, `${prefix}pk`, scope));
  const sorts = parts.filter((part) => isOn(part, `${prefix}sk`, scope));
  if (hash?.kind !== 'compare' || hash.by !== '=' || sorts.length > 1 || parts.length !== sorts.length + 1)
    throw validation('Query key condition not supported');
  return { partition: text(hash.right, scope), bounds: boundsOf(sorts[0], scope) };
}

function isOn(part: Condition, key: string, { names }: Scope): boolean {
  const operand = 'left' in part ? part.left : 'what' in part ? part.what : 'operand' in part ? part.path : undefined;
  return operand?.kind === 'path' && operand.steps.length === 1 && names[operand.steps[0]!] === key;
}

function text(operand: Operand, scope: Scope): string {
  const value: Value | undefined = operand.kind === 'value' ? scope.values[operand.name] : undefined;
  if (typeof value === 'string') return value;
  throw validation('One or more parameter values were invalid: Condition parameter type does not match schema type');
}

function boundsOf(sort: Condition | undefined, scope: Scope): Range['bounds'] {
  const from = (value: string) => (entries: readonly Entry[]) =>
    firstIndex(entries, (e) => compareText(e.sort, value) >= 0);
  const past = (value: string) => (entries: readonly Entry[]) =>
    firstIndex(entries, (e) => compareText(e.sort, value) > 0);
  if (!sort) return (entries) => [0, entries.length];
  if (sort.kind === 'between') {
    const [low, high] = [text(sort.from, scope), text(sort.to, scope)];
    if (compareText(low, high) > 0)
      throw validation(
        'Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound',
      );
    return (entries) => [from(low)(entries), past(high)(entries)];
  }
  if (sort.kind === 'begins-with') {
    const prefix = text(sort.operand, scope);
    const beyond = ({ sort: key }: Entry) => !key.startsWith(prefix) && compareText(key, prefix) > 0;
    return (entries) => [from(prefix)(entries), firstIndex(entries, beyond)];
  }
  if (sort.kind !== 'compare') throw validation('Query key condition not supported');
  const value = text(sort.right, scope);
  switch (sort.by) {
    case '=':
      return (entries) => [from(value)(entries), past(value)(entries)];
    case '<':
      return (entries) => [0, from(value)(entries)];
    case '<=':
      return (entries) => [0, past(value)(entries)];
    case '>':
      return (entries) => [past(value)(entries), entries.length];
    case '>=':
      return (entries) => [from(value)(entries), entries.length];
    case '<>':
      throw validation('Invalid operator used in KeyConditionExpression: <>');
  }
}
