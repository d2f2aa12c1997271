import { Buffer } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';

const KINDS = { Float64Array, Float32Array, Int32Array, Uint32Array, Int16Array, Uint16Array, Uint8Array } as const;
type Kind = keyof typeof KINDS;

/**
 * A detector's state as JSON text: typed arrays become base64 of their bytes, all else stays what it is. Numbers come
 * back bit by bit, so that a detector that was put away goes on exactly where it was.
 */
export function pack(state: unknown): string {
  return JSON.stringify(state, (_, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { $kind: value.constructor.name, $bytes: bytes.toString('base64') };
  });
}

/** The state that `pack` wrote. @throws Error when an array is of a kind that was never packed */
export function unpack(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (!isPacked(value)) return value;
    const kind = KINDS[value.$kind as Kind] as (typeof KINDS)[Kind] | undefined;
    if (!kind) throw new Error(`a packed array is one of ${Object.keys(KINDS).join(', ')}, got ${value.$kind}`);
    // A copy of its own, aligned: Buffer's pool gives bytes at any offset.
    return new kind(Uint8Array.from(Buffer.from(value.$bytes, 'base64')).buffer);
  });
}

function isPacked(value: unknown): value is { readonly $kind: string; readonly $bytes: string } {
  return typeof value === 'object' && value !== null && '$kind' in value && '$bytes' in value;
}

/** A state as it is kept in a table: packed, and compressed. */
export const compressed = (state: unknown): Uint8Array<ArrayBuffer> => Uint8Array.from(gzipSync(pack(state)));

/** The state that `compressed` wrote. */
export const decompressed = (bytes: Uint8Array): unknown => unpack(gunzipSync(bytes).toString());
