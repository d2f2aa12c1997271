import type { Neighbour, PastIncident } from '../../../layers/core/experience.ts';
import { similarity, type Signature } from '../../../layers/core/signature.ts';
import type { Ratio } from '../../../layers/core/units.ts';

/** Neighbours that are told and asked: more would only be less alike. */
export const MOST_NEIGHBOURS = 5;
/** Less alike is another story. */
export const ALIKE: Ratio = 0.4;

/** The past incidents most alike, the most first; of equals the newest. Pure. */
export function nearest(
  signature: Signature,
  past: readonly PastIncident[],
  likeness: typeof similarity = similarity,
): Neighbour[] {
  return past
    .map((one) => ({ one, alike: Math.round(likeness(signature, one.signature) * 1000) / 1000 }))
    .filter(({ alike }) => alike >= ALIKE)
    .sort((a, b) => b.alike - a.alike || (a.one.incidentId > b.one.incidentId ? -1 : 1))
    .slice(0, MOST_NEIGHBOURS)
    .map(({ one: { incidentId, resource, endedAt, label, ending, tried }, alike }) => ({
      incidentId,
      resource,
      endedAt,
      label,
      ending,
      tried,
      similarity: alike,
    }));
}
