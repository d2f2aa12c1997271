import { validation } from './errors.ts';

/** A value as the document client reads it: text, number, boolean, null, bytes, list, map, or a set of one type. */
export type Value = string | number | boolean | null | Uint8Array | Value[] | Map_ | Set<string | number>;
interface Map_ {
  [name: string]: Value;
}
export type StoredItem = Map_;

export type TypeName = 'S' | 'N' | 'BOOL' | 'NULL' | 'B' | 'L' | 'M' | 'SS' | 'NS';

export function typeOf(value: Value): TypeName {
  if (typeof value === 'string') return 'S';
  if (typeof value === 'number') return 'N';
  if (typeof value === 'boolean') return 'BOOL';
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return 'L';
  if (value instanceof Uint8Array) return 'B';
  if (value instanceof Set) return typeof value.values().next().value === 'string' ? 'SS' : 'NS';
  return 'M';
}

/**
 * A copy of what the document client would send: without undefined, which it is told to leave out.
 * @throws Error in the words of the marshaller for what it does not take
 */
export function marshalled(given: unknown): Value {
  switch (typeof given) {
    case 'string':
    case 'boolean':
      return given;
    case 'number':
      return numeric(given);
    case 'object':
      return given === null ? null : structured(given);
    default:
      throw new Error(`Unsupported type passed: ${String(given)}. Pass options.convertClassInstanceToMap=true`);
  }
}

function numeric(given: number): number {
  if (!Number.isFinite(given)) throw new Error(`Special numeric value ${given} is not allowed`);
  if (Math.abs(given) > Number.MAX_SAFE_INTEGER)
    throw new Error(`Number ${given} is not a safe integer. Use NumberValue from @aws-sdk/lib-dynamodb.`);
  return given === 0 ? 0 : given; // DynamoDB knows no -0
}

function structured(given: object): Value {
  if (Array.isArray(given)) return given.filter((member) => member !== undefined).map(marshalled);
  if (given instanceof Uint8Array) return new Uint8Array(given);
  if (given instanceof Set) return set(given);
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype !== Object.prototype && prototype !== null)
    throw new Error(
      `Unsupported type passed: ${String(given)}. Pass options.convertClassInstanceToMap=true to marshall typeof object as map attribute.`,
    );
  const copy: Map_ = {};
  for (const [name, member] of Object.entries(given)) if (member !== undefined) copy[name] = marshalled(member);
  return copy;
}

function set(given: ReadonlySet<unknown>): Set<string | number> {
  const members = [...given];
  if (members.length === 0) throw new Error('Pass a non-empty set, or options.convertEmptyValues=true.');
  const isOfOne = members.every((member) => typeof member === 'string') || members.every((m) => typeof m === 'number');
  if (!isOfOne) throw new Error('sets of text or of numbers only: others are not simulated');
  return new Set(members as (string | number)[]);
}

/**
 * What is stored is answered as it stands, without a copy: a reader that would change it throws. Bytes and sets cannot be
 * frozen.
 */
export function frozen<T extends Value>(value: T): T;
export function frozen(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Uint8Array || value instanceof Set) return value;
  if (Array.isArray(value)) for (const member of value) frozen(member);
  else for (const name in value) frozen((value as Map_)[name]!);
  return Object.freeze(value) as Value;
}

/** Bytes as DynamoDB counts them; numbers are nearly so (it does not say how). */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return 1 + Math.ceil(String(value).length / 2);
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, member) => sum + 1 + sizeOf(member), 3);
  if (value instanceof Set) return [...value].reduce<number>((sum, member) => sum + sizeOf(member), 0);
  let size = 3;
  for (const name in value) size += 1 + Buffer.byteLength(name) + sizeOf(value[name]!);
  return size;
}

export function itemSize(item: StoredItem): number {
  const known = sizes.get(item);
  if (known !== undefined) return known;
  let size = 0;
  for (const name in item) size += Buffer.byteLength(name) + sizeOf(item[name]!);
  sizes.set(item, size);
  return size;
}
/** Items are never changed once they are put together. */
const sizes = new WeakMap<StoredItem, number>();

/** DynamoDB orders text by its bytes in UTF-8, JavaScript by its code units: they differ where there are surrogates. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}
const SURROGATE = /[\ud800-\udfff]/;

/** Below, equal or above zero; undefined for values of two types, and for types without an order. */
export function compare(a: Value, b: Value): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return undefined;
}

export function isEqual(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (typeOf(a) !== typeOf(b)) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((member) => b.has(member));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((member, index) => isEqual(member, b[index]!));
  const [left, right] = [a as Map_, b as Map_];
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => right[name] !== undefined && isEqual(left[name]!, right[name]))
  );
}

/** `a + b` as DynamoDB adds: in decimal, so that 0.1 + 0.2 is 0.3. */
export function addNumbers(a: number, b: number): number {
  if (Number.isInteger(a) && Number.isInteger(b)) return numeric(a + b);
  const [left, right] = [decimal(a), decimal(b)];
  const scale = Math.max(left.scale, right.scale);
  const raised = ({ digits, scale: from }: Decimal) => digits * 10n ** BigInt(scale - from);
  return Number(`${raised(left) + raised(right)}e-${scale}`);
}

interface Decimal {
  readonly digits: bigint;
  /** Digits after the point. */
  readonly scale: number;
}

function decimal(value: number): Decimal {
  const [, mantissa = '0', exponent = '0'] = /^(-?[\d.]+)(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  if (Math.abs(scale) > 130)
    throw validation('Number overflow. Attempting to store a number with magnitude larger than supported range');
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}
