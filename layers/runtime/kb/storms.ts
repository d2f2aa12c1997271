import * as z from 'zod';
import { Incident, IncidentId } from '../../core/incident.ts';
import type { Resource } from '../../core/inventory.ts';
import type { Policy } from '../../core/policy.ts';
import type { Signal } from '../../core/signal.ts';
import { addSeconds, minutes, type Instant, type Seconds } from '../../core/units.ts';
import { all, parseItem, read, readMany, retrying, scan, transact } from '../database.ts';
import { config } from '../env.ts';
import { setting, update } from '../writes.ts';
import type { Key, Write } from '../writes.ts';
import { hasDependents } from './topology.ts';
import { metaKey } from './keys.ts';

const table = (): string => config().tables.control;
const stormKey = (fleet: string): Key => ({ pk: `STORM#${fleet}`, sk: 'STORM' });

/** More trouble in one fleet at once than is worth an incident each. */
export const Storm = z.object({
  /** The incident that signals of further resources are kept with. */
  incidentId: IncidentId,
  since: z.string(),
  /** Incidents opened during the storm, for resources that others depend on. */
  causes: z.number().int().default(0),
});
export type Storm = z.infer<typeof Storm>;

/** A fleet's latest openings and its storm: `STORM#<fleet>`. Whoever opens an incident writes it in the same transaction. */
export const FleetWatch = z.object({
  fleet: z.string(),
  /** One higher with each write that reads before it writes. */
  version: z.number().int().default(0),
  recent: z.array(z.object({ incidentId: IncidentId, openedAt: z.string() })).default([]),
  /** How many are in `recent`. */
  count: z.number().int().default(0),
  storm: Storm.optional(),
  /** True when pointers may be kept that the fleet's brake counts: without it nobody need look for them. */
  holds: z.boolean().optional(),
  /** Which incident told the operators of the fleet's storm, and when. */
  toldBy: IncidentId.optional(),
  toldAt: z.string().optional(),
});
export type FleetWatch = z.infer<typeof FleetWatch>;

/** In a storm, so many incidents are still opened for resources that others depend on: the cause may be among them. */
const MOST_CAUSES = 20;
/** What was told so recently stands for the whole storm. */
const STANDS: Seconds = minutes(30);

/** `open`: its transaction holds `counted`, and is tried again when that fails. `park`: with the storm's incident. */
export type Admission =
  { readonly kind: 'open'; readonly counted: readonly Write[] } | { readonly kind: 'park'; readonly storm: Storm };

/**
 * Whether a signal may open an incident of its own. While no more than `brakeIncidents` causes of a fleet opened within
 * `brakeWindow` it may; the one after them engages the brake, and begins a storm: from then on further resources of
 * the fleet are parked with it. A person's signal, and up to 20 resources that others depend on, still open their own.
 */
export async function admit(
  incidentId: IncidentId,
  signal: Signal,
  { arn, fleet }: Pick<Resource, 'arn' | 'fleet'>,
  now: Instant,
): Promise<Admission> {
  if (signal.kind === 'operator') return { kind: 'open', counted: [] };
  const { policy } = config();
  const watch = await read(table(), stormKey(fleet), FleetWatch);
  const storm = watch?.storm;
  if (storm) {
    if (storm.causes >= MOST_CAUSES || !(await hasDependents(arn))) return { kind: 'park', storm };
    return rewriting(watch, { storm: { ...storm, causes: storm.causes + 1 } });
  }
  const opening = { incidentId, openedAt: now };
  if (!watch || watch.recent.length < policy.brakeIncidents) return appending(fleet, opening, policy.brakeIncidents);
  const recent = [...(await causesOf(watch.recent, policy, now)), opening];
  const begins = recent.length > policy.brakeIncidents;
  return rewriting(watch, { recent, ...(begins ? { storm: { incidentId, since: now, causes: 0 }, holds: true } : {}) });
}

/** As long as there is room it matters to nobody who else opens one at the same time. */
function appending(fleet: string, opening: FleetWatch['recent'][number], limit: number): Admission {
  const change =
    'SET #fleet = :fleet, #recent = list_append(if_not_exists(#recent, :none), :opening) ADD #version :one, #count :one';
  const room = {
    when: 'attribute_not_exists(#storm) AND (attribute_not_exists(#count) OR #count < :limit)',
    values: { fleet, none: [], opening: [opening], one: 1, limit },
  };
  return { kind: 'open', counted: [update('fleet', table(), stormKey(fleet), change, room)] };
}

function rewriting(
  { fleet, version }: FleetWatch,
  changes: Partial<Pick<FleetWatch, 'recent' | 'storm' | 'holds'>>,
): Admission {
  const count = changes.recent?.length;
  const { change, values } = setting({ ...changes, count, version: version + 1 });
  const unchanged = { when: '#version = :seen', values: { ...values, seen: version } };
  return { kind: 'open', counted: [update('fleet', table(), stormKey(fleet), change, unchanged)] };
}

