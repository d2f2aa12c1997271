import { like, matchesArn } from './match.ts';
import type { Condition } from './policy.ts';

/** What is known of a request, by condition key in small letters: IAM does not tell the case of keys apart. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

export const contextOf = (entries: Readonly<Record<string, string | readonly string[] | undefined>>): Context =>
  Object.fromEntries(
    Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [[key.toLowerCase(), value]])),
  );

type Compare = (given: string, wanted: string) => boolean;

const equal: Compare = (given, wanted) => given === wanted;
const equalIgnoringCase: Compare = (given, wanted) => given.toLowerCase() === wanted.toLowerCase();
const arnLike: Compare = (given, wanted) => matchesArn(wanted, given);
const number =
  (compare: (a: number, b: number) => boolean): Compare =>
  (given, wanted) =>
    compare(Number(given), Number(wanted));

/** `ArnEquals` and `ArnLike` do the same ("IAM JSON policy elements: Condition operators"). */
const COMPARE: Readonly<Record<string, Compare>> = {
  StringEquals: equal,
  StringEqualsIgnoreCase: equalIgnoringCase,
  StringLike: (given, wanted) => like(wanted, given),
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: equalIgnoringCase,
  NumericEquals: number((a, b) => a === b),
  NumericLessThan: number((a, b) => a < b),
  NumericLessThanEquals: number((a, b) => a <= b),
  NumericGreaterThan: number((a, b) => a > b),
  NumericGreaterThanEquals: number((a, b) => a >= b),
};

/** Those that hold where the other one does not. */
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
};

/**
 * Whether one condition holds: any of its values, for a key with one value; and, as `ForAllValues:` or `ForAnyValue:`
 * say, all or any of the request's, for a key with several.
 * @throws Error for an operator or a policy variable that is not known here
 */
export function holds({ operator, key, values }: Condition, context: Context): boolean {
  const variable = values.find((value) => value.includes('${'));
  if (variable !== undefined) throw new Error(`policy variables are not known here, got ${variable} for ${key}`);
  const given = context[key.toLowerCase()];
  if (operator === 'Null') return values.some((value) => (value === 'true') === (given === undefined));
  const { set, compare, negated, ifExists } = parsed(operator);
  if (given === undefined) return ifExists || set === 'ForAllValues' || (negated && set === undefined);
  const one = (value: string): boolean => values.some((wanted) => compare(value, wanted)) !== negated;
  const all = typeof given === 'string' ? [given] : given;
  return set === 'ForAllValues' ? all.every(one) : set === 'ForAnyValue' || !negated ? all.some(one) : all.every(one);
}

interface Operator {
  readonly set: string | undefined;
  readonly compare: Compare;
  readonly negated: boolean;
  readonly ifExists: boolean;
}

function parsed(operator: string): Operator {
  const [, set, name = '', suffix] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const compare = COMPARE[NEGATED[name] ?? name];
  if (compare === undefined) throw new Error(`the condition operator ${operator} is not known here`);
  return { set, compare, negated: name in NEGATED, ifExists: suffix !== undefined };
}
