import type { Incident } from '../../layers/core/incident.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';
import type { OwnHistory } from './plan.ts';

/** Incidents of the resource that are looked back on. */
const LOOK_BACK = 10;

/** How actions fared on this very resource in the incidents before this one. */
export async function ownHistory(incident: Incident, kb: typeof Kb): Promise<OwnHistory> {
  const past = await kb.incidents.byResource(incident.resource, LOOK_BACK);
  const others = past.filter(({ incidentId, attempts }) => incidentId !== incident.incidentId && attempts > 0);
  const lists = await Promise.all(others.map(({ incidentId }) => kb.incidents.attempts(incidentId)));
  return count(lists.flat());
}

export function count(attempts: readonly Attempt[]): OwnHistory {
  const history: Record<string, { healed: number; failed: number }> = {};
  for (const { candidate, outcome } of attempts) {
    if (outcome === undefined || outcome === 'unknown') continue;
    const entry = (history[`${candidate.fault}/${candidate.action}`] ??= { healed: 0, failed: 0 });
    if (outcome === 'recovered') entry.healed += 1;
    else entry.failed += 1;
  }
  return history;
}
