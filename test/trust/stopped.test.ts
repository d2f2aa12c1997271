import { expect, test } from 'vitest';
import type { Instant } from '../../layers/core/units.ts';
import { CLEAN, UNHELPED, type CleanIncident } from '../../simulator/run/own/incidents.ts';
import { trial } from '../../simulator/run/own/trial.ts';

interface Stop {
  readonly incident: CleanIncident;
  readonly state: string;
  readonly execution: string;
  readonly at: Instant;
}

/** A little after the entry: the state's function is at work. Until then the run goes as the clean one. */
const LATER = 30;

/** Every state that takes time, once, and those in which something is changed in every incident. */
async function stops(): Promise<Stop[]> {
  const seen = new Set<string>();
  const found: Stop[] = [];
  for (const incident of [...UNHELPED, ...CLEAN]) {
    const { account } = await trial(incident);
    for (const execution of account.machine.names)
      for (const { type, state, at } of account.machine.history(execution)) {
        if (!state || (type !== 'TaskStateEntered' && type !== 'WaitStateEntered')) continue;
        const key = CHANGING.includes(state) ? `${incident.name} ${state}` : state;
        if (seen.has(key)) continue;
        seen.add(key);
        found.push({ incident, state, execution, at: new Date(Date.parse(at) + LATER).toISOString() });
      }
  }
  return found;
}
const CHANGING = ['Recover', 'Settle', 'Rollback'];
const TAKE_TIME = [
  ...['Detect', 'LookAgain', 'Gather', 'Diagnose', 'Decide', 'WaitAgain', 'AwaitApproval', 'Recover', 'Settle'],
  ...['Verify', 'Rollback', 'SettleUndo', 'VerifyUndo', 'Learn', 'Escalate', 'Close'],
];

test('stopped in whatever state, an incident is brought to its end by reconcile', { timeout: 180_000 }, async () => {
  const all = await stops();

  const broken: string[] = [];
  for (const { incident, state, execution, at } of all) {
    const { account, violations, ending } = await trial(incident, {
      onEntry: ({ clock, machine }) => void clock.at(at, () => machine.stop(execution)),
    });
    const { status } = account.machine.describe(execution)!;
    if (status !== 'ABORTED') broken.push(`${state}, ${incident.name}: it is ${status}`);
    for (const { invariant, what } of violations)
      broken.push(`${state}, ${incident.name} (${ending}): ${invariant}: ${what}`);
  }

  expect(new Set(all.map(({ state }) => state))).toEqual(new Set(TAKE_TIME));
  expect(broken).toEqual([]);
});
