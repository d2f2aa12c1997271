import { expect, test } from 'vitest';
import { fold } from '../../../functions/decide/fold.ts';
import { wellAgain } from '../../../functions/decide/well-again.ts';
import { Incident } from '../../../layers/core/incident.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { at, CALLEE, evidenceOf, SERVICE, series, service, stop } from '../evidence.ts';

const id = (last: string) => `01JD3Q8Z3M7N5V6XK2B4C9D8E${last}`;
const incident = (last: string, resource: string, over: object = {}): Incident =>
  Incident.parse({
    incidentId: id(last),
    resource,
    fleet: 'f',
    mode: 'heal',
    status: 'open',
    severity: 'high',
    openedAt: at(0),
    onset: at(0),
    signalCount: 1,
    ...over,
  });
const mine = incident('F', SERVICE);
const its = incident('G', CALLEE);
const NOW = at(60);
const says = (fault: Fault, confidence: number) => ({
  hypotheses: [{ resource: SERVICE, fault, confidence, because: ['x'] }],
  severity: 'high' as const,
  onset: at(0),
  gaps: [],
});

test('a caller whose callee has an incident waits for it', () => {
  const folding = fold(mine, says('dependency-failure', 0.6), [CALLEE], [its], undefined, 0, NOW);

  expect(folding).toMatchObject({ kind: 'folded', into: { incidentId: its.incidentId } });
});

test('a caller in trouble does not wait for what is only foretold of its callee; a foretold one does', () => {
  const foretold = { ...its, predicted: true };
  const wait = (one: Incident) =>
    fold(one, says('dependency-failure', 0.6), [CALLEE], [foretold], undefined, 0, NOW).kind;

  expect(wait(mine)).toBe('expecting');
  expect(wait({ ...mine, predicted: true })).toBe('folded');
});

test.each([
  [60, 20],
  [1200, 60],
  [7200, 300],
])('a caller looks at a cause that is %s s old again after %s s', (age, again) => {
  const folding = fold(mine, says('dependency-failure', 0.6), [CALLEE], [its], undefined, 0, at(age));

  expect(folding).toMatchObject({ kind: 'folded', again });
});

test('a caller with a likely fault of its own is not folded', () => {
  expect(fold(mine, says('bad-deployment', 0.7), [CALLEE], [its], undefined, 0, NOW)).toEqual({ kind: 'own' });
});

test('a caller that alarms before its callee waits for the callee’s own alarm, with fresh evidence now and then', () => {
  const looks = Array.from(
    { length: 16 },
    (_, n) => fold(mine, says('dependency-failure', 0.6), [CALLEE], [], undefined, n, NOW).kind,
  );

  expect(looks.slice(0, 4)).toEqual(['expecting', 'expecting', 'look-again', 'expecting']);
  expect(looks.slice(13)).toEqual(['expecting', 'elsewhere', 'elsewhere']);
});

test('what might come from a callee is waited for less long, and is then its own', () => {
  expect(fold(mine, says('unknown', 1), [CALLEE], [], undefined, 4, NOW)).toMatchObject({ kind: 'expecting' });
  expect(fold(mine, says('unknown', 1), [CALLEE], [], undefined, 5, NOW)).toEqual({ kind: 'own' });
});

test('what calls nothing waits for nobody', () => {
  expect(fold(mine, says('unknown', 1), [], [], undefined, 0, NOW)).toEqual({ kind: 'own' });
});

test('a folded incident is looked at when its cause is closed', () => {
  const closed = incident('G', CALLEE, { status: 'closed' });

  expect(fold(mine, says('dependency-failure', 0.6), [CALLEE], [], closed, 3, NOW)).toMatchObject({ kind: 'unfolded' });
});

test('two that depend on each other do not both wait: the older one is the cause', () => {
  const older = incident('A', CALLEE, { foldedInto: mine.incidentId });
  const younger = incident('H', CALLEE, { foldedInto: mine.incidentId });

  expect(fold(mine, says('dependency-failure', 0.6), [CALLEE], [older], undefined, 9, NOW)).toMatchObject({
    kind: 'folded',
  });
  expect(fold(mine, says('dependency-failure', 0.6), [CALLEE], [younger], undefined, 9, NOW)).toEqual({ kind: 'own' });
});

const overSince = (seconds: number) =>
  evidenceOf({ series: [series({}, (time) => (time >= 0 && time < seconds ? 40 : 0))] });

test('what got well before anything was done is looked at instead of healed', () => {
  expect(wellAgain(overSince(60), DEFAULT_POLICY)).toContain('have been good');
  expect(wellAgain(overSince(280), DEFAULT_POLICY)).toBeUndefined();
});

test('what was never bad in its metrics is not called well again by them', () => {
  expect(wellAgain(evidenceOf({ series: [series({}, () => 0)] }), DEFAULT_POLICY)).toBeUndefined();
});

test.each([
  ['tasks that failed twice, for they come back', { stoppedTasks: [stop(10), stop(30)] }],
  ['missing tasks', { services: [service({ running: 1 })] }],
])('good metrics do not outweigh %s', (_name, over) => {
  expect(
    wellAgain({ ...overSince(60), ...evidenceOf({ ...over, series: overSince(60).series }) }, DEFAULT_POLICY),
  ).toBeUndefined();
});
