import { keepRecords } from '../../../cli/record.ts';
import type { Result } from './result.ts';
import type { Expected } from './scenario.ts';

/** Keeps each incident as it was diagnosed and planned for, with the truth: what the fault really was, and where. */
export async function keepEvidence(
  folder: string,
  { name, seed, incidents: ids }: Result,
  expected: Expected,
): Promise<void> {
  const truth = expected.incidents.map(({ resource, faults }) => ({ resource, faults: faults ?? [] }));
  await keepRecords(folder, `${name}-${seed}`, ids, { scenario: name, seed, truth });
}
