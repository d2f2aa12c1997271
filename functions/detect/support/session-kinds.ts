/**
 * What sessions did, as text that counts can be kept under: which templates came how often (`2x3 5x1`), and which followed
 * which (`2>5`).
 */
export type Kind = ReadonlyMap<number, number>;

/** How often each template came; more often than `upTo` is not told apart. */
export function kindOf(events: readonly number[], upTo = Number.POSITIVE_INFINITY): Kind {
  const counts = new Map<number, number>();
  for (const event of events) counts.set(event, Math.min(upTo, (counts.get(event) ?? 0) + 1));
  return counts;
}

export const nameOfKind = (kind: Kind): string =>
  [...kind]
    .sort(([a], [b]) => a - b)
    .map(([event, count]) => `${event}x${count}`)
    .join(' ');

export const kindNamed = (name: string): Kind =>
  new Map(
    name.split(' ').flatMap((part): [number, number][] => {
      const [event, count] = part.split('x').map(Number);
      return event === undefined || count === undefined ? [] : [[event, count]];
    }),
  );

/** The same kind, its templates being others by now: some of them may have become one. */
export function renamedKind(kind: Kind, rename: (template: number) => number, upTo = Number.POSITIVE_INFINITY): Kind {
  const counts = new Map<number, number>();
  for (const [event, count] of kind) {
    const now = rename(event);
    counts.set(now, Math.min(upTo, (counts.get(now) ?? 0) + count));
  }
  return counts;
}

const [START, END] = ['start', 'end'];

/** Each step that a session took from one template to the next, once; from its start, and to its end. */
export function transitionsOf(events: readonly number[]): string[] {
  const path = [START, ...events, END];
  return [...new Set(path.slice(1).map((event, i) => `${path[i]}>${event}`))];
}

/** The two templates of a transition; undefined for the start and the end of a session. */
export function stepOf(transition: string): readonly [from: number | undefined, to: number | undefined] {
  const [from = START, to = END] = transition.split('>');
  return [from === START ? undefined : Number(from), to === END ? undefined : Number(to)];
}

export const renamedTransition = (transition: string, rename: (template: number) => number): string => {
  const [from, to] = stepOf(transition);
  return `${from === undefined ? START : rename(from)}>${to === undefined ? END : rename(to)}`;
};
