import { resourceTypeOf, type Arn } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Label, PastIncident } from '../../../layers/core/experience.ts';
import type { Ending, Incident } from '../../../layers/core/incident.ts';
import type { Attempt } from '../../../layers/core/plan.ts';
import type { Instant } from '../../../layers/core/units.ts';
import { featuresOf } from '../features/features.ts';
import { rootsOf } from '../roots/roots.ts';
import { signatureOf } from './signature.ts';

/** What is known of an incident as it ends. */
export interface Ended {
  readonly incident: Incident;
  readonly ending: Ending;
  readonly evidence: Evidence;
  readonly attempts: readonly Attempt[];
  /** The resource with whose incident it got well, where it was folded into that. */
  readonly foldedOn?: Arn | undefined;
  readonly at: Instant;
}

/** What is kept of it for later; undefined for noise, and for what was never diagnosed. Pure. */
export function pastOf(ended: Ended): PastIncident | undefined {
  const { incident, ending, evidence, attempts, at } = ended;
  const resourceType = resourceTypeOf(incident.resource);
  const label = labelOf(ended);
  if (!resourceType || !label || ending.kind === 'noise') return undefined;
  return {
    incidentId: incident.incidentId,
    resource: incident.resource,
    resourceType,
    endedAt: at,
    signature: signatureOf(evidence),
    features: JSON.stringify(featuresOf(evidence, rootsOf(evidence))),
    label,
    ending: endingOf(ending),
    tried: attempts
      .filter(({ mutations }) => mutations.length > 0)
      .flatMap(({ candidate: { action, fault, resource }, outcome, judged = 'unknown' }) => {
        const on = resourceTypeOf(resource);
        return on ? [{ action, fault, on, outcome: outcome ?? judged }] : [];
      }),
  };
}

/** The fault against which an action healed; what it waited for and got well with; else what Diagnose holds most likely. */
function labelOf({ incident, ending, attempts, foldedOn }: Ended): Label | undefined {
  const [first] = incident.diagnosis?.hypotheses ?? [];
  if (!first) return undefined;
  const cure = attempts.findLast(
    ({ judged, outcome, byItself }) => (outcome ?? judged) === 'recovered' && byItself !== true,
  );
  if (ending.kind === 'recovered' && ending.by === 'action' && cure)
    return { fault: cure.candidate.fault, root: cure.candidate.resource, by: 'healing' };
  if (ending.kind === 'recovered' && ending.by === 'itself' && foldedOn && foldedOn !== incident.resource)
    return { fault: 'dependency-failure', root: foldedOn, by: 'healing' };
  return { fault: first.fault, root: first.resource, by: 'diagnosis' };
}

function endingOf(ending: Ending): string {
  if (ending.kind === 'recovered') return `recovered by ${ending.action ?? ending.by}`;
  return ending.kind === 'noise' ? 'noise' : `${ending.kind}: ${ending.because}`;
}
