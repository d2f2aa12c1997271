/**
 * How many sessions had each key, out of how many: plain JSON, bounded. What came lately is counted beside the rest, so that
 * a step copies a few keys and not thousands.
 */
export interface KeyCounts {
  readonly total: number;
  readonly counts: Counts;
  readonly lately: Counts;
}

type Counts = Readonly<Record<string, number>>;

export const noKeys: KeyCounts = { total: 0, counts: {}, lately: {} };

/** So many keys are counted beside the rest, and no more than are remembered. */
const LATELY = 128;

const countOf = (counts: Counts, key: string): number => (Object.hasOwn(counts, key) ? (counts[key] ?? 0) : 0);

/** Part of the sessions that had the key, 0 to 1; 0 where none was seen. */
export const shareOf = ({ total, counts, lately }: KeyCounts, key: string): number =>
  total === 0 ? 0 : (countOf(counts, key) + countOf(lately, key)) / total;

/** 1 for what was never seen, 0.5 for what just `rare` of the sessions have, towards 0 for what all have. */
export const oddness = (share: number, rare: number): number => rare / (rare + share);

/** All keys with their counts. */
export const countsOf = ({ counts, lately }: KeyCounts): [key: string, count: number][] =>
  Object.entries(added(counts, Object.entries(lately)));

/** The same counts under other names; those of keys that became one are added. */
export function renamedKeys(known: KeyCounts, rename: (key: string) => string): KeyCounts {
  const renamed = countsOf(known).map(([key, count]): [string, number] => [rename(key), count]);
  return { total: known.total, counts: added({}, renamed), lately: {} };
}

/**
 * One session more, which had these keys (each once). With more than `most` keys, or `memory` sessions, all counts are halved and
 * what was seen once is forgotten, as in lossy counting (Manku and Motwani, VLDB 2002): shares stay, and old times fade.
 */
export function learnKeys(
  { total, counts, lately }: KeyCounts,
  keys: readonly string[],
  most: number,
  memory = Number.POSITIVE_INFINITY,
): KeyCounts {
  const next = added(
    lately,
    keys.map((key) => [key, 1]),
  );
  const isOld = total + 1 > memory;
  if (Object.keys(next).length <= Math.min(LATELY, most) && !isOld) return { total: total + 1, counts, lately: next };
  const all = added(counts, Object.entries(next));
  if (Object.keys(all).length <= most && !isOld) return { total: total + 1, counts: all, lately: {} };
  const halved = Object.entries(all)
    .filter(([, count]) => count > 1)
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([key, count]): [string, number] => [key, count / 2]);
  return { total: (total + 1) / 2, counts: Object.fromEntries(halved), lately: {} };
}

function added(counts: Counts, more: readonly (readonly [string, number])[]): Counts {
  const sum: Record<string, number> = { ...counts };
  for (const [key, count] of more) sum[key] = countOf(sum, key) + count;
  return sum;
}
