import type { Arn } from '../../../layers/core/arn.ts';
import type { RecentIncident } from '../../../layers/core/evidence.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import type { Resource } from '../../../layers/core/inventory.ts';

/** Of each resource, the latest. */
const OF_EACH = 5;
/** The resource and what it calls: one query each. */
const RESOURCES = 5;

export type ReadIncidents = (arn: Arn, limit: number) => Promise<readonly Incident[]>;

/** Incidents of these resources before this one, with how they ended; the newest first. Never throws. */
export async function collectRecent(
  incidentId: string,
  resources: readonly Resource[],
  read: ReadIncidents,
): Promise<{ readonly recent: readonly RecentIncident[]; readonly gaps: readonly string[] }> {
  const gaps: string[] = [];
  const lists = await Promise.all(
    resources.slice(0, RESOURCES).map(({ arn }) =>
      read(arn, OF_EACH).catch((error: unknown) => {
        gaps.push(`earlier incidents of ${arn} could not be read: ${String(error)}`);
        return [];
      }),
    ),
  );
  const recent = lists
    .flat()
    .filter((one) => one.incidentId !== incidentId)
    .map(briefly)
    .sort((a, b) => (a.openedAt > b.openedAt ? -1 : a.openedAt < b.openedAt ? 1 : 0));
  return { recent, gaps };
}

function briefly({ incidentId, resource, openedAt, closedAt, diagnosis, ending }: Incident): RecentIncident {
  const [first] = diagnosis?.hypotheses ?? [];
  return {
    incidentId,
    resource,
    openedAt,
    ...(closedAt ? { closedAt } : {}),
    ...(first ? { fault: first.fault } : {}),
    ...(ending ? { ending: ending.kind } : {}),
    ...(ending?.kind === 'recovered' ? { by: ending.by } : {}),
    ...(ending?.kind === 'recovered' && ending.action ? { action: ending.action } : {}),
  };
}
