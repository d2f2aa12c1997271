import type { Diagnosis } from '../../layers/core/diagnosis.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import type { PlanInputs } from '../../layers/core/plan-inputs.ts';
import type { Plan } from '../../layers/core/plan.ts';
import { actions } from '../recover/catalogue.ts';
import { plan } from './plan.ts';

/** The plan that follows from what was known. Pure: the same inputs make the same plan, whoever asks and whenever. */
export function planFrom(
  diagnosis: Diagnosis,
  evidence: Evidence,
  { posteriors, own, tried, resting, policy, resource }: PlanInputs,
): Plan {
  const current = {
    ...evidence,
    resources: evidence.resources.map((one) => (one.arn === resource.arn ? resource : one)),
  };
  return plan(diagnosis, current, posteriors, policy, actions, { tried: new Set(tried), resting, own });
}
