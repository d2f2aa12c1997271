import { AwsError } from '../contract.ts';

/** Reading what callers send, and refusing it as CloudWatch does. Error codes are the names of AWS's service model. */

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingRequiredParameterException', `The parameter ${name} is required.`);

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);

export const badCombination = (message: string): AwsError =>
  new AwsError('InvalidParameterCombinationException', message);

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export function required(input: Readonly<Record<string, unknown>>, name: string): string {
  const value = input[name];
  if (value === undefined || value === null || value === '') throw missingParameter(name);
  return String(value);
}

/**
 * Epoch seconds of a timestamp that may come as epoch seconds, an ISO string or a Date, depending on the protocol that
 * the client speaks. Fractions are kept.
 */
export function epochSeconds(value: unknown, name: string): number {
  const seconds = value instanceof Date ? value.getTime() / 1000 : typeof value === 'number' ? value : parseTime(value);
  if (!Number.isFinite(seconds))
    throw invalidValue(`The parameter ${name} must be a valid timestamp, got ${String(value)}.`);
  return seconds;
}

function parseTime(value: unknown): number {
  if (typeof value !== 'string' || value === '') return Number.NaN;
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : Date.parse(value) / 1000;
}

export function requiredTime(input: Readonly<Record<string, unknown>>, name: string): number {
  if (input[name] === undefined || input[name] === null) throw missingParameter(name);
  return epochSeconds(input[name], name);
}

export function oneOf(value: unknown, allowed: readonly string[], member: string): string {
  if (typeof value === 'string' && allowed.includes(value)) return value;
  throw validation(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy enum value set: [${allowed.join(', ')}]`,
  );
}

/** One page of a list, and the token of the next. Tokens are opaque offsets. */
export function page<T>(items: readonly T[], token: unknown, size: number): { items: readonly T[]; next?: string } {
  const from = token === undefined || token === null || token === '' ? 0 : offsetOf(token);
  const end = from + size;
  const slice = items.slice(from, end);
  return end < items.length ? { items: slice, next: encodeOffset(end) } : { items: slice };
}

export const encodeOffset = (offset: number): string => Buffer.from(`offset:${offset}`).toString('base64url');

export function offsetOf(token: unknown): number {
  const text = Buffer.from(String(token), 'base64url').toString();
  const match = /^offset:(\d+)$/.exec(text);
  if (!match) throw new AwsError('InvalidNextToken', 'The next token specified is invalid.');
  return Number(match[1]);
}

/** A number of records asked for, within what the operation allows. */
export function count(value: unknown, name: string, bounds: { min: number; max: number; byDefault: number }): number {
  if (value === undefined || value === null) return bounds.byDefault;
  const asked = Number(value);
  if (Number.isInteger(asked) && asked >= bounds.min && asked <= bounds.max) return asked;
  throw invalidValue(
    `The value ${String(value)} for parameter ${name} is invalid: from ${bounds.min} to ${bounds.max}.`,
  );
}
