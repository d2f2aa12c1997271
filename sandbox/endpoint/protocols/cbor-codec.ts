import { AwsError } from '../../contract.ts';

/**
 * The part of CBOR (RFC 8949) that Smithy RPC v2 uses: integers, floats, strings, blobs, lists, maps, booleans, null
 * and tag 1 (seconds since the epoch). Indefinite lengths are read but never written.
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
  try {
    return read(reader);
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new AwsError('SerializationException', 'the body is not CBOR: it ends too early');
    throw cause;
  }
}

interface Reader {
  readonly view: DataView;
  at: number;
}

const breakCode = Symbol('break');

function read(reader: Reader): unknown {
  const initial = reader.view.getUint8(reader.at++);
  const major = initial >> 5;
  const info = initial & 31;
  if (major === 7) return readSimple(reader, info);
  if (info === 31) return readIndefinite(reader, major);
  const length = readLength(reader, info);
  if (major === 0) return length;
  if (major === 1) return -1 - length;
  if (major === 2) return readBytes(reader, length);
  if (major === 3) return readBytes(reader, length).toString('utf8');
  if (major === 4) return Array.from({ length }, () => read(reader));
  if (major === 5) return Object.fromEntries(Array.from({ length }, () => [String(read(reader)), read(reader)]));
  return readTagged(reader, length);
}

function readLength(reader: Reader, info: number): number {
  if (info < 24) return info;
  const { view, at } = reader;
  if (info === 24) return ((reader.at += 1), view.getUint8(at));
  if (info === 25) return ((reader.at += 2), view.getUint16(at));
  if (info === 26) return ((reader.at += 4), view.getUint32(at));
  if (info === 27) return ((reader.at += 8), Number(view.getBigUint64(at)));
  throw new AwsError('SerializationException', `the body is not CBOR: length code ${info}`);
}

function readBytes(reader: Reader, length: number): Buffer {
  if (reader.at + length > reader.view.byteLength) throw new RangeError('too short');
  const bytes = Buffer.from(reader.view.buffer, reader.view.byteOffset + reader.at, length);
  reader.at += length;
  return bytes;
}

function readIndefinite(reader: Reader, major: number): unknown {
  const items: unknown[] = [];
  for (let item = read(reader); item !== breakCode; item = read(reader)) items.push(item);
  if (major === 2) return Buffer.concat(items as Buffer[]);
  if (major === 3) return items.join('');
  if (major === 4) return items;
  const entries: [string, unknown][] = [];
  for (let index = 0; index < items.length; index += 2) entries.push([String(items[index]), items[index + 1]]);
  return Object.fromEntries(entries);
}

function readSimple(reader: Reader, info: number): unknown {
  const { view, at } = reader;
  if (info === 20 || info === 21) return info === 21;
  if (info === 22) return null;
  if (info === 23) return undefined;
  if (info === 25) return ((reader.at += 2), half(view.getUint16(at)));
  if (info === 26) return ((reader.at += 4), view.getFloat32(at));
  if (info === 27) return ((reader.at += 8), view.getFloat64(at));
  if (info === 31) return breakCode;
  throw new AwsError('SerializationException', `the body is not CBOR: simple value ${info}`);
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function readTagged(reader: Reader, tag: number): unknown {
  const value = read(reader);
  return tag === 1 && typeof value === 'number' ? new Date(value * 1000) : value;
}

/** Dates become tag 1; `undefined` and `null` members vanish. */
export function encodeCbor(value: unknown): Buffer {
  const parts: Buffer[] = [];
  write(parts, value);
  return Buffer.concat(parts);
}

function write(parts: Buffer[], value: unknown): void {
  if (value === null || value === undefined) parts.push(Buffer.of(0xf6));
  else if (typeof value === 'boolean') parts.push(Buffer.of(value ? 0xf5 : 0xf4));
  else if (typeof value === 'number') writeNumber(parts, value);
  else if (typeof value === 'string') parts.push(head(3, Buffer.byteLength(value)), Buffer.from(value));
  else if (value instanceof Date) {
    parts.push(head(6, 1));
    writeNumber(parts, value.getTime() / 1000);
  } else if (value instanceof Uint8Array) parts.push(head(2, value.length), Buffer.from(value));
  else if (Array.isArray(value)) {
    parts.push(head(4, value.length));
    for (const each of value) write(parts, each);
  } else writeMap(parts, value as object);
}

function writeMap(parts: Buffer[], value: object): void {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
  parts.push(head(5, entries.length));
  for (const [name, each] of entries) {
    write(parts, name);
    write(parts, each);
  }
}

function writeNumber(parts: Buffer[], value: number): void {
  if (Number.isSafeInteger(value)) {
    parts.push(value >= 0 ? head(0, value) : head(1, -1 - value));
    return;
  }
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  parts.push(bytes);
}

function head(major: number, length: number): Buffer {
  const top = major << 5;
  if (length < 24) return Buffer.of(top | length);
  if (length < 0x100) return Buffer.of(top | 24, length);
  if (length < 0x10000) return Buffer.of(top | 25, length >> 8, length & 255);
  const bytes = Buffer.alloc(length < 0x100000000 ? 5 : 9);
  bytes[0] = top | (bytes.length === 5 ? 26 : 27);
  if (bytes.length === 5) bytes.writeUInt32BE(length, 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}
