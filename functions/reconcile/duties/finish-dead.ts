import type { Ending, Incident } from '../../../layers/core/incident.ts';
import type { Attempt } from '../../../layers/core/plan.ts';
import { closingOf } from '../../../layers/core/story.ts';
import { AT_MOST, each, type Duty, type Escalated, type Reconciling } from '../duty.ts';

/** A signal that joins while an incident is closed makes it look again; after so many, the next run goes on. */
const CLOSINGS = 3;

/** The safety net: whatever ended an execution, what it changed is undone or kept on purpose, and a person is told. */
export const duty: Duty = {
  name: 'finish-dead',
  summary: 'Undoes what an incident changed whose execution ended without closing it, escalates and closes it.',
  async run(context) {
    const open = (await context.kb.incidents.listOpen()).filter(({ status }) => status === 'open');
    const dead: { incident: Incident; state: string }[] = [];
    for (const { incidentId } of open) {
      if (dead.length >= AT_MOST) break;
      const state = await context.executions.state(incidentId);
      if (state === 'running' || state === 'pending_redrive') continue;
      // The list is from an index, and the last state closes just before its execution ends: read again.
      const incident = await context.kb.incidents.get(incidentId);
      if (incident.status === 'open') dead.push({ incident, state });
    }
    return each(
      dead,
      ({ incident }) => incident.incidentId,
      ({ incident, state }) => finish(incident, state, context),
    );
  },
};

async function finish(incident: Incident, state: string, context: Reconciling): Promise<string | undefined> {
  const { kb, now } = context;
  const { incidentId } = incident;
  if (state === 'absent') {
    // DescribeExecution is eventually consistent: one that was started just now may not be seen. Starting is idempotent.
    const { existed } = await context.executions.start(incidentId);
    return `${incidentId}: its execution was not found, and ${existed ? 'is over by now' : 'was started'}`;
  }
  const held = (await kb.control.leases()).filter((lease) => lease.incidentId === incidentId);
  const busy = held.find(({ busyUntil }) => busyUntil > now());
  // Stopping an execution does not stop the function that runs for it.
  if (busy) throw new Error(`a function may still be changing ${busy.arn} until ${busy.busyUntil}`);
  const { failed, why } = await undoAll(incident, context);
  const ending = failed ? endingOf(state, failed, why) : (incident.ending ?? endingOf(state, failed, why));
  await append(incident, ending, why, context);
  if (ending.kind === 'escalated') await tell(incident, ending, context);
  await close(incidentId, ending, context);
  await kb.control.release(
    incidentId,
    held.map(({ arn }) => arn),
  );
  return `${incidentId}: its execution is ${state}; ${why.join('; ') || 'nothing was left changed'}; closed`;
}

async function tell(incident: Incident, ending: Escalated, { notify, escalated }: Reconciling): Promise<void> {
  if ((await notify(incident, ending)) === 'told') escalated(ending.because);
}

/** Changes that stand and did not prove themselves; a change that healed is kept. */
const isLeftBehind = ({ judged, outcome, mutations }: Attempt): boolean =>
  (outcome ?? judged) !== 'recovered' && mutations.some(({ state }) => state === 'intended' || state === 'applied');

/** The last change first. */
async function undoAll(incident: Incident, context: Reconciling): Promise<{ failed: boolean; why: string[] }> {
  const { kb, now } = context;
  const attempts = await kb.incidents.attempts(incident.incidentId);
  const why: string[] = [];
  let failed = false;
  for (const { attempt, endedAt } of attempts)
    if (endedAt === undefined) await kb.incidents.updateAttempt(incident.incidentId, attempt, { endedAt: now() });
  for (const attempt of attempts.filter(isLeftBehind).toReversed()) {
    const undone = await context.undo(incident, attempt);
    if (undone.kind === 'busy')
      throw new Error(`attempt ${attempt.attempt} cannot be undone yet: ${undone.why.join('; ')}`);
    failed ||= undone.kind === 'failed';
    why.push(`attempt ${attempt.attempt} (${attempt.candidate.action}): ${[undone.kind, ...undone.why].join(', ')}`);
  }
  return { failed, why };
}

function endingOf(state: string, failed: boolean, why: readonly string[]): Ending {
  const told = [`the execution ended as ${state} without closing the incident`, ...why].join('; ');
  return { kind: 'escalated', because: failed ? 'undo-failed' : 'our-fault', why: told };
}

async function append(
  incident: Incident,
  ending: Ending,
  why: readonly string[],
  { kb, now }: Reconciling,
): Promise<void> {
  const { incidentId, attempts } = incident;
  await kb.audit.append({
    incidentId,
    eventId: 'Reconcile#finish',
    at: now(),
    state: 'Reconcile',
    attempt: attempts,
    verdict: ending.kind,
    why: [ending.why, ...why],
    saw: { closing: closingOf(incident, ending, await kb.incidents.attempts(incidentId)) },
  });
}

/** Nobody verified that the resource is well, unless the ending says so: its pointer is kept until it is. */
async function close(incidentId: string, ending: Ending, { kb, now }: Reconciling): Promise<void> {
  const pointer = ending.kind === 'escalated' || ending.kind === 'suppressed' ? 'keep' : 'remove';
  for (let closing = 0; closing < CLOSINGS; closing++) {
    const { signalCount } = await kb.incidents.get(incidentId);
    if ((await kb.incidents.close(incidentId, ending, signalCount, now(), pointer)) === 'closed') return;
  }
  throw new Error('signals keep joining while it is closed');
}
