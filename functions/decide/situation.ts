import type { Arn } from '../../layers/core/arn.ts';
import type { Diagnosis } from '../../layers/core/diagnosis.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import type { EscalationCause, Incident, SuppressionCause } from '../../layers/core/incident.ts';
import type { Change, Resource } from '../../layers/core/inventory.ts';
import { otherWriters } from '../../layers/core/other-writer.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import type { Policy } from '../../layers/core/policy.ts';
import type { Decided, StepInput } from '../../layers/core/step.ts';
import { addSeconds, type Instant } from '../../layers/core/units.ts';
import type { Verdict } from '../../layers/core/verdicts.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { slack } from '../diagnose/support/facts.ts';

export type Answer = Decided<Verdict<'Decide'>>;

/** What every check of Decide looks at, read once. */
export interface Situation {
  readonly input: StepInput;
  readonly context: StepContext;
  readonly policy: Policy;
  readonly incident: Incident;
  readonly evidence: Evidence;
  readonly diagnosis: Diagnosis;
  /** The inventory's record as it is now: mode and limits may have changed since the evidence was taken. */
  readonly resource: Resource;
  readonly attempts: readonly Attempt[];
  readonly now: Instant;
}

/** An attempt has begun once its intent is stored; it is over once it was judged or refused. */
export const hasBegun = ({ mutations }: Attempt): boolean => mutations.length > 0;
export const isOver = ({ judged, endedAt }: Attempt): boolean => judged !== undefined || endedAt !== undefined;

/**
 * @returns undefined when nobody watches the resource any more
 * @throws Error when Diagnose has left nothing to decide on
 */
export async function readSituation(
  input: StepInput,
  context: StepContext,
  policy: Policy,
): Promise<Situation | undefined> {
  const { incident, kb, now } = context;
  const [evidence, attempts, resource] = await Promise.all([
    kb.incidents.evidence(incident.incidentId),
    kb.incidents.attempts(incident.incidentId),
    kb.knowledge.resource(incident.resource),
  ]);
  if (!evidence || !incident.diagnosis)
    throw new Error(
      `incident ${incident.incidentId} must be diagnosed before it is decided on, got no ${evidence ? 'diagnosis' : 'evidence'}`,
    );
  if (!resource) return undefined;
  return { input, context, policy, incident, evidence, diagnosis: incident.diagnosis, resource, attempts, now: now() };
}

/** What anyone else changed on the resource, and on the parameters it reads, since the onset. */
export async function changedByOthers({ evidence, attempts, resource, context, now }: Situation): Promise<Change[]> {
  const arns: Arn[] = [...new Set([resource.arn, ...resource.parameters.map(({ arn }) => arn)])];
  const since = addSeconds(evidence.window.onset, slack(evidence));
  const changes = await Promise.all(arns.map((arn) => context.kb.knowledge.changes(arn, since, now)));
  return otherWriters(
    changes.flat(),
    arns,
    since,
    attempts.flatMap(({ mutations }) => mutations),
  );
}

/** Writes the ending and leads to Escalate. */
export async function escalate(
  { incident, context }: Situation,
  because: EscalationCause,
  why: readonly string[],
): Promise<Answer> {
  const ending = { kind: 'escalated', because, why: why.join('; ') } as const;
  await context.kb.incidents.update(incident.incidentId, { ending, seenSignals: incident.signalCount });
  return { verdict: 'escalate', because, why };
}

/** Writes the ending and leads to Close. */
export async function suppress(
  { incident, context }: Pick<Situation, 'incident' | 'context'>,
  because: SuppressionCause,
  why: readonly string[],
): Promise<Answer> {
  const ending = { kind: 'suppressed', because, why: why.join('; ') } as const;
  await context.kb.incidents.update(incident.incidentId, { ending, seenSignals: incident.signalCount });
  return { verdict: 'closing', because, why, looks: 0 };
}
