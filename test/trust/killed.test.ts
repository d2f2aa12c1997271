import { describe, expect, test } from 'vitest';
import { actions } from '../../functions/recover/actions.generated.ts';
import { CLEAN, UNHELPED, type CleanIncident } from '../../simulator/run/own/incidents.ts';
import { killing, MOMENTS, stoppingUnder, type Moment, type Victim } from '../../simulator/run/own/kills.ts';
import { trial, type Trial } from '../../simulator/run/own/trial.ts';

const tried = (action: string, among: readonly CleanIncident[]): readonly CleanIncident[] =>
  among.filter(({ tries, approves }) => tries.includes(action) && !approves);

/** The calls of a state that change what is healed, each once. */
const changes = ({ mutating, pairs }: Trial, state: string): readonly (readonly [pair: string, nth: number])[] =>
  [...mutating]
    .filter((pair) => pair.startsWith(`${state} `))
    .flatMap((pair) => Array.from({ length: pairs.get(pair) ?? 0 }, (_, n) => [pair, n + 1] as const));

interface Kill {
  readonly incident: CleanIncident;
  readonly call: readonly [pair: string, nth: number];
  readonly moment: Moment;
  readonly victim: Victim;
}

/** Around every change of the incident that it heals, and around every undo of the one where it does not. */
async function killsOf(action: string): Promise<Kill[]> {
  const kills: Kill[] = [];
  const [helped] = tried(action, CLEAN);
  const cases = [
    ...(helped ? [{ incident: helped, state: 'Recover', victims: ['function', 'both'] as const }] : []),
    ...tried(action, [...UNHELPED, ...CLEAN]).map((incident) => {
      return { incident, state: 'Rollback', victims: ['both'] as const };
    }),
  ];
  for (const { incident, state, victims } of cases)
    for (const call of changes(await trial(incident), state))
      for (const moment of MOMENTS) for (const victim of victims) kills.push({ incident, call, moment, victim });
  return kills;
}

const brokenIn = ({ violations, ending, incident }: Trial, what: string): string[] =>
  violations.map((one) => `${what}, ${incident} (${ending}): ${one.invariant}: ${one.what}`);

/** Whether an action has an inverse, and is then shown being undone. */
const isUndone = (action: string): boolean =>
  (actions as Readonly<Record<string, { undo?: unknown }>>)[action]?.undo !== undefined;

describe.each(Object.keys(actions))('%s', (action) => {
  test('killed at any instant, it is finished, adopted or undone', { timeout: 120_000 }, async () => {
    const kills = await killsOf(action);

    const broken: string[] = [];
    for (const { incident, call, moment, victim } of kills) {
      const kill = killing(...call, moment, victim);
      const what = `${victim} killed ${moment} ${call.join(' #')}`;
      broken.push(...brokenIn(await trial(incident, { interfere: kill.interfere }), what));
      if (!kill.done()) broken.push(`${what}: it did not come to it`);
    }

    const states = new Set(kills.map(({ call: [pair] }) => pair.split(' ')[0]));
    expect([...states].sort()).toEqual(isUndone(action) ? ['Recover', 'Rollback'] : ['Recover']);
    expect(broken).toEqual([]);
  });

  test('reconcile waits for a function whose execution was stopped', { timeout: 60_000 }, async () => {
    const [incident] = tried(action, CLEAN);
    const [first] = changes(await trial(incident!), 'Recover');
    const stop = stoppingUnder(...first!);

    const stopped = await trial(incident!, { interfere: stop.interfere });

    const [ended] = stopped.all.filter(({ attempts }) => attempts.length > 0);
    expect(stop.done()).toBe(true);
    expect(brokenIn(stopped, 'stopped')).toEqual([]);
    expect(Date.parse(ended?.incident.closedAt ?? '')).toBeGreaterThan(stop.effectAt());
  });
});
