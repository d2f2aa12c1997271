import type { Afterwards } from '../../layers/core/action.ts';
import type { EscalationCause } from '../../layers/core/incident.ts';
import { EscalationCause as Cause } from '../../layers/core/incident.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import { addSeconds } from '../../layers/core/units.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { actionNamed } from '../recover/catalogue.ts';
import { takeBackWhatDidNotLast } from './relapse.ts';

type Answer = Decided<Verdict<'Learn'>>;

/** Writes an attempt's outcome, exactly once, and says whether it is over. */
export async function learn(input: StepInput, context: StepContext): Promise<Answer> {
  const { incident, kb } = context;
  const attempt = (await kb.incidents.attempts(incident.incidentId)).find(({ attempt: n }) => n === input.attempt);
  const because = Cause.safeParse(input.because).data;
  const recovered = incident.ending?.kind === 'recovered';
  if (!attempt || attempt.mutations.length === 0)
    return next(context, because, recovered, ['nothing was tried, so that there is nothing to learn']);
  const lesson = await record(context, attempt);
  // Escalate freezes what could not be undone, before it gives the lease back.
  if (because !== 'undo-failed') await kb.control.release(incident.incidentId, attempt.leased);
  if (recovered && because === undefined)
    return { verdict: 'close', why: [...lesson, ...(await afterwards(context, attempt))] };
  if (attempt.judged === 'unknown' && because === undefined)
    return escalate(context, 'exhausted', [
      ...lesson,
      'it could not be judged whether it helped, so that nothing more is tried',
    ]);
  return next(context, because, false, lesson);
}

async function record({ incident, kb, now }: StepContext, attempt: Attempt): Promise<string[]> {
  const { incidentId } = incident;
  const { action: name, fault, resource: arn } = attempt.candidate;
  const action = actionNamed(name);
  const resource = await kb.knowledge.resource(arn);
  const outcome = attempt.judged ?? 'unknown';
  const heals = action.heals.find((one) => one.resource === resource?.type && one.faults.includes(fault));
  const learned = resource
    ? await kb.knowledge.learn({
        incidentId,
        attempt: attempt.attempt,
        fault,
        resource: arn,
        resourceType: resource.type,
        action: name,
        outcome,
        prior: heals?.prior ?? { alpha: 1, beta: 1 },
      })
    : 'already';
  const relapse = resource ? await takeBackWhatDidNotLast(incident, attempt, resource.type, kb) : [];
  await kb.incidents.updateAttempt(incidentId, attempt.attempt, { endedAt: attempt.endedAt ?? now() });
  return [
    ...relapse,
    `${name} against ${fault}: ${outcome}${outcome === 'unknown' ? ', which teaches nothing' : learned === 'learned' ? ', and remembered' : ', which was remembered before'}`,
  ];
}

/** What happens to a change that healed: it stays and its owner is told, or a watchdog takes it back. */
async function afterwards({ incident, kb }: StepContext, attempt: Attempt): Promise<string[]> {
  const action = actionNamed(attempt.candidate.action);
  const after = action.afterwards as Afterwards<unknown>;
  const params = action.params.parse(attempt.candidate.params);
  const standing = attempt.mutations.filter(({ state }) => state === 'applied');
  if (standing.length === 0 || after.kind === 'nothing') return [];
  if (after.kind === 'keep') return [`drift: ${after.advice(params)}`];
  await kb.control.addRevert({
    incidentId: incident.incidentId,
    attempt: attempt.attempt,
    action: action.name,
    params: attempt.candidate.params,
    mutations: standing,
    atLatest: addSeconds(attempt.appliedAt ?? attempt.startedAt, after.atLatest),
  });
  return [`the change is taken back when it is no longer needed, after ${after.atLatest} s in any case`];
}

async function next(
  context: StepContext,
  because: EscalationCause | undefined,
  recovered: boolean,
  why: readonly string[],
): Promise<Answer> {
  if (recovered && because === undefined) return { verdict: 'close', why };
  if (because !== undefined) return escalate(context, because, why);
  return { verdict: 'next', why, looks: 0 };
}

async function escalate(
  { incident, kb }: StepContext,
  because: EscalationCause,
  why: readonly string[],
): Promise<Answer> {
  if (incident.ending?.kind !== 'escalated')
    await kb.incidents.update(incident.incidentId, {
      ending: { kind: 'escalated', because, why: why.join('; ') },
      seenSignals: incident.signalCount,
    });
  return { verdict: 'escalate', because, why };
}
