/** A stream of numbers from 0 up to but not including 1. */
export type Random = () => number;

/** mulberry32 by Tommy Ettinger (public domain): small, fast, and the same everywhere for the same seed. */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A generator of its own for a name, so that adding one scenario does not change what another one draws. */
export function randomFor(seed: number, name: string): Random {
  let hash = 2166136261; // FNV-1a
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  return mulberry32((hash ^ Math.imul(seed, 2654435761)) >>> 0);
}

/** One of the choices. @throws RangeError when there are none */
export function pick<T>(random: Random, choices: readonly T[]): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new RangeError('supply at least one choice, got none');
  return choice;
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));
