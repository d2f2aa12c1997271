import { actionNamed } from '../../functions/recover/catalogue.ts';
import { findBreak } from '../../layers/core/audit.ts';
import type { Incident } from '../../layers/core/incident.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import type { Changed } from '../world/model/fleet.ts';
import type { Account } from './account.ts';

/** An invariant of DESIGN §3 that did not hold, with what broke it. */
export interface Violation {
  readonly at: string;
  readonly invariant: string;
  readonly what: string;
}

/** Operations that change nothing that runs: what they make is used by a later call, or by nobody. */
export const ADDS_ONLY = ['RegisterTaskDefinition'];

/**
 * Watches Prunella while it works. Each of its changes must have been intended in writing, under a lease of its incident,
 * on a resource that may be changed; when all is over nothing may be left behind.
 */
export class Invariants {
  readonly violations: Violation[] = [];
  readonly #account: Account;
  #seen = 0;

  constructor(account: Account) {
    this.#account = account;
  }

  /** To be called after each call that may have changed something, and before the next. */
  async look(): Promise<void> {
    const all = this.#account.world.changes();
    const fresh = all.slice(this.#seen).filter(({ incidentId }) => incidentId !== undefined);
    this.#seen = all.length;
    for (const change of fresh) if (!ADDS_ONLY.includes(change.operation)) await this.#change(change);
  }

  async #change({ resource, operation, incidentId = '', at }: Changed): Promise<void> {
    const [attempts, leases, incident, reverts] = await this.#account.within(() =>
      Promise.all([
        kb.incidents.attempts(incidentId),
        kb.control.leases(),
        kb.incidents.get(incidentId),
        kb.control.reverts(),
      ]),
    );
    const what = `${operation} on ${resource} by incident ${incidentId}`;
    const intended = attempts.find(({ mutations }) =>
      mutations.some((mutation) => isAbout(mutation.resource, resource)),
    );
    if (!intended) this.broken('nothing unrecorded is changed', what, at);
    if (!leases.some((lease) => isAbout(lease.arn, resource) && lease.incidentId === incidentId))
      this.broken('nothing is changed without a lease', what, at);
    // What is changed may have no mode, as a parameter has none: it is changed for the sake of what has.
    const sake = intended?.candidate.resource ?? resource;
    const mode = (await this.#account.within(() => kb.knowledge.resource(sake)))?.mode;
    if (mode !== 'heal' && mode !== 'approve')
      this.broken('only what is in mode heal or approve is changed', `${what}, in mode ${mode ?? 'none'}`, at);
    // What was changed for a time is taken back when that is over, long after its incident.
    const isRevert = reverts.some(
      (revert) =>
        revert.incidentId === incidentId && revert.mutations.some((mutation) => isAbout(mutation.resource, resource)),
    );
    if (incident.status === 'closed' && !isRevert) this.broken('a closed incident changes nothing', what, at);
  }

