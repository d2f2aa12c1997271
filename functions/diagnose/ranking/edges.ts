import type { Seconds } from '../../../layers/core/units.ts';
import { changeOf } from './change.ts';
import type { Edge, Measured } from './input.ts';
import type { Known } from './known.ts';
import { NOISE, short, type Symptom } from './symptoms.ts';

/**
 * The network at a resource: calls that take longer as the caller sees them, though the callee answers as fast as before.
 * One slow link can be either end's; the end whose links are slow all together is at fault, so the symptom counts with the
 * share of the resource's links that show it, of those into it, out of it, or all. The share is Laplace's (rule of
 * succession): one of one says less than seven of seven.
 */
export function edgeSymptom(
  node: string,
  edges: readonly Edge[],
  changes: Known['changes'],
  from: Seconds,
): Symptom | undefined {
  const links = edges.filter((edge) => edge.seconds && (edge.from === node || edge.to === node));
  const judged = links.flatMap((edge) => {
    const gap = gapOf(edge, changes, from);
    return gap ? [{ ...gap, isInto: edge.to === node }] : [];
  });
  const slow = judged.filter(({ z }) => z >= NOISE);
  const [worst] = slow.toSorted((a, b) => b.z - a.z);
  if (!worst) return undefined;
  const share = Math.max(
    ...[[true], [false], [true, false]].map((ways) => {
      const count = (gaps: typeof judged) => gaps.filter(({ isInto }) => ways.includes(isInto)).length;
      return count(slow) === 0 ? 0 : (count(slow) + 1) / (count(judged) + 2);
    }),
  );
  return {
    node,
    family: 'network',
    z: worst.z,
    own: share * worst.own,
    because: `${worst.because} ${slow.length} of its ${judged.length} links are slow so.`,
  };
}

interface Gap {
  readonly z: number;
  readonly own: number;
  readonly because: string;
}

/** How much longer calls spend on the way than they did; where only one end tells of them, how much slower they became than the callee. */
function gapOf(edge: Edge, changes: Known['changes'], from: Seconds): Gap | undefined {
  const { seconds, answered } = edge;
  if (!seconds) return undefined;
  const link = { node: edge.from, metric: `${edge.from} to ${edge.to}`, kind: 'latency' as const };
  const way = onTheWay(edge);
  if (way) {
    const change = changeOf({ ...link, ...way }, from);
    return (
      change && {
        z: change.z,
        own: 1,
        because: `Calls from ${edge.from} to ${edge.to} spent ${short(change.usual)} s on the way and spend ${short(change.now)} s.`,
      }
    );
  }
  const seen = changeOf({ ...link, ...seconds }, from);
  if (!seen) return undefined;
  const inside = answered ? changeOf({ ...link, ...answered }, from) : changes.get(edge.to)?.get('latency');
  const slower = seen.now - seen.usual;
  const theirs = inside ? Math.max(0, inside.now - inside.usual) : 0;
  const own = slower > 0 ? Math.max(0, 1 - theirs / slower) : 0;
  return {
    z: own > 0.5 ? seen.z : 0,
    own,
    because: `Calls from ${edge.from} to ${edge.to} took ${short(seen.usual)} s and take ${short(seen.now)} s, the callee ${short(theirs)} s of it.`,
  };
}

/**
 * What the caller waits less what the callee works, for each point that both ends tell of; undefined where the two were not
 * recorded together. It is known far better than either: the network is steadier than the work.
 */
function onTheWay({ seconds, answered }: Edge): Pick<Measured, 'times' | 'values' | 'reference'> | undefined {
  if (!seconds || answered?.values.length !== seconds.values.length) return undefined;
  const isTogether = seconds.reference?.length === answered.reference?.length;
  if (!isTogether) return undefined;
  const less = (seen: Float64Array, inside: Float64Array | undefined) =>
    seen.map((value, i) => value - (inside?.[i] ?? NaN));
  return {
    times: seconds.times,
    values: less(seconds.values, answered.values),
    ...(seconds.reference ? { reference: less(seconds.reference, answered.reference) } : {}),
  };
}
