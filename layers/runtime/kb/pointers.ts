import * as z from 'zod';
import { Arn } from '../../core/arn.ts';
import { Incident, type IncidentId } from '../../core/incident.ts';
import { voiceOf } from '../../core/news.ts';
import type { Signal } from '../../core/signal.ts';
import type { Instant } from '../../core/units.ts';
import { all, read, scan, transact } from '../database.ts';
import { config } from '../env.ts';
import { remove } from '../writes.ts';
import { pointerKey } from './keys.ts';

const table = (): string => config().tables.control;

/** Says which incident a resource has: `OPEN#<resource>`, the one thing that dedupes. */
export const Pointer = Incident.pick({ incidentId: true, resource: true, openedAt: true }).extend({
  /** Set when its incident ended although the resource is not known to be well: the same trouble is not told again. */
  closedAt: z.string().optional(),
  /** When a signal was last noted on a kept pointer. */
  lastSignalAt: z.string().optional(),
  /** When the last alarm that was noted on it went to OK. */
  goodAt: z.string().optional(),
  /** Who has spoken since the resource was last known to be well (see core/news). */
  heard: z.array(z.string()).default([]),
  /** On a kept pointer: from when on anyone else who speaks opens an incident; absent where nobody does. */
  newsFrom: z.string().optional(),
  /** On a kept pointer: the fleet whose brake kept its incident from being healed. */
  brakedFleet: z.string().optional(),
  /** True where the resource has no incident of its own: it waits with the incident of its fleet's storm. */
  parked: z.boolean().optional(),
  /** On a parked pointer: what the resource depends on. */
  dependsOn: z.array(Arn).optional(),
});
export type Pointer = z.infer<typeof Pointer>;

/** True when a signal opens an incident although the last one's pointer is kept: a person's always does. */
export const isNews = ({ heard, newsFrom }: Pointer, signal: Signal, now: Instant): boolean =>
  signal.kind === 'operator' || (newsFrom !== undefined && now >= newsFrom && !heard.includes(voiceOf(signal)));

const isOpen = ({ closedAt }: Pointer): boolean => closedAt === undefined;

/** Which open incident a resource has. */
export async function pointer(arn: Arn): Promise<Pointer | undefined> {
  const found = await openOrKept(arn);
  return found && isOpen(found) ? found : undefined;
}

/** Which incident a resource has, or which was kept after it ended: then it has a `closedAt`. */
export const openOrKept = (arn: Arn): Promise<Pointer | undefined> => read(table(), pointerKey(arn), Pointer);

/** The pointers kept after their incidents ended. */
export async function keptPointers(): Promise<Pointer[]> {
  return (await all(scan(table(), 'OPEN#'), Pointer)).filter((pointer) => !isOpen(pointer));
}

/** Gives a resource free whose incident has ended: the next signal opens a new one. An open incident's stays. */
export async function removeKeptPointer(arn: Arn, incidentId: IncidentId): Promise<void> {
  const ended = { when: '#incidentId = :incidentId AND attribute_exists(#closedAt)', values: { incidentId } };
  await transact([remove('pointer', table(), pointerKey(arn), ended)]);
}
