import type { Evidence } from '../../../layers/core/evidence.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import type { Share, Sharer } from '../../../layers/core/common-cause.ts';
import type { Instant } from '../../../layers/core/units.ts';
import { byRules } from '../by-rules.ts';
import { sharerOf } from './traces.ts';

/**
 * The evidence with what the incident shares with others of this time, and the incident written down for those to come. Whether
 * its cause is its own is told by the rules here: the diagnosis is made from the evidence that this completes. Where it cannot be
 * read, the incident is diagnosed as if it were alone.
 */
export async function sharing(
  evidence: Evidence,
  incident: Pick<Incident, 'incidentId' | 'resource'>,
  note: (sharer: Sharer, now: Instant) => Promise<readonly Share[]>,
  now: Instant,
): Promise<Evidence> {
  try {
    const shared = await note(sharerOf(incident, evidence, { hypotheses: byRules(evidence) }), now);
    return shared.length > 0 ? { ...evidence, shared: [...shared] } : evidence;
  } catch (error) {
    const gap = `what other incidents show was not heard: ${String(error)}`;
    return { ...evidence, gaps: [...evidence.gaps, gap] };
  }
}
