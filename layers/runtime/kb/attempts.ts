import * as z from 'zod';
import { canonicalJson } from '../../core/audit.ts';
import type { IncidentId } from '../../core/incident.ts';
import type { MutationState } from '../../core/mutation.ts';
import { RecordedMutation } from '../../core/mutation.ts';
import { Attempt } from '../../core/plan.ts';
import type { Instant } from '../../core/units.ts';
import { NotFound, all, query, read, retrying, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, PRESENT, check, put, setting, update } from '../writes.ts';
import { KEEP_DAYS, attemptKey, leaseKey, metaKey } from './keys.ts';

const table = (): string => config().tables.incidents;

/**
 * Writes down that an attempt begins, and counts it on the incident. Writing the same one again (same action, target and
 * parameters) changes nothing.
 * @throws Error when another candidate stands under this number, or the incident is closed
 */
export async function putAttempt(incidentId: IncidentId, attempt: Attempt): Promise<void> {
  const item = { ...attemptKey(incidentId, attempt.attempt), ...Attempt.parse(attempt) };
  const done = await transact([
    put('attempt', table(), { ...item, ttl: ttl(attempt.startedAt, KEEP_DAYS.incident) }, ABSENT),
    update('incident', table(), metaKey(incidentId), 'SET #attempts = :n', {
      when: 'attribute_exists(#pk) AND #status <> :closed', // what is not there is not closed either
      values: { n: attempt.attempt, closed: 'closed' },
    }),
  ]);
  if (done.ok) return;
  const stored = await read(table(), attemptKey(incidentId, attempt.attempt), Attempt);
  if (!stored) throw new NotFound(`there is no open incident ${incidentId} to write attempt ${attempt.attempt} of`);
  if (whatIsTried(stored) === whatIsTried(attempt)) return;
  throw new Error(
    `attempt ${attempt.attempt} of ${incidentId} is ${whatIsTried(stored)} already, got ${whatIsTried(attempt)}: use the next number`,
  );
}

const whatIsTried = ({ candidate: { action, resource, params } }: Attempt): string =>
  `${action} on ${resource} with ${canonicalJson(params)}`;

/** All attempts of an incident, the first first. */
export async function attempts(incidentId: IncidentId): Promise<Attempt[]> {
  const found = query(table(), {
    where: '#pk = :pk AND begins_with(#sk, :prefix)',
    values: { pk: metaKey(incidentId).pk, prefix: 'ATTEMPT#' },
  });
  return all(found, Attempt);
}

/** All that is not the attempt itself, its intent or its outcome (see `setMutations`, `learn`). */
export type AttemptChanges = Partial<Omit<Attempt, 'attempt' | 'candidate' | 'mutations' | 'outcome'>>;

/** @throws NotFound */
export async function updateAttempt(incidentId: IncidentId, n: number, changes: AttemptChanges): Promise<void> {
  const { change, values } = setting(changes);
  if (Object.keys(values).length === 0) return;
  const done = await transact([update('attempt', table(), attemptKey(incidentId, n), change, { ...PRESENT, values })]);
  if (!done.ok) throw new NotFound(`incident ${incidentId} has no attempt ${n}`);
}

const Stored = z.object({ mutations: z.array(RecordedMutation) });

/**
 * Stores what an attempt is about to change: call it before the first mutation. The list may be written again, and may
 * grow (a follow-up action), but what stands in it is never replaced; its states stay as they are.
 * @throws Error when a resource is not leased by this incident, or the list contradicts the stored one
 */
export async function setMutations(
  incidentId: IncidentId,
  n: number,
  mutations: readonly RecordedMutation[],
): Promise<void> {
  const key = attemptKey(incidentId, n);
  const resources = [...new Set(mutations.map(({ resource }) => resource))];
  await retrying(`store the intent of ${incidentId}`, async () => {
    const stored = await read(table(), key, Stored);
    if (!stored) throw new NotFound(`incident ${incidentId} has no attempt ${n}`);
    const grown = grow(stored.mutations, mutations, `attempt ${n} of ${incidentId}`);
    const leases = resources.map((arn) =>
      check(`lease of ${arn}`, config().tables.control, leaseKey(arn), {
        when: '#incidentId = :incidentId',
        values: { incidentId },
      }),
    );
    const unchanged = { when: '#mutations = :seen', values: { seen: stored.mutations, grown } };
    const done = await transact([update('attempt', table(), key, 'SET #mutations = :grown', unchanged), ...leases]);
    if (done.ok) return true;
    const missing = [...done.failed.keys()].filter((label) => label.startsWith('lease of '));
    if (missing.length > 0)
      throw new Error(`incident ${incidentId} must hold the ${missing.join(' and the ')} before it changes anything`);
    return undefined;
  });
}

function grow(
  stored: readonly RecordedMutation[],
  wanted: readonly RecordedMutation[],
  whose: string,
): readonly RecordedMutation[] {
  const contradiction = stored.findIndex((mutation, index) => !sameIntent(mutation, wanted[index]));
  if (contradiction >= 0) {
    throw new Error(
      `${whose} has stored ${stored.length} mutations that must be undone or adopted first, got another one at ${contradiction}`,
    );
  }
  return [...stored, ...wanted.slice(stored.length)];
}

const sameIntent = (a: RecordedMutation, b: RecordedMutation | undefined): boolean =>
  b !== undefined &&
  a.action === b.action &&
  a.resource === b.resource &&
  a.field === b.field &&
  a.was === b.was &&
  a.becomes === b.becomes;

/** From which states a mutation may come into another. */
const COMES_FROM: Readonly<Record<MutationState, readonly MutationState[]>> = {
  intended: ['intended'],
  applied: ['intended', 'applied'],
  undone: ['intended', 'applied', 'undo-failed', 'undone'],
  'left-alone': ['intended', 'applied', 'undo-failed', 'left-alone'],
  'undo-failed': ['intended', 'applied', 'undo-failed'],
};

/** States that a call of ours leads to: whoever looks for other writers must know when it was. */
const BY_CALL: readonly MutationState[] = ['applied', 'undone', 'undo-failed'];

/** @throws Error when there is no such mutation, or it cannot come into that state any more (undone and then applied) */
export async function setMutationState(
  incidentId: IncidentId,
  n: number,
  index: number,
  state: MutationState,
  now: Instant,
): Promise<void> {
  const key = attemptKey(incidentId, n);
  const from = COMES_FROM[state];
  const byCall = BY_CALL.includes(state);
  const path = `#mutations[${index}]`;
  const values = Object.fromEntries(from.map((name, position) => [`from${position}`, name]));
  const condition = {
    when: `${path}.#state IN (${Object.keys(values)
      .map((name) => `:${name}`)
      .join(', ')})`,
    values: { ...values, state, now, ...(byCall ? { calls: [now], none: [] } : {}) },
  };
  const called = byCall ? `, ${path}.#calls = list_append(if_not_exists(${path}.#calls, :none), :calls)` : '';
  const change = `SET ${path}.#state = :state, ${path}.#at = :now${called}`;
  const done = await transact([update('attempt', table(), key, change, condition)]);
  if (done.ok) return;
  const stored = await read(table(), key, Stored);
  const found = stored?.mutations[index]?.state ?? 'none';
  throw new Error(
    `mutation ${index} of attempt ${n} of ${incidentId} must be ${from.join(' or ')} to become ${state}, got ${found}`,
  );
}
