import * as z from 'zod';
import { Arn } from '../../core/arn.ts';
import type { Instant } from '../../core/units.ts';
import { all, read, scan, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put, remove } from '../writes.ts';
import type { Key } from '../writes.ts';
import { KEEP_DAYS } from './keys.ts';

const table = (): string => config().tables.control;

export type LeverName = 'healing' | 'chaos';
/** `engaged` means stopped. */
export const LeverState = z.enum(['engaged', 'disengaged']);
export type LeverState = z.infer<typeof LeverState>;

export const leverKey = (name: LeverName): Key => ({ pk: `LEVER#${name}`, sk: 'LEVER' });
export const freezeKey = (arn: Arn): Key => ({ pk: `FREEZE#${arn}`, sk: 'FREEZE' });

/** A missing record means engaged. Strongly consistent. */
export async function lever(name: LeverName): Promise<LeverState> {
  const record = await read(table(), leverKey(name), z.object({ state: LeverState }));
  return record?.state ?? 'engaged';
}

/** @param by who moved it: an ARN or a name a person knows */
export async function setLever(name: LeverName, state: LeverState, by: string, now: Instant): Promise<void> {
  await transact([put('lever', table(), { ...leverKey(name), name, state: LeverState.parse(state), by, at: now })]);
}

/** A resource nobody but a person may touch, because an undo on it failed. */
export const Freeze = z.object({ arn: Arn, why: z.string(), incidentId: z.string(), at: z.string() });
export type Freeze = z.infer<typeof Freeze>;

/** The first reason stays: freezing again changes nothing. */
export async function freeze(arn: Arn, why: string, incidentId: string, now: Instant): Promise<void> {
  await transact([put('freeze', table(), { ...freezeKey(arn), arn, why, incidentId, at: now }, ABSENT)]);
}

export async function frozen(arn: Arn): Promise<Freeze | undefined> {
  return read(table(), freezeKey(arn), Freeze);
}

/** All that is frozen now; records of lifted ones lie beside them. */
export async function freezes(): Promise<Freeze[]> {
  const records = await all(scan(table(), 'FREEZE#'), Freeze.extend({ sk: z.string() }));
  return records.filter(({ sk }) => sk === 'FREEZE').map(({ sk: _, ...freeze }) => freeze);
}

/** Gives a resource free again, and keeps who did. @returns false when it was not frozen */
export async function unfreeze(arn: Arn, by: string, now: Instant): Promise<boolean> {
  const freeze = await frozen(arn);
  if (!freeze) return false;
  const lifted = {
    pk: freezeKey(arn).pk,
    sk: `LIFTED#${now}`,
    ...freeze,
    by,
    liftedAt: now,
    ttl: ttl(now, KEEP_DAYS.incident),
  };
  const same = { when: '#at = :at', values: { at: freeze.at } };
  const done = await transact([remove('freeze', table(), freezeKey(arn), same), put('lifted', table(), lifted)]);
  return done.ok;
}
