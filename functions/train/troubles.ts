import { epoch } from '../../layers/core/points.ts';
import type { Arn } from '../../layers/core/arn.ts';
import type { PastIncident } from '../../layers/core/experience.ts';
import { hasHappened, type Incident } from '../../layers/core/incident.ts';
import type { Signal } from '../../layers/core/signal.ts';
import { minutes, type Seconds } from '../../layers/core/units.ts';

/** A time in which a resource was not well, or was taken not to be. Seconds since the epoch. */
export interface Trouble {
  readonly from: Seconds;
  readonly until: Seconds;
  /** It failed by a cause of its own: that can be learned from what it showed before. */
  readonly failed: boolean;
}

/** Metrics take so long to be as usual after it was got well. */
export const AFTERMATH: Seconds = minutes(15);

/**
 * The troubles of one resource, oldest first. Pure.
 * @param pasts what is remembered of them: a person's or a healing's word on the cause goes before the diagnosis
 * @param signalsOf of an incident that may be a failure
 */
export async function troublesOf(
  incidents: readonly Incident[],
  pasts: ReadonlyMap<string, PastIncident>,
  signalsOf: (incidentId: string) => Promise<readonly Signal[]>,
  now: Seconds,
): Promise<Trouble[]> {
  const troubles = incidents.map(async (incident): Promise<Trouble> => {
    const from = epoch(incident.onset);
    const until = incident.closedAt === undefined ? now : epoch(incident.closedAt);
    const own = isOwnFailure(incident, pasts.get(incident.incidentId)?.label.root);
    return { from, until, failed: own && !(await signalsOf(incident.incidentId)).some(({ kind }) => kind === 'chaos') };
  });
  return (await Promise.all(troubles)).sort((a, b) => a.from - b.from);
}

/** Diagnosed, real, has happened (not only foretold), and neither somebody else's cause nor nobody's. */
function isOwnFailure(incident: Incident, root?: Arn): boolean {
  if (incident.ending === undefined || !hasHappened(incident)) return false;
  return (root ?? incident.diagnosis?.hypotheses[0]?.resource) === incident.resource;
}
