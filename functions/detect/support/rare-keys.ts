/** How many sessions had each key, out of how many: plain JSON, bounded. */
export interface KeyCounts {
  readonly total: number;
  readonly counts: Readonly<Record<string, number>>;
}

export const noKeys: KeyCounts = { total: 0, counts: {} };

/** Part of the sessions that had the key, 0 to 1; 0 where none was seen. */
export const shareOf = ({ total, counts }: KeyCounts, key: string): number =>
  total === 0 ? 0 : (Object.hasOwn(counts, key) ? (counts[key] ?? 0) : 0) / total;

/** 1 for what was never seen, 0.5 for what just `rare` of the sessions have, towards 0 for what all have. */
export const oddness = (share: number, rare: number): number => rare / (rare + share);

/**
 * One session more, which had these keys (each once). With more than `most` keys all counts are halved and what was seen
 * once is forgotten, as in lossy counting (Manku and Motwani, VLDB 2002): shares stay, and old times fade.
 */
export function learnKeys({ total, counts }: KeyCounts, keys: readonly string[], most: number): KeyCounts {
  const next: Record<string, number> = { ...counts };
  for (const key of keys) next[key] = (Object.hasOwn(next, key) ? (next[key] ?? 0) : 0) + 1;
  if (Object.keys(next).length <= most) return { total: total + 1, counts: next };
  const halved = Object.entries(next)
    .filter(([, count]) => count > 1)
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([key, count]): [string, number] => [key, count / 2]);
  return { total: (total + 1) / 2, counts: Object.fromEntries(halved) };
}
