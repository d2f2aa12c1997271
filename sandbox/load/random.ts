import { seeded, type Random } from '../../layers/core/statistics/random.ts';

export type { Random };

/** A generator of its own for a name, so that adding one scenario does not change what another one draws. */
export function randomFor(seed: number, name: string): Random {
  let hash = 2166136261; // FNV-1a
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  return seeded((hash ^ Math.imul(seed, 2654435761)) >>> 0);
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
