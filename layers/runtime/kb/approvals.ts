import * as z from 'zod';
import { IncidentId } from '../../core/incident.ts';
import { Mutation } from '../../core/mutation.ts';
import type { Instant } from '../../core/units.ts';
import { all, parseItem, query, read, retrying, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { runtime } from '../runtime.ts';
import { ABSENT, put, setting, update } from '../writes.ts';
import type { Key } from '../writes.ts';
import { KEEP_DAYS, padded } from './keys.ts';

const table = (): string => config().tables.control;

/** A question to a person, and the answer once there is one. */
export const Approval = z.object({
  approvalId: z.string(),
  incidentId: IncidentId,
  attempt: z.number().int(),
  /** What was asked: the answer holds for this plan and this intent only. */
  planHash: z.string(),
  intent: z.array(Mutation),
  /** Step Functions' task token. */
  token: z.string(),
  expiresAt: z.string(),
  approver: z.string().optional(),
  approved: z.boolean().optional(),
  answeredAt: z.string().optional(),
});
export type Approval = z.infer<typeof Approval>;

export type Question = Pick<Approval, 'incidentId' | 'attempt' | 'planHash' | 'token' | 'expiresAt'> & {
  readonly intent: readonly Mutation[];
};

const approvalKey = (incidentId: string, attempt: number): Key => ({
  pk: `APPROVAL#${incidentId}`,
  sk: padded(attempt),
});

/**
 * Writes the question down. Asked again for the same plan (a retried task has a new token), it keeps its id and takes
 * the new token; for another plan, or after an answer, it is a new question with a new id.
 * @returns the approval's id: nobody can guess it
 */
export async function ask(question: Question): Promise<string> {
  const key = approvalKey(question.incidentId, question.attempt);
  return retrying(`ask about ${question.incidentId}`, async () => {
    const stored = await read(table(), key, Approval);
    if (stored?.token === question.token) return stored.approvalId;
    const again = stored?.answeredAt === undefined && stored?.planHash === question.planHash;
    const approvalId = again ? stored.approvalId : `${question.incidentId}-${question.attempt}-${runtime().uuid()}`;
    const item = { ...key, ...question, approvalId, ttl: ttl(question.expiresAt, KEEP_DAYS.control) };
    // An answer that comes meanwhile is never written over.
    const answered = stored?.answeredAt === undefined ? ' AND attribute_not_exists(#answeredAt)' : '';
    const unchanged = { when: `#token = :seen${answered}`, values: { seen: stored?.token } };
    const done = await transact([put('approval', table(), item, stored ? unchanged : ABSENT)]);
    return done.ok ? approvalId : undefined;
  });
}

export async function approval(incidentId: IncidentId, attempt: number): Promise<Approval | undefined> {
  return read(table(), approvalKey(incidentId, attempt), Approval);
}

export interface Answer {
  /** Which question, of `incidentId` where that is given, too; the last one of `incidentId` when it is left out. */
  readonly approvalId?: string;
  readonly incidentId?: IncidentId;
  readonly approver: string;
  readonly approve: boolean;
  readonly now: Instant;
}

export type Answered =
  | ({ readonly accepted: true } & Approval)
  /** `answered`: `approval` holds who answered what, so that an answer that got lost can be sent on again. */
  | { readonly accepted: false; readonly why: 'answered' | 'late'; readonly approval: Approval }
  | { readonly accepted: false; readonly why: 'unknown' };

/** Takes one answer, in time, once. */
export async function answer(given: Answer): Promise<Answered> {
  const { approver, approve, now } = given;
  const asked = await find(given);
  if (!asked) return { accepted: false, why: 'unknown' };
  const { change, values } = setting({ approver, approved: approve, answeredAt: now });
  const inTime = {
    when: '#approvalId = :approvalId AND attribute_not_exists(#answeredAt) AND #expiresAt > :answeredAt',
    values: { ...values, approvalId: asked.approvalId },
  };
  const done = await transact([
    update('approval', table(), approvalKey(asked.incidentId, asked.attempt), change, inTime),
  ]);
  if (done.ok) return { accepted: true, ...asked, approver, approved: approve, answeredAt: now };
  const item = done.failed.get('approval');
  const found = item && parseItem(Approval, item);
  if (!found || found.approvalId !== asked.approvalId) return { accepted: false, why: 'unknown' };
  return { accepted: false, why: found.answeredAt ? 'answered' : 'late', approval: found };
}

const ApprovalId = /^([0-9A-HJKMNP-TV-Z]{26})-(\d+)-[0-9a-f-]{36}$/;

async function find({ approvalId, incidentId }: Answer): Promise<Approval | undefined> {
  if (approvalId !== undefined) {
    const [, incident, attempt] = ApprovalId.exec(approvalId) ?? [];
    if (!incident || !attempt || (incidentId !== undefined && incidentId !== incident)) return undefined;
    const stored = await approval(incident, Number(attempt));
    return stored?.approvalId === approvalId ? stored : undefined;
  }
  if (incidentId === undefined) throw new Error('supply approvalId or incidentId, got neither');
  const { pk } = approvalKey(incidentId, 0);
  return (await all(query(table(), { where: '#pk = :pk', values: { pk }, descending: true, limit: 1 }), Approval))[0];
}
