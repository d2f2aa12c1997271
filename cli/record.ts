import * as z from 'zod';
import { Diagnosis } from '../layers/core/diagnosis.ts';
import { Evidence } from '../layers/core/evidence.ts';
import { KeptPlan } from '../layers/core/plan-inputs.ts';
import * as incidents from '../layers/runtime/kb/incidents.ts';
import { UsageError } from './command.ts';

/** An incident as it can be replayed: what was known, what was concluded, and (where a scenario knows it) the truth. */
export const IncidentRecord = z.object({
  evidence: Evidence,
  diagnosis: Diagnosis,
  plans: z.array(KeptPlan),
  truth: z.unknown().optional(),
});
export type IncidentRecord = z.infer<typeof IncidentRecord>;

/** @throws UsageError when the incident was closed before it was diagnosed */
export async function readRecord(incidentId: string): Promise<IncidentRecord> {
  const [incident, evidence, plans] = await Promise.all([
    incidents.get(incidentId),
    incidents.evidence(incidentId),
    incidents.plans(incidentId),
  ]);
  if (!evidence || !incident.diagnosis)
    throw new UsageError(`incident ${incidentId} was not diagnosed: there is nothing to replay`);
  return { evidence, diagnosis: incident.diagnosis, plans };
}
