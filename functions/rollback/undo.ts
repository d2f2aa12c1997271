import { describeChange, otherWriters } from '../../layers/core/other-writer.ts';
import type { Incident } from '../../layers/core/incident.ts';
import type { RecordedMutation } from '../../layers/core/mutation.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import {
  addSeconds,
  minutes,
  secondsBetween,
  type Instant,
  type Milliseconds,
  type Seconds,
} from '../../layers/core/units.ts';
import { assumeForAction } from '../../layers/runtime/aws.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';
import { runtime } from '../../layers/runtime/runtime.ts';
import { actionNamed } from '../recover/catalogue.ts';

/** How long an undo may be at work when its caller does not say. */
const WORK: Seconds = minutes(3);

export type Undoing =
  /** A function that outlived its state may still be changing the resource. */
  | { readonly kind: 'busy'; readonly again: Seconds; readonly why: readonly string[] }
  /** `undone`: something was put back. `nothing`: there was nothing that could be. `failed`: something should have been put back and was not; its resource is frozen. */
  | { readonly kind: 'undone' | 'nothing' | 'failed'; readonly why: readonly string[] };

/**
 * Puts back what an attempt changed, the last change first: only where the value is still the one that was written, and
 * on no resource that someone else has changed since. Every mutation's state is recorded as it goes, so that undoing
 * twice is undoing once. Neither lever nor mode stands in its way. A resource whose undo failed is frozen.
 *
 * What has no inverse (a restart) stays as it is; an intent of it that was never confirmed is closed all the same.
 * @param until when the caller is killed at the latest
 */
export async function undoAttempt(
  incident: Incident,
  attempt: Attempt,
  kb: typeof Kb,
  now: () => Instant,
  until?: Instant,
): Promise<Undoing> {
  const open = undoable(attempt);
  if (open.length === 0) return { kind: 'nothing', why: nothingWhy(attempt) };
  const arns = [...new Set(attempt.mutations.map(({ resource }) => resource))];
  const busyUntil = until ?? addSeconds(now(), WORK);
  const held = await kb.control.hold({
    incidentId: incident.incidentId,
    attempt: attempt.attempt,
    arns,
    now: now(),
    busyUntil,
  });
  if (!held.ok) return { kind: 'busy', again: await whenFree(arns, kb, now()), why: [held.detail] };
  try {
    return await undoAll(incident, attempt, open, kb, now);
  } finally {
    await kb.control.renew(incident.incidentId, arns, addSeconds(now(), WORK));
  }
}

interface Indexed {
  readonly index: number;
  readonly mutation: RecordedMutation;
}

/** What may still stand, the last change first; of what has no inverse, only what nobody confirmed. */
function undoable(attempt: Attempt): Indexed[] {
  const { undo } = actionNamed(attempt.candidate.action);
  const open: readonly RecordedMutation['state'][] = undo ? ['intended', 'applied', 'undo-failed'] : ['intended'];
  return attempt.mutations
    .map((mutation, index) => ({ index, mutation }))
    .filter(({ mutation: { state } }) => open.includes(state))
    .toReversed();
}

function nothingWhy({ candidate, mutations }: Attempt): string[] {
  if (mutations.length === 0) return ['nothing was changed'];
  return actionNamed(candidate.action).undo
    ? ['everything was put back already, or is someone else’s by now']
    : [`${candidate.action} has no inverse: what it did needs no undoing`];
}

async function whenFree(arns: readonly string[], kb: typeof Kb, now: Instant): Promise<Seconds> {
  const busy = (await kb.control.leases())
    .filter(({ arn }) => arns.includes(arn))
    .map(({ busyUntil }) => secondsBetween(now, busyUntil));
  return Math.ceil(Math.min(300, Math.max(5, ...busy)));
}

async function undoAll(
  incident: Incident,
  attempt: Attempt,
  open: readonly Indexed[],
  kb: typeof Kb,
  now: () => Instant,
): Promise<Undoing> {
  const action = actionNamed(attempt.candidate.action);
  const params = action.params.parse(attempt.candidate.params);
  const id = { incidentId: incident.incidentId, attempt: attempt.attempt };
  const others = await changedSince(attempt, kb, now());
  const why: string[] = [];
  let [undone, failed] = [0, 0];
  for (const { index, mutation } of open) {
    const record = (state: 'undone' | 'left-alone' | 'undo-failed') =>
      kb.incidents.setMutationState(id.incidentId, id.attempt, index, state, now());
    if (!action.undo) {
      await record('left-alone');
      why.push(`${mutation.field} of ${mutation.resource} has no inverse: it stays, whether or not it took effect`);
      continue;
    }
    const other = others.find(({ resource }) => resource === mutation.resource);
    if (other) {
      await record('left-alone');
      why.push(`${mutation.field} of ${mutation.resource} was left alone: ${describeChange(other)}`);
      continue;
    }
    try {
      const aws = await assumeForAction(action.name, action.writes(params), id.incidentId);
      const undo = action.undo.bind(action, mutation, aws, id, params);
      const result = await persistently(undo);
      await record(result);
      if (result === 'undone') undone += 1;
      why.push(
        result === 'undone'
          ? `${mutation.field} of ${mutation.resource} is ${String(mutation.was)} again`
          : `${mutation.field} of ${mutation.resource} was left alone: someone else has changed it since`,
      );
    } catch (error) {
      failed += 1;
      await record('undo-failed');
      const reason = `${mutation.field} of ${mutation.resource} could not be put back to ${String(mutation.was)}: ${String(error)}`;
      await kb.control.freeze(mutation.resource, reason, id.incidentId, now());
      why.push(reason);
    }
  }
  return { kind: failed > 0 ? 'failed' : undone > 0 ? 'undone' : 'nothing', why };
}

/** Between tries of one undo; a few seconds in all, so that many fit into one invocation. */
const PAUSES: readonly Milliseconds[] = [1_000, 3_000];

/**
 * An undo looks before it writes, so that it is asked again when it threw: it may have been done and its answer lost, or
 * AWS may have been busy. A resource is frozen for neither.
 */
async function persistently<T>(undo: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await undo();
    } catch {
      await runtime().sleep(pause);
    }
  }
  return undo();
}

/** What others changed on the attempt's resources since it began. */
async function changedSince({ mutations, startedAt }: Attempt, kb: typeof Kb, now: Instant) {
  const arns = [...new Set(mutations.map(({ resource }) => resource))];
  const changes = await Promise.all(arns.map((arn) => kb.knowledge.changes(arn, startedAt, now)));
  return otherWriters(changes.flat(), arns, startedAt, mutations);
}