/** Those that the brake would count: opened within its window, open and not folded, or ended by the brake. */
async function causesOf(
  recent: FleetWatch['recent'],
  { brakeWindow }: Policy,
  now: Instant,
): Promise<FleetWatch['recent']> {
  const from = addSeconds(now, -brakeWindow);
  const within = recent.filter(({ openedAt }) => openedAt > from);
  const keys = within.map(({ incidentId }) => metaKey(incidentId));
  const found = (await readMany(config().tables.incidents, keys)).map((item) => parseItem(Incident, item));
  const causes = new Set(found.filter(isCause).map(({ incidentId }) => incidentId));
  return within.filter(({ incidentId }) => causes.has(incidentId));
}

const isCause = ({ status, foldedInto, ending }: Incident): boolean =>
  status === 'closed' ? ending?.kind === 'escalated' && ending.because === 'brake' : foldedInto === undefined;

/** All fleets whose signals are parked at present. */
export async function storms(): Promise<(Storm & Pick<FleetWatch, 'fleet' | 'toldAt'>)[]> {
  const watched = await all(scan(table(), 'STORM#'), FleetWatch);
  return watched.flatMap(({ fleet, storm, toldAt }) => (storm ? [{ ...storm, fleet, toldAt }] : []));
}

/**
 * The right to tell the operators of a fleet's storm: one incident has it, again when it asks again (telling may have
 * failed). A brake that engaged without a storm, by the share of its fleet in trouble, begins one here.
 * @returns false when another incident tells, or told within half an hour
 */
export async function claimTelling(fleet: string, incidentId: IncidentId, now: Instant): Promise<boolean> {
  await begin(fleet, incidentId, now);
  const { change, values } = setting({ toldBy: incidentId, toldAt: now });
  const free = {
    when: 'attribute_not_exists(#toldAt) OR #toldAt <= :before OR #toldBy = :toldBy',
    values: { ...values, before: addSeconds(now, -STANDS) },
  };
  return (await transact([update('told', table(), stormKey(fleet), change, free)])).ok;
}

async function begin(fleet: string, incidentId: IncidentId, now: Instant): Promise<void> {
  const storm: Storm = { incidentId, since: now, causes: 0 };
  const change = 'SET #fleet = :fleet, #storm = :storm, #holds = :true ADD #version :one';
  const none = { when: 'attribute_not_exists(#storm)', values: { fleet, storm, true: true, one: 1 } };
  await transact([update('storm', table(), stormKey(fleet), change, none)]);
}

/** To be written with a pointer that is kept because of the fleet's brake. */
export const holding = (fleet: string): Write =>
  update('fleet', table(), stormKey(fleet), 'SET #fleet = :fleet, #holds = :true ADD #version :one', {
    when: 'attribute_exists(#pk) OR attribute_not_exists(#pk)', // whatever stands there
    values: { fleet, true: true, one: 1 },
  });

/** Whether pointers may be kept that the fleet's brake counts. */
export async function mayHold(fleet: string): Promise<boolean> {
  return (await read(table(), stormKey(fleet), FleetWatch))?.holds ?? false;
}

/** Fleets for which pointers may be kept, as they stand: to be given to `holdsNothing` when none is found. */
export async function fleetsHolding(): Promise<Pick<FleetWatch, 'fleet' | 'version'>[]> {
  return (await all(scan(table(), 'STORM#'), FleetWatch)).filter(({ holds, storm }) => holds === true && !storm);
}

/** No pointer was found after the fleet was read: true unless one was kept, or a storm began, since. */
export async function holdsNothing({ fleet, version }: Pick<FleetWatch, 'fleet' | 'version'>): Promise<boolean> {
  const same = { when: '#version = :seen AND attribute_not_exists(#storm)', values: { seen: version, one: 1 } };
  return (await transact([update('fleet', table(), stormKey(fleet), 'REMOVE #holds ADD #version :one', same)])).ok;
}

/** From now on a signal of the fleet opens an incident again. What is parked stays so until it is taken up. */
export async function endStorm(fleet: string, incidentId: IncidentId): Promise<boolean> {
  return retrying(`end the storm of ${fleet}`, async () => {
    const watch = await read(table(), stormKey(fleet), FleetWatch);
    if (watch?.storm?.incidentId !== incidentId) return false;
    const change = 'REMOVE #storm ADD #version :one';
    const same = { when: '#version = :seen', values: { seen: watch.version, one: 1 } };
    return (await transact([update('storm', table(), stormKey(fleet), change, same)])).ok ? true : undefined;
  });
}
