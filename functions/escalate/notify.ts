import { shortName } from '../../layers/core/arn.ts';
import type { EscalationCause, Incident } from '../../layers/core/incident.ts';
import { config } from '../../layers/runtime/env.ts';
import { executionArn } from '../../layers/runtime/executions.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';
import { publish } from '../../layers/runtime/notify.ts';
import type { Instant } from '../../layers/core/units.ts';
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
  const storm = because === 'brake';
  if (storm && !(await kb.control.claimTelling(incident.fleet, incidentId, now))) return 'told-by-another';
  const [evidence, attempts, plan] = await Promise.all([
    kb.incidents.evidence(incidentId),
    kb.incidents.attempts(incidentId),
    kb.incidents.plan(incidentId),
  ]);
  const told = escalationOf({
    incident,
    because,
    why: storm ? [...why, ...(await whoWaits(incident.fleet, kb))] : why,
    attempts,
    sharing: await sharingWith(incident, kb),
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

/** The incidents that it tells of besides, as they are now. */
async function sharingWith({ incidentId, shared }: Incident, kb: typeof Kb): Promise<Incident[]> {
  if (shared?.toldIn !== incidentId) return [];
  return Promise.all(shared.with.map((id) => kb.incidents.get(id)));
}

const NAMED = 10;

/** The resources that have no incident of their own, because a storm was on. */
async function whoWaits(fleet: string, kb: typeof Kb): Promise<string[]> {
  const waiting = (await kb.control.keptPointers()).filter((one) => one.parked && one.brakedFleet === fleet);
  if (waiting.length === 0) return [];
  const names = waiting.slice(0, NAMED).map(({ resource }) => shortName(resource));
  const more = waiting.length > NAMED ? ` and ${waiting.length - NAMED} more` : '';
  return [
    `${waiting.length} further resources of fleet ${fleet} are in trouble so far and wait without an incident of their own, to be taken up one by one when the brake releases: ${names.join(', ')}${more}`,
  ];
}
