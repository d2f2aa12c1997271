import type { Label, PastIncident, Pattern } from '../../../layers/core/experience.ts';
import { meanOf, type Signature } from '../../../layers/core/signature.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { groupsOf, type Group } from './groups.ts';
import { marksOf, whereSpoken } from './signature.ts';

/** Twice may be chance. */
export const RECURRING = 3;

/** Trouble that came at least three times, the most frequent first. Pure. */
export function patternsOf(past: readonly PastIncident[]): Pattern[] {
  return groupsOf(past)
    .groups.filter((group) => group.length >= RECURRING)
    .map(patternOf)
    .sort((a, b) => b.times - a.times || (a.id < b.id ? -1 : 1));
}

/** The pattern that an incident would belong to; it is counted in. Pure. */
export function patternOfOne(signature: Signature, past: readonly PastIncident[]): Pattern | undefined {
  const group = groupsOf(past).closest(signature);
  if (!group || group.length + 1 < RECURRING) return undefined;
  const pattern = patternOf(group);
  return { ...pattern, times: pattern.times + 1 };
}

function patternOf(members: Group): Pattern {
  const resources = [...new Set(members.map(({ resource }) => resource))];
  const fault = commonFault(members.map(({ label }) => label));
  const marks = marksOf(meanOf(members.map(({ signature }) => signature)));
  return {
    id: members[0]!.incidentId,
    name: `${fault} of ${whereSpoken(resources)}${marks.length > 0 ? `: ${marks.join('; ')}` : ''}`,
    times: members.length,
    firstAt: members[0]!.endedAt,
    lastAt: members.at(-1)!.endedAt,
    resources: resources.slice(0, MOST_NAMED),
    incidents: members.slice(-MOST_NAMED).map(({ incidentId }) => incidentId),
    fault,
    fixes: fixesOf(members),
  };
}

const MOST_NAMED = 20;

/** What a label counts: a person knows, a healing proves little beyond itself, a diagnosis alone is a guess. */
const WORTH: Readonly<Record<Label['by'], number>> = { person: 4, healing: 2, diagnosis: 1 };

function commonFault(labels: readonly Label[]): Fault {
  const votes = new Map<Fault, number>();
  for (const { fault, by } of labels) votes.set(fault, (votes.get(fault) ?? 0) + WORTH[by]);
  return [...votes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? 'unknown';
}

function fixesOf(members: Group): Pattern['fixes'] {
  const judged = members.flatMap(({ tried }) => tried).filter(({ outcome }) => outcome !== 'unknown');
  return [...Map.groupBy(judged, ({ action }) => action)]
    .map(([action, all]) => {
      const healed = all.filter(({ outcome }) => outcome === 'recovered').length;
      return { action, healed, failed: all.length - healed };
    })
    .sort((a, b) => b.healed - a.healed || a.failed - b.failed || (a.action < b.action ? -1 : 1));
}

/**
 * What to forget so that at most `most` stay: of the most frequent trouble the oldest first, so that what happened once a
 * year is not pushed out by what happens every hour. What a person has said of an incident goes last. Pure.
 */
export function surplus(past: readonly PastIncident[], most: number): PastIncident[] {
  const groups = groupsOf(past).groups.map((group) => group.toSorted(expendableFirst));
  const gone: PastIncident[] = [];
  while (past.length - gone.length > most) {
    const largest = groups.reduce((a, b) => (b.length > a.length ? b : a));
    const victim = largest.shift();
    if (!victim) break;
    gone.push(victim);
  }
  return gone;
}

const expendableFirst = (a: PastIncident, b: PastIncident): number =>
  Number(a.verdict !== undefined) - Number(b.verdict !== undefined) || (a.incidentId < b.incidentId ? -1 : 1);
