import type { Label } from '../../layers/core/experience.ts';
import { hasHappened, type Incident } from '../../layers/core/incident.ts';
import { epoch } from '../../layers/core/points.ts';
import type { Occurrence } from '../diagnose/knowledge/sequences.ts';

/**
 * The troubles of their own among incidents, for what is learned of their order. Left out is what has another's cause (folded, or
 * blamed on what it calls), so that a symptom never follows its root; what was noise, or only foretold; and what engaged the
 * storm brake. Pure.
 * @param labels a person's or a healing's word goes before the diagnosis
 */
export function occurrencesOf(incidents: readonly Incident[], labels: ReadonlyMap<string, Label>): Occurrence[] {
  return incidents.flatMap((incident): Occurrence[] => {
    const { incidentId, resource, onset } = incident;
    const [first] = incident.diagnosis?.hypotheses ?? [];
    const { fault, root, by } = labels.get(incidentId) ?? {
      fault: first?.fault,
      root: first?.resource,
      by: 'diagnosis',
    };
    if (fault === undefined || fault === 'dependency-failure' || root !== resource) return [];
    if (!hasHappened(incident) || engagedBrake(incident)) return [];
    return [{ incidentId, resource, fault, at: epoch(onset), confirmed: by !== 'diagnosis' }];
  });
}

/** Much begins at once in a storm. */
const engagedBrake = ({ ending }: Incident): boolean => ending?.kind === 'escalated' && ending.because === 'brake';
