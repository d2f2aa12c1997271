import * as z from 'zod';
import { IncidentId } from '../../core/incident.ts';
import { RecordedMutation } from '../../core/mutation.ts';
import { all, query, transact } from '../database.ts';
import { config } from '../env.ts';
import { put, remove } from '../writes.ts';
import type { Key } from '../writes.ts';

const table = (): string => config().tables.control;

/** A change that healed and must not stay: the watchdog undoes it when it is due, and at `atLatest` in any case. */
export const Revert = z.object({
  incidentId: IncidentId,
  attempt: z.number().int().positive(),
  action: z.string(),
  params: z.record(z.string(), z.unknown()),
  mutations: z.array(RecordedMutation),
  atLatest: z.string(),
});
export type Revert = z.infer<typeof Revert>;
export type RevertId = Pick<Revert, 'incidentId' | 'attempt' | 'action'>;

/** All under one partition: there are only as many as changes waiting to be reverted. */
const revertKey = ({ incidentId, attempt, action }: RevertId): Key => ({
  pk: 'REVERT',
  sk: `${incidentId}#${attempt}#${action}`,
});

/** Adding the same again changes nothing. It has no TTL: it leaves only when it was reverted. */
export async function addRevert(revert: Revert): Promise<void> {
  await transact([put('revert', table(), { ...revertKey(revert), ...Revert.parse(revert) })]);
}

export async function reverts(): Promise<Revert[]> {
  return all(query(table(), { where: '#pk = :pk', values: { pk: 'REVERT' } }), Revert);
}

export async function removeRevert(id: RevertId): Promise<void> {
  await transact([remove('revert', table(), revertKey(id))]);
}
