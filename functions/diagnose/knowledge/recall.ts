import { resourceTypeOf, type Arn, type ResourceType } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Cause, PastIncident } from '../../../layers/core/experience.ts';
import { containment, similarity } from '../../../layers/core/signature.ts';
import { redact } from '../../../layers/core/redact.ts';
import { isForetoldByPast } from '../support/foretold.ts';
import { nearest } from './neighbours.ts';
import { patternOfOne } from './patterns.ts';
import { signatureOf } from './signature.ts';

/** What is read of earlier incidents. */
export interface Memory {
  readonly pastIncidents: (type: ResourceType) => Promise<readonly PastIncident[]>;
  readonly causes: (effect: Arn) => Promise<readonly Cause[]>;
}

/** Evidence with what earlier incidents tell about it. What cannot be read becomes a gap; nothing here stops a diagnosis. */
export async function recall(evidence: Evidence, memory: Memory): Promise<Evidence> {
  const type = resourceTypeOf(evidence.resource);
  if (!type) return evidence;
  try {
    const [all, causes] = await Promise.all([memory.pastIncidents(type), memory.causes(evidence.resource)]);
    const past = all.filter(({ incidentId }) => incidentId !== evidence.incidentId);
    const signature = signatureOf(evidence);
    const pattern = patternOfOne(signature, past);
    const likeness = isForetoldByPast(evidence) ? containment : similarity;
    const known = {
      neighbours: nearest(signature, past, likeness),
      causes: [...causes],
      ...(pattern ? { pattern } : {}),
    };
    return { ...evidence, known };
  } catch (error) {
    return { ...evidence, gaps: [...evidence.gaps, `earlier incidents could not be read: ${redact(String(error))}`] };
  }
}
