/** A seeded source of randomness kept in one 32-bit word (mulberry32, Ettinger 2017). */
export interface Randomness {
  word: number;
}

/** The next number in [0, 1). */
export function next(source: Randomness): number {
  source.word = (source.word + 0x6d2b79f5) | 0;
  let t = Math.imul(source.word ^ (source.word >>> 15), 1 | source.word);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