  /** To be called when all is quiet. @param since incidents that closed before were looked at already */
  async atRest(since = ''): Promise<void> {
    await this.#account.within(async () => {
      const recent = (await kb.incidents.listRecent(1_000)).filter(({ openedAt }) => openedAt >= since);
      for (const incident of recent) await this.#ended(incident);
      for (const lease of await kb.control.leases())
        this.broken('no lease is left', `${lease.arn}, of ${lease.incidentId}`);
    });
    for (const name of this.#account.machine.names) {
      if (this.#account.machine.describe(name)?.status === 'RUNNING') this.broken('every execution ends', name);
    }
  }

  async #ended(incident: Incident): Promise<void> {
    const { incidentId, status, ending } = incident;
    if (status !== 'closed' || !ending) return this.broken('every incident ends', `${incidentId} is ${status}`);
    const [attempts, trail] = await Promise.all([kb.incidents.attempts(incidentId), kb.audit.trail(incidentId)]);
    const gap = findBreak(trail);
    if (gap) this.broken('the audit trail is whole', `${incidentId}: ${gap}`);
    for (const attempt of attempts) await this.#settled(incident, attempt, trail);
    this.#endedOnce(incident, trail);
    this.#onceEach(incident, attempts);
    this.#toldOnce(incident);
  }

  async #settled(
    { incidentId, ending }: Incident,
    { attempt, candidate, mutations, judged, outcome }: Attempt,
    trail: Trail,
  ): Promise<void> {
    const canLearn = reachedLearn({ ending }, trail);
    const open = mutations.filter(({ state }) => state === 'intended');
    if (open.length > 0) this.broken('no intent is left open', `${incidentId}, attempt ${attempt}`);
    const acted = mutations.some(({ state }) => state !== 'intended');
    if (judged !== undefined && judged !== 'unknown' && outcome === undefined && acted && canLearn)
      this.broken('every outcome is learned', `${incidentId}, attempt ${attempt}, judged ${judged}`);
    if (judged === 'recovered' || ending?.kind === 'recovered') return;
    if (!actionNamed(candidate.action).undo) {
      // What has no inverse leaves nothing to undo, which Rollback says; where nobody knows whether it helped, it never comes there.
      const isFailure = judged === 'unchanged' || judged === 'worse';
      const isSaid = trail.some((entry) => entry.state === 'Rollback' && entry.attempt === attempt);
      if (isFailure && canLearn && !isSaid)
        this.broken('what did not help is undone', `${incidentId}, attempt ${attempt}: Rollback did not look at it`);
      return;
    }
    // Another writer wins: the attempt stops where it stands, and a person is told.
    if (ending?.kind === 'escalated' && ending.because === 'other-writer') return;
    for (const { resource, state } of mutations) {
      // An undo that failed leaves its resource to the person who was told, frozen until then.
      const isLeftToPerson = ending?.kind === 'escalated' && ending.because === 'undo-failed';
      if (state !== 'applied' || (isLeftToPerson && (await kb.control.frozen(resource)))) continue;
      this.broken('what did not help is undone', `${incidentId}, attempt ${attempt}, ended ${ending?.kind}`);
    }
  }

  /** Close, or reconcile in its place, writes the end down: one of them, once. */
  #endedOnce({ incidentId }: Incident, trail: Trail): void {
    const ends = trail.filter(
      ({ state, verdict, eventId }) => (state === 'Close' && verdict === 'closed') || eventId === 'Reconcile#finish',
    );
    if (ends.length !== 1) this.broken('every incident ends exactly once', `${incidentId}: ${ends.length} ends`);
  }

  /** No more calls that change something than mutations made and undone. */
  #onceEach({ incidentId }: Incident, attempts: readonly Attempt[]): void {
    const made = this.#account.world.changes().filter((change) => change.incidentId === incidentId);
    const counted = made.filter(({ operation }) => !ADDS_ONLY.includes(operation)).length;
    const mutations = attempts.flatMap((attempt) => attempt.mutations);
    const allowed = mutations.reduce((sum, { state }) => sum + (state === 'undone' ? 2 : 1), 0);
    if (counted > allowed)
      this.broken('nothing is acted on twice', `${incidentId}: ${counted} changes for ${mutations.length} mutations`);
  }

  #toldOnce({ incidentId, ending }: Incident): void {
    if (ending?.kind !== 'escalated') return;
    const isQuestion = (subject: string) => subject.startsWith('Prunella asks');
    const told = this.#account.told.some(
      ({ subject, message }) => !isQuestion(subject) && message.includes(incidentId),
    );
    if (!told) this.broken('whoever is escalated to is told', incidentId);
  }

  /** Notes what does not hold. */
  broken(invariant: string, what: string, at?: number): void {
    this.violations.push({
      at: at === undefined ? this.#account.clock.now() : new Date(at).toISOString(),
      invariant,
      what,
    });
  }
}

type Trail = Awaited<ReturnType<typeof kb.audit.trail>>;

/**
 * A step of ours that failed for good may have been the one that learns, or one on the way to it: then nothing was
 * learned, which loses a lesson and hurts nobody. Whatever else an incident ended for, it passed Learn.
 */
function reachedLearn({ ending }: Pick<Incident, 'ending'>, trail: Trail): boolean {
  if (ending?.kind !== 'escalated' || (ending.because !== 'our-fault' && ending.because !== 'undo-failed')) return true;
  const undone = trail.filter(({ state }) => state === 'Rollback' || state === 'VerifyUndo').at(-1);
  return ending.because === 'undo-failed' && (undone?.verdict === 'failed' || undone?.verdict === 'escalate');
}

/** A mutation of a service covers its tasks and its scalable target; of an alias, its function. */
export const isAbout = (covering: string, resource: string): boolean =>
  covering === resource || covering.startsWith(`${resource}:`) || resource.startsWith(`${covering}:`);
