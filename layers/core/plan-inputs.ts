import * as z from 'zod';
import { Resource } from './inventory.ts';
import { Plan } from './plan.ts';
import { Policy } from './policy.ts';
import { Posterior } from './posterior.ts';

/** All that a plan was made from beside diagnosis and evidence: kept with it, so that it can be made again, bit for bit. */
export const PlanInputs = z.object({
  /** `takenAt` of the evidence it was made from: a later look replaces the evidence. */
  evidenceTakenAt: z.string(),
  /** What was learned, by `fault/action`. */
  posteriors: z.record(z.string(), Posterior),
  /** How actions fared on this very resource, by `fault/action`. */
  own: z.record(z.string(), z.object({ healed: z.number(), failed: z.number() })),
  /** Candidates of attempts already made in the incident. */
  tried: z.array(z.string()),
  /** Why an action must rest, by name. */
  resting: z.record(z.string(), z.string()),
  policy: Policy,
  /** The inventory's record as it was when the plan was made: mode and limits may have changed since the evidence. */
  resource: Resource,
});
export type PlanInputs = z.infer<typeof PlanInputs>;

/** A plan as it was kept: `INCIDENT#id / PLAN#attempt`. */
export const KeptPlan = z.object({ attempt: z.number().int(), inputs: PlanInputs, plan: Plan });
export type KeptPlan = z.infer<typeof KeptPlan>;
