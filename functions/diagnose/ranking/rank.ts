import type { Ratio, Seconds } from '../../../layers/core/units.ts';
import type { Change } from './change.ts';
import { reachable } from './graph.ts';
import type { Made, Ranked, RankingInput } from './input.ts';
import { knownOf, type Known } from './known.ts';
import { explainedByCallees, explainedByTraffic, isOtherWay, ofTarget, OTHER_WAY } from './propagation.ts';
import { short, strength, told, type Symptom } from './symptoms.ts';

/** The strongest family speaks in full, the others confirm it. */
const CONFIRMING = 0.25;
/** What the target does not call cannot be why it suffers, unless an edge is not known. */
const UNREACHABLE = 0.1;
/** A change just before the onset counts up to half as much again; its weight halves every ten minutes. */
const MADE = 0.5;
const MADE_HALF_LIFE: Seconds = 600;

/**
 * Ranks resources by how likely each is the root cause.
 *
 * Every metric is compared with its own past (see `changeOf`). A symptom that shows a resource's answers (latency, failures)
 * counts only as far as the resources it calls do not explain it: a fault explains its callers, not the reverse. What it
 * uses up counts only as far as its traffic does not explain it. What slows calls without slowing the answers is the
 * network at one end. A change made just before the onset weighs. Deterministic; ties fall to the resource that is deepest in
 * the calls, then to the name.
 *
 * @param known what is known of the input, for who needs it for more than this
 */
export function rank(input: RankingInput, known: Known = knownOf(input)): Ranked[] {
  const { from } = known;
  const depth = known.target ? reachable(known.graph, known.target.node) : undefined;
  const isKnown =
    depth !== undefined && (depth.size > 1 || (known.graph.callers.get(known.target?.node ?? '') ?? []).length > 0);
  const scored = [...nodesOf(input)].map((node) => {
    const symptoms = symptomsOf(node, known).filter((symptom) => strength(symptom) > 0);
    symptoms.sort((a, b) => strength(b) - strength(a));
    const [first = 0, ...rest] = symptoms.map(strength);
    const evidence = first + CONFIRMING * rest.reduce((sum, one) => sum + one, 0);
    const made = latest(input.changes ?? [], node, input.onset, input.onset - from);
    const weight = (made ? 1 + made.weight : 1) * (isKnown && !depth.has(node) ? UNREACHABLE : 1);
    return {
      node,
      score: evidence * weight,
      depth: depth?.get(node) ?? 0,
      because: [...symptoms.map(({ because }) => because), ...(made ? [made.because] : [])],
    };
  });
  const total = scored.reduce((sum, { score }) => sum + score, 0);
  return scored
    .sort((a, b) => b.score - a.score || b.depth - a.depth || (a.node < b.node ? -1 : 1))
    .map(({ node, score, because }) => ({ node, score, share: total > 0 ? score / total : 0, because }));
}

function nodesOf({ measured, edges, events }: RankingInput): Set<string> {
  return new Set([
    ...measured.map(({ node }) => node),
    ...edges.flatMap(({ from, to }) => [from, to]),
    ...(events ?? []).map(({ node }) => node),
  ]);
}

function symptomsOf(node: string, known: Known): Symptom[] {
  const own = [...(known.changes.get(node) ?? [])].map(([family, change]): Symptom => {
    const explained = Math.max(explainedByCallees(node, family, known), explainedByTraffic(node, change, known));
    const because =
      explained >= 0.05
        ? `${told(change)} Others explain ${short(Math.round(explained * 100))} % of it.`
        : told(change);
    const own = (1 - explained) * used(change);
    if (isOtherWay(family, known)) return { node, family, z: change.z, own: own * OTHER_WAY, because };
    const part = ofTarget(node, family, known);
    return { node, family, z: change.z, own, ...(part === undefined ? {} : { ofTarget: part }), because };
  });
  const events = known.events.get(node);
  const network = known.network.get(node);
  return [
    ...own,
    ...(events ? [{ ...events, own: 1 - explainedByCallees(node, 'events', known) }] : []),
    ...(network ? [network] : []),
  ];
}

/** How near a resource is to its limit: its use matters as far as little is left. 1 where no limit is known. */
const used = ({ now, limit }: Change): Ratio => (limit === Infinity ? 1 : Math.max(0, Math.min(1, now / limit)));

/** The newest change made to a resource before the trouble began, give or take the tolerance. */
function latest(
  changes: readonly Made[],
  node: string,
  onset: Seconds,
  tolerance: Seconds,
): { weight: Ratio; because: string } | undefined {
  const [made] = changes
    .filter((change) => change.node === node && change.at <= onset + tolerance)
    .sort((a, b) => b.at - a.at);
  if (!made) return undefined;
  const age = Math.max(0, onset - made.at);
  const weight = MADE * 0.5 ** (age / MADE_HALF_LIFE);
  return { weight, because: `${made.what}, ${short(Math.round(age / 60))} minutes before the onset.` };
}
