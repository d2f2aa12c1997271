import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** What was really wrong, as scenarios and the simulator write it beside a record. */
export interface RecordedTruth {
  /** The scenario, or `simulate`. */
  readonly scenario: string;
  readonly seed: number;
  /** Every cause there was: where, and by which of the taxonomy's names it may be called. */
  readonly truth: readonly { readonly resource: string; readonly faults: readonly string[] }[];
}

/** @returns undefined when the incident was closed before it was diagnosed */
export async function recordOf(incidentId: string): Promise<IncidentRecord | undefined> {
  const [incident, evidence, plans] = await Promise.all([
    incidents.get(incidentId),
    incidents.evidence(incidentId),
    incidents.plans(incidentId),
  ]);
  return evidence && incident.diagnosis ? { evidence, diagnosis: incident.diagnosis, plans } : undefined;
}

/** @throws UsageError when the incident was closed before it was diagnosed */
export async function readRecord(incidentId: string): Promise<IncidentRecord> {
  const record = await recordOf(incidentId);
  if (record) return record;
  throw new UsageError(`incident ${incidentId} was not diagnosed: there is nothing to replay`);
}

/**
 * Keeps each diagnosed incident with its truth as `<folder>/<stem>-<number>.json`, numbered from 1 as they are given:
 * what `prunella replay` reads.
 */
export async function keepRecords(
  folder: string,
  stem: string,
  incidentIds: readonly string[],
  truth: RecordedTruth,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [n, incidentId] of incidentIds.entries()) {
    const record = await recordOf(incidentId);
    if (!record) continue;
    const text = JSON.stringify({ ...record, truth: { incidentId, ...truth } });
    await writeFile(join(folder, `${stem}-${n + 1}.json`), `${text}\n`);
  }
}
