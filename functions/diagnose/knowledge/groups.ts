import type { PastIncident } from '../../../layers/core/experience.ts';
import type { Signature } from '../../../layers/core/signature.ts';
import type { Ratio } from '../../../layers/core/units.ts';

/** As alike as two incidents of one trouble are, whose points and lines are never quite the same. */
export const SAME: Ratio = 0.6;

/** Past incidents that look alike, the oldest first. */
export type Group = readonly PastIncident[];

export interface Groups {
  readonly groups: readonly Group[];
  /** The group that a signature belongs to; undefined where it is like none. */
  closest(signature: Signature): Group | undefined;
}

/** A group while it grows: sums of each trait, by the trait's place, and of all. */
interface Growing {
  readonly members: PastIncident[];
  readonly sums: Float64Array;
  total: number;
}

/** A signature by places: traits that nothing kept has are in `total` only. */
interface Placed {
  readonly places: readonly number[];
  readonly values: readonly number[];
  readonly total: number;
}

/**
 * Groups past incidents that look alike: each, from the oldest on, joins the group whose mean it is most alike, or begins one
 * (the leader algorithm, Hartigan 1975, "Clustering Algorithms", chapter 3). Pure. Traits are numbered, so that a few
 * hundred incidents take a few milliseconds: Diagnose waits for it.
 */
export function groupsOf(past: readonly PastIncident[]): Groups {
  const places = new Map<string, number>();
  for (const { signature } of past)
    for (const name of Object.keys(signature)) if (!places.has(name)) places.set(name, places.size);
  const growing: Growing[] = [];
  for (const one of past.toSorted((a, b) => (a.incidentId < b.incidentId ? -1 : 1))) {
    const placed = place(one.signature, places);
    const group = closest(placed, growing) ?? begin(growing, places.size);
    group.members.push(one);
    placed.places.forEach((at, i) => (group.sums[at]! += placed.values[i]!));
    group.total += placed.total;
  }
  return {
    groups: growing.map(({ members }) => members),
    closest: (signature) => closest(place(signature, places), growing)?.members,
  };
}

function begin(growing: Growing[], traits: number): Growing {
  const group = { members: [], sums: new Float64Array(traits), total: 0 };
  growing.push(group);
  return group;
}

function place(signature: Signature, places: ReadonlyMap<string, number>): Placed {
  const known = Object.entries(signature).filter(([name]) => places.has(name));
  return {
    places: known.map(([name]) => places.get(name)!),
    values: known.map(([, value]) => value),
    total: Object.values(signature).reduce((sum, value) => sum + value, 0),
  };
}

function closest(placed: Placed, growing: readonly Growing[]): Growing | undefined {
  let [best, most]: [Growing | undefined, number] = [undefined, SAME];
  for (const group of growing) {
    const alike = similarityToMean(placed, group);
    if (alike >= most && (best === undefined || alike > most)) [best, most] = [group, alike];
  }
  return best;
}

/** Weighted Jaccard similarity, as in layers/core/signature.ts: the larger of two is their sum less the smaller. */
function similarityToMean({ places, values, total }: Placed, { members, sums, total: all }: Growing): Ratio {
  const count = members.length;
  let shared = 0;
  for (let i = 0; i < places.length; i += 1) shared += Math.min(values[i]!, sums[places[i]!]! / count);
  const either = total + all / count - shared;
  return either > 0 ? shared / either : 0;
}
