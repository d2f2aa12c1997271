import type { EscalationCause, Incident } from '../../layers/core/incident.ts';
import { config } from '../../layers/runtime/env.ts';
import { executionArn } from '../../layers/runtime/executions.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';
import { publish } from '../../layers/runtime/notify.ts';
import { addSeconds, minutes, type Instant, type Seconds } from '../../layers/core/units.ts';
import { escalationOf, subjectOf, textOf } from './message.ts';

export type Notified = 'told' | 'told-before' | 'told-by-another';

/**
 * Tells the operators of an incident, once; under the brake one message stands for all incidents of the fleet. Used by
 * Escalate, and by reconcile for an incident whose execution is gone.
 * @throws what SNS throws: then nobody was told, and it must be tried again
 */
export async function notifyEscalation(
  {
    incident,
    because,
    why,
    now,
  }: { incident: Incident; because: EscalationCause; why: readonly string[]; now: Instant },
  kb: typeof Kb,
): Promise<Notified> {
  const { incidentId } = incident;
  if (incident.toldAt !== undefined) return 'told-before';
  if (because === 'brake' && (await anotherTells(incident, now, kb))) return 'told-by-another';
  const [evidence, attempts, plan] = await Promise.all([
    kb.incidents.evidence(incidentId),
    kb.incidents.attempts(incidentId),
    kb.incidents.plan(incidentId),
  ]);
  const told = escalationOf({
    incident,
    because,
    why,
    attempts,
    executionArn: executionArn(incidentId),
    runbook: config().runbook,
    now,
    ...(evidence ? { evidence } : {}),
    ...(plan ? { plan } : {}),
  });
  await publish(subjectOf(told), textOf(told));
  if (incident.status !== 'closed') await kb.incidents.update(incidentId, { toldAt: now });
  return 'told';
}

/** What was told so recently stands for the whole storm. */
const STORM: Seconds = minutes(30);
const RECENT = 100;

/** Of the braked incidents of a fleet the oldest tells, unless one has told already. */
async function anotherTells(incident: Incident, now: Instant, kb: typeof Kb): Promise<boolean> {
  const braked = (await kb.incidents.listRecent(RECENT)).filter(
    ({ incidentId, fleet, ending }) =>
      incidentId !== incident.incidentId &&
      fleet === incident.fleet &&
      ending?.kind === 'escalated' &&
      ending.because === 'brake',
  );
  return braked.some(
    ({ toldAt, status, incidentId }) =>
      (toldAt !== undefined && toldAt > addSeconds(now, -STORM)) ||
      (status !== 'closed' && incidentId < incident.incidentId),
  );
}
