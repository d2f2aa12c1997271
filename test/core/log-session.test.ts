import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addToSessions, noSessions, type SessionLimits } from '../../layers/core/log-session.ts';

const limits: SessionLimits = { idle: 10, sessions: 3, events: 4 };

function read(lines: readonly (readonly [at: number, key: string, template: number])[]) {
  let state = noSessions;
  const over: number[][] = [];
  for (const [at, key, template] of lines) {
    const step = addToSessions(state, { at, key, template }, limits);
    state = step.state;
    over.push(...step.ended.map(({ events }) => [...events]));
  }
  return { state, over };
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

test('an id that comes back after its session ended begins another', () => {
  const { over, state } = read([
    [0, 'a', 1],
    [20, 'a', 2],
  ]);

  expect(over).toEqual([[1]]);
  expect(state.open).toEqual([{ key: 'a', last: 20, events: [2] }]);
});

test('what is held is bounded and no session is lost or told twice, whatever the times', () => {
  const line = fc.tuple(fc.oneof(fc.double(), fc.nat(100)), fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(9));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const { state, over } = read(lines);
      const told = [...over, ...state.open.map(({ events }) => events)];

      expect(state.open.length).toBeLessThanOrEqual(limits.sessions);
      expect(told.every((events) => events.length > 0 && events.length <= limits.events)).toBe(true);
      expect(told.flat().length).toBeLessThanOrEqual(lines.length);
    }),
  );
});
