import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as incidents from '../../../layers/runtime/kb/incidents.ts';
import type { Result } from './result.ts';
import type { Expected } from './scenario.ts';

/** Writes each incident's evidence as it was diagnosed, and beside it the truth: what the fault really was, and where. */
export async function keepEvidence(
  folder: string,
  { name, seed, incidents: ids }: Result,
  expected: Expected,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const truth = expected.incidents.map(({ resource, faults }) => ({ resource, faults: faults ?? [] }));
  for (const [n, incidentId] of ids.entries()) {
    const evidence = await incidents.evidence(incidentId);
    if (!evidence) continue;
    const stem = join(folder, `${name}-${seed}-${n + 1}`);
    await writeFile(`${stem}.evidence.json`, `${JSON.stringify(evidence, undefined, 2)}\n`);
    await writeFile(
      `${stem}.truth.json`,
      `${JSON.stringify({ scenario: name, seed, incidentId, truth }, undefined, 2)}\n`,
    );
  }
}
