import { planFrom } from '../../functions/decide/plan-from.ts';
import { canonicalJson } from '../../layers/core/audit.ts';
import type { Incident } from '../../layers/core/incident.ts';
import type { Candidate } from '../../layers/core/plan.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import type { Injected } from '../world/world.ts';

/** Whether the first choice against a fault heals it, by who chooses. */
export interface FirstChoice {
  /** What Prunella chose, with all that it had learned. */
  readonly learned: boolean;
  /** From the same evidence with nothing learned: the order that the actions declare. */
  readonly fixed: boolean;
  /** Whoever knows the fault, among the same candidates. */
  readonly oracle: boolean;
}

/** @returns undefined when no plan with a candidate was made, or when what the first was made from is not kept any more */
export async function firstChoice(truth: Injected, incident: Incident): Promise<FirstChoice | undefined> {
  const [kept] = (await kb.incidents.plans(incident.incidentId)).filter(({ plan }) => plan.candidates.length > 0);
  const evidence = await kb.incidents.evidence(incident.incidentId);
  const { diagnosis } = incident;
  if (!kept || !evidence || !diagnosis || kept.inputs.evidenceTakenAt !== evidence.takenAt) return undefined;
  const { inputs, plan } = kept;
  if (canonicalJson(planFrom(diagnosis, evidence, inputs)) !== canonicalJson(plan))
    throw new Error(`the plan of ${incident.incidentId} must follow from its inputs, got another one`);
  const unlearned = planFrom(diagnosis, evidence, { ...inputs, posteriors: {}, own: {} });
  const heals = (candidate: Candidate | undefined) =>
    candidate !== undefined && truth.heals.includes(candidate.action) && candidate.resource === truth.resource;
  return {
    learned: heals(plan.candidates[0]),
    fixed: heals(unlearned.candidates[0]),
    oracle: plan.candidates.some(heals),
  };
}
