import { shortName } from '../layers/core/arn.ts';
import { addSeconds, hours } from '../layers/core/units.ts';
import type { Incident } from '../layers/core/incident.ts';
import * as kb from '../layers/runtime/kb/index.ts';
import { Account } from './run/account.ts';
import { endingOf } from './run/episode.ts';
import { Invariants, type Violation } from './run/invariants.ts';
import { counted } from './run/summary.ts';
import { BUSY_TEAM } from './world/model/people.ts';
import { shops } from './world/spec.ts';

/** What a healthy time came to: nothing was wrong at any moment of it. */
export interface Healthy {
  readonly days: number;
  /** Innocent changes of people and pipelines, by operation. */
  readonly innocent: Readonly<Record<string, number>>;
  /** What opened and joined its incidents, by kind: alarms, and what watching told of. */
  readonly signals: Readonly<Record<string, number>>;
  readonly incidents: readonly {
    readonly at: string;
    readonly on: string;
    readonly ending: string;
    readonly why: string;
  }[];
  /** Prunella's changes: each is a mistake. */
  readonly actions: readonly string[];
  readonly violations: readonly Violation[];
}

/** A Monday. */
const START = '2026-03-02T00:00:00.000Z';
/** Seven resources are read every ten to thirty minutes for it; the default would read them every two to five, and take hours. */
const WATCH = { dollarsPerMonth: 1.2 };
/** The bound to what is read back at the end. */
const MOST_INCIDENTS = 10_000;

/** Days without a fault: customers come and go by the hour, a busy team deploys, writes parameters and scales. All is watched. */
export async function healthy(seed: number, count: number, onDay?: (day: number) => void): Promise<Healthy> {
  const account = await Account.open({
    seed,
    start: START,
    fleet: shops(),
    world: { people: BUSY_TEAM },
    watch: WATCH,
  });
  const invariants = new Invariants(account);
  for (let day = 1; day <= count; day += 1) {
    await account.run(hours(24));
    await invariants.look();
    onDay?.(day);
  }
  const changes = account.world.changes().filter(({ at }) => at >= Date.parse(START));
  const all = await account.within(() => kb.incidents.listRecent(MOST_INCIDENTS));
  const signals = await account.within(() =>
    Promise.all(all.map(({ incidentId }) => kb.incidents.signals(incidentId))),
  );
  return {
    days: count,
    innocent: counted(changes.filter(({ incidentId }) => incidentId === undefined).map(({ operation }) => operation)),
    signals: counted(signals.flat().map(({ kind }) => kind)),
    incidents: all.toReversed().map(lineOf),
    actions: changes.flatMap(({ incidentId, at, operation, resource }) =>
      incidentId === undefined
        ? []
        : [`${new Date(at).toISOString()} ${operation} ${shortName(resource)}, incident ${incidentId}`],
    ),
    violations: invariants.violations,
  };
}

const lineOf = (incident: Incident): Healthy['incidents'][number] => ({
  at: incident.openedAt,
  on: shortName(incident.resource),
  ending: endingOf(incident),
  why: incident.ending?.why ?? `since ${incident.openedAt}`,
});

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ') || 'none';

export function report({ days: count, innocent, signals, incidents, actions, violations }: Healthy): string {
  const endings = counted(incidents.map(({ ending }) => ending));
  return [
    `${count} healthy days from ${START} to ${addSeconds(START, hours(24 * count))}`,
    `innocent changes: ${listed(innocent)}`,
    `signals: ${listed(signals)}`,
    `incidents opened: ${incidents.length}`,
    ...Object.entries(endings).map(([ending, n]) => `  ${String(n).padStart(5)}  ${ending}`),
    ...incidents.map(({ at, on, ending, why }) => `  ${at} ${on}: ${ending}: ${why}`),
    `actions: ${actions.length}`,
    ...actions.map((action) => `  ${action}`),
    `broken invariants: ${violations.length}`,
    ...violations.map(({ invariant, what }) => `  ${invariant}: ${what}`),
  ].join('\n');
}
