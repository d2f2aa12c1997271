import { expect, test } from 'vitest';
import { minutes, type Seconds } from '../../layers/core/units.ts';
import type { FunctionName } from '../../infra/functions.ts';
import { incidentNamed } from '../../simulator/run/own/incidents.ts';
import { trial, type Interference, type Trial } from '../../simulator/run/own/trial.ts';
import { SMOOTH, type BusEvent } from '../../simulator/run/delivery.ts';

const INCIDENTS = [
  'a bad deployment is rolled back',
  'a bad parameter is restored',
  'a bad task is stopped',
  'what does not help is undone',
];
const broken = ({ violations, incident, ending }: Trial) =>
  violations.map(({ invariant, what }) => `${incident} (${ending}): ${invariant}: ${what}`);
const changesOf = ({ account }: Trial) => account.world.changes().filter(({ incidentId }) => incidentId !== undefined);

test.each(INCIDENTS)('events that all come twice, and out of order, are taken once: %s', async (name) => {
  const clean = await trial(incidentNamed(name));

  const disturbed = await trial(incidentNamed(name), { travel: { seconds: 40, lost: 0, twice: 1 } });

  expect(broken(disturbed)).toEqual([]);
  expect(disturbed.account.delivery.dead).toEqual([]);
  expect(changesOf(disturbed).length).toBeLessThanOrEqual(changesOf(clean).length);
});

test.each(INCIDENTS)('every function may be run with the same event again, a minute later: %s', async (name) => {
  const seen = new Set<string>();
  const again: Interference = ({ account, from }) => {
    const event = JSON.stringify([from.functionName, from.payload]);
    if (from.functionName === 'Reconcile' || from.functionName === 'Discover' || seen.has(event)) return undefined;
    seen.add(event);
    account.clock.after(minutes(1), () => account.invoke(from.functionName, from.payload).catch(() => undefined));
    return undefined;
  };

  const disturbed = await trial(incidentNamed(name), { interfere: again });

  expect(seen.size).toBeGreaterThan(5);
  expect(broken(disturbed)).toEqual([]);
});

const SKEWS: Readonly<Record<string, (name: FunctionName) => Seconds>> = {
  'all are four minutes fast': () => minutes(4),
  'all are four minutes slow': () => -minutes(4),
  'reconcile is fast, the steps are slow': (name) => (name === 'Reconcile' ? minutes(4) : -minutes(4)),
  'reconcile is slow, the steps are fast': (name) => (name === 'Reconcile' ? -minutes(4) : minutes(4)),
  'recover is slow, rollback and verify are fast': (name) => (name === 'Recover' ? -minutes(4) : minutes(4)),
};

test.each(Object.entries(SKEWS))('clocks may be wrong by minutes: %s', async (_how, skew) => {
  const disturbed: Trial[] = [];
  for (const name of INCIDENTS) disturbed.push(await trial(incidentNamed(name), { skew }));

  expect(disturbed.flatMap(broken)).toEqual([]);
});

test('events that are a day old open nothing and change nothing', async () => {
  const DAY = 24 * 3600 * 1000;
  const events: BusEvent[] = [];
  await trial(incidentNamed('a bad deployment is rolled back'), {
    travel: { ...SMOOTH, loses: (event) => (events.push(event), false) },
  });
  const old = events.map((event) => aged(event, DAY));
  const nothing = { ...incidentNamed('a bad deployment is rolled back'), enter: () => undefined };

  const { account, all } = await trial(nothing, { onEntry: ({ delivery }) => old.forEach((one) => delivery.put(one)) });

  expect(events.some(({ source }) => source === 'aws.ecs')).toBe(true);
  expect(all).toEqual([]);
  expect(account.world.changes().filter(({ incidentId }) => incidentId !== undefined)).toEqual([]);
  expect(account.delivery.dead).toEqual([]);
});

/** The same, as it would have been so long before: every instant in it, and another id. */
function aged(event: BusEvent, by: number): BusEvent {
  const text = JSON.stringify({ ...event, id: `old-${String(event['id'])}` });
  const instants = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+0000)/g;
  return JSON.parse(
    text.replace(instants, (instant) => new Date(Date.parse(instant.replace('+0000', 'Z')) - by).toISOString()),
  ) as BusEvent;
}
