import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addToSessions, type OpenSession, type SessionLine } from '../../layers/core/log-session.ts';

const limits = { idle: 10, events: 4 };
type Line = readonly [at: number, key: string, template: number];

function read(lines: readonly Line[], until = 0, looks = lines.length) {
  let open: readonly OpenSession[] = [];
  const over: number[][] = [];
  const size = Math.max(1, Math.ceil(lines.length / Math.max(1, looks)));
  for (let from = 0; from < Math.max(1, lines.length); from += size) {
    const part = lines.slice(from, from + size).map(([at, key, event]): SessionLine => ({ at, key, event }));
    const step = addToSessions(open, part, from + size >= lines.length ? until : 0, limits);
    open = step.open;
    over.push(...step.ended.map(({ events }) => [...events]));
  }
  return { open, over };
}

test('lines of two sessions that run side by side are told apart, and a session ends when it was idle', () => {
  const { over } = read([
    [0, 'a', 1],
    [1, 'b', 7],
    [2, 'a', 2],
    [13, 'c', 9],
  ]);

  expect(over).toEqual([[7], [1, 2]]);
});

test('a session is over when it was idle until the end of a look, or says so itself', () => {
  const [said, ends] = [
    { at: 3, key: 'a', event: 1 },
    { at: 4, key: 'b', event: 2, ends: true },
  ];

  expect(addToSessions([], [said, ends], 5, limits)).toEqual({
    open: [{ key: 'a', first: 3, last: 3, events: [1] }],
    ended: [{ first: 4, last: 4, events: [2] }],
  });
  expect(addToSessions([], [said], 14, limits).ended).toEqual([{ first: 3, last: 3, events: [1] }]);
});

test('an id that comes back after its session ended begins another', () => {
  const { over, open } = read([
    [0, 'a', 1],
    [20, 'a', 2],
  ]);

  expect(over).toEqual([[1]]);
  expect(open).toEqual([{ key: 'a', first: 20, last: 20, events: [2] }]);
});

test('of a long session only its beginning is kept', () => {
  const { open } = read(Array.from({ length: 9 }, (_, n) => [n, 'a', n] as const));

  expect(open[0]!.events).toEqual([0, 1, 2, 3]);
});

const line = fc.tuple(
  fc.oneof(fc.double(), fc.nat(100)),
  fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  fc.nat(9),
) as fc.Arbitrary<Line>;

test('no session is lost or told twice, whatever the times', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const { open, over } = read(lines);
      const told = [...over, ...open.map(({ events }) => events)];

      expect(new Set(open.map(({ key }) => key)).size).toBe(open.length);
      expect(open.every(({ first, last }) => Number.isFinite(first) && first <= last)).toBe(true);
      expect(told.every((events) => events.length > 0 && events.length <= limits.events)).toBe(true);
      expect(told.flat().length).toBeLessThanOrEqual(lines.length);
    }),
  );
});

test('it does not matter how lines are divided among looks', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.integer({ min: 1, max: 40 }), (lines, looks) => {
      expect(read(lines, 1e6, looks)).toEqual(read(lines, 1e6, 1));
    }),
  );
});
