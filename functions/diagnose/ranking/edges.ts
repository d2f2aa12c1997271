import type { Seconds } from '../../../layers/core/units.ts';
import { changeOf } from './change.ts';
import type { Edge } from './input.ts';
import type { Known } from './known.ts';
import { NOISE, short, type Symptom } from './symptoms.ts';

/**
 * The network at a resource: calls that take longer as the caller sees them, though the callee answers as fast as before.
 * One slow link can be either end's; the end whose links are slow all together is at fault, so the symptom counts with the
 * share of the resource's links that show it.
 */
export function edgeSymptoms(node: string, edges: readonly Edge[], known: Known, from: Seconds): Symptom[] {
  const links = edges.filter((edge) => edge.seconds && (edge.from === node || edge.to === node));
  const gaps = links.map((edge) => gapOf(edge, known, from));
  const judged = gaps.filter((gap) => gap !== undefined);
  const slow = judged.filter(({ z }) => z >= NOISE);
  const [worst] = slow.toSorted((a, b) => b.z - a.z);
  if (!worst) return [];
  const share = slow.length / judged.length;
  return [
    {
      node,
      family: 'network',
      z: worst.z,
      own: share * worst.own,
      because: `${worst.because} ${slow.length} of its ${judged.length} links are slow so.`,
    },
  ];
}

/** How much slower a link became than its callee. */
function gapOf(edge: Edge, known: Known, from: Seconds): { z: number; own: number; because: string } | undefined {
  const { seconds, answered } = edge;
  if (!seconds) return undefined;
  const link = { node: edge.from, metric: `${edge.from} to ${edge.to}`, kind: 'latency' as const };
  const seen = changeOf({ ...link, ...seconds }, from);
  if (!seen) return undefined;
  const inside = answered ? changeOf({ ...link, ...answered }, from) : known.changes.get(edge.to)?.get('latency');
  const slower = seen.now - seen.usual;
  const theirs = inside ? Math.max(0, inside.now - inside.usual) : 0;
  const own = slower > 0 ? Math.max(0, 1 - theirs / slower) : 0;
  return {
    z: own > 0.5 ? seen.z : 0,
    own,
    because: `Calls from ${edge.from} to ${edge.to} took ${short(seen.usual)} s and take ${short(seen.now)} s, the callee ${short(theirs)} s of it.`,
  };
}
