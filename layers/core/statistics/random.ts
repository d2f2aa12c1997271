/** A stream of numbers in [0, 1). */
export type Random = () => number;

/** Where a stream stands, in one 32-bit word: it can be kept between invocations. */
export interface Randomness {
  word: number;
}

/** The next number in [0, 1) (mulberry32, Tommy Ettinger 2017, public domain): small, fast, and the same everywhere for the same word. */
export function next(source: Randomness): number {
  source.word = (source.word + 0x6d2b79f5) | 0;
  let mixed = Math.imul(source.word ^ (source.word >>> 15), 1 | source.word);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

/** A stream that its seed decides alone. */
export function seeded(seed: number): Random {
  const source = { word: seed | 0 };
  return () => next(source);
}
