export interface Grouping {
  /** Share of lines whose group holds exactly the lines of their true event (Zhu et al., ICSE-SEIP 2019). */
  readonly accuracy: number;
  /** F1 of groups: the harmonic mean of the share of groups, and of the share of true events, found exactly (Jiang et al., ISSTA 2024). */
  readonly f1: number;
  readonly groups: number;
}

/** @param truth the true event of each line @param found the group of each line; any names */
export function grouping(truth: readonly string[], found: readonly (string | number)[]): Grouping {
  const sizes = countOf(truth);
  const groups = new Map<string | number, { first: string; pure: boolean; size: number }>();
  found.forEach((name, i) => {
    const event = truth[i] ?? '';
    const group = groups.get(name) ?? { first: event, pure: true, size: 0 };
    groups.set(name, { first: group.first, pure: group.pure && group.first === event, size: group.size + 1 });
  });
  const right = [...groups.values()].filter(({ first, pure, size }) => pure && size === sizes.get(first));
  const lines = right.reduce((sum, { size }) => sum + size, 0);
  return {
    accuracy: truth.length === 0 ? 0 : lines / truth.length,
    f1: (2 * right.length) / Math.max(1, groups.size + sizes.size),
    groups: groups.size,
  };
}

function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
