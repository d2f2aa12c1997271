import { EscalationCause, type Incident } from '../../layers/core/incident.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import { MetricUnit } from '../../layers/runtime/lambda.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { notifyEscalation } from './notify.ts';

/** What is said when the state before could not say it itself. */
const SAID: Readonly<Partial<Record<EscalationCause, string>>> = {
  'our-fault': 'a step of Prunella failed for good',
  'undo-failed': 'undoing what was changed failed for good',
  'approval-late': 'nobody answered the request for approval in time',
  'approval-refused': 'the request for approval was refused',
};

export async function escalate(input: StepInput, context: StepContext): Promise<Decided<Verdict<'Escalate'>>> {
  const { kb, now, metrics } = context;
  const { incidentId } = context.incident;
  const ending = context.incident.ending;
  const because = causeOf(input, ending);
  const known = ending?.kind === 'escalated' && ending.because === because ? ending.why : undefined;
  const why = reasonOf(because, known, input.failure);
  if (why !== known)
    await kb.incidents.update(incidentId, {
      ending: { kind: 'escalated', because, why },
      seenSignals: context.incident.signalCount,
    });
  const frozen = because === 'undo-failed' ? await freezeWhatStands(context, why) : [];
  await giveBack(context);
  const incident = await kb.incidents.get(incidentId);
  const notified = await notifyEscalation({ incident, because, why: [why, ...frozen], now: now() }, kb);
  metrics.addDimension('because', because);
  metrics.addMetric('Escalated', MetricUnit.Count, 1);
  return {
    verdict: 'escalated',
    because,
    why: [
      why,
      ...frozen,
      `a person was ${notified === 'told' ? 'told' : notified === 'told-before' ? 'told before' : 'told in another incident of the fleet'}`,
    ],
    looks: 0,
  };
}

/** A fault of our own is named with its error, whatever the states since have said: nobody can mend it otherwise. */
function reasonOf(because: EscalationCause, known: string | undefined, failure: string): string {
  const reason = known ?? SAID[because] ?? 'no reason was given';
  const ours = because === 'our-fault' || because === 'undo-failed';
  return ours && failure !== '' && !reason.includes(failure) ? `${reason}: ${failure}` : reason;
}

/** That an undo failed stays so whatever went wrong on the way here: what it left must be frozen. */
function causeOf({ because }: StepInput, ending: Incident['ending']): EscalationCause {
  if (ending?.kind === 'escalated' && ending.because === 'undo-failed') return 'undo-failed';
  return EscalationCause.safeParse(because).data ?? 'our-fault';
}

/** An undo that failed, or that never came to its end, leaves its resource to a person. */
async function freezeWhatStands({ incident, kb, now }: StepContext, why: string): Promise<string[]> {
  const attempts = await kb.incidents.attempts(incident.incidentId);
  const standing = attempts
    .flatMap(({ mutations }) => mutations)
    .filter(({ state }) => state === 'applied' || state === 'intended' || state === 'undo-failed');
  const arns = [...new Set(standing.map(({ resource }) => resource))];
  for (const arn of arns) await kb.control.freeze(arn, why, incident.incidentId, now());
  return arns.map((arn) => `${arn} is frozen`);
}

/** Leases end here: from now on a person is at work. Attempts without a judgement end as unknown. */
async function giveBack({ incident, kb, now }: StepContext): Promise<void> {
  const attempts = await kb.incidents.attempts(incident.incidentId);
  for (const { attempt, endedAt } of attempts)
    if (endedAt === undefined) await kb.incidents.updateAttempt(incident.incidentId, attempt, { endedAt: now() });
  const leased = [...new Set(attempts.flatMap((attempt) => attempt.leased))];
  if (leased.length > 0) await kb.control.release(incident.incidentId, leased);
}
