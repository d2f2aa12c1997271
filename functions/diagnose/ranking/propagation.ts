import type { Ratio } from '../../../layers/core/units.ts';
import type { Change } from './change.ts';
import type { Excess } from './excess.ts';
import type { Known } from './known.ts';
import { FAMILY, NOISE, type Family } from './symptoms.ts';

/** What a callee may show that makes its callers wait or fail. */
const CONTAGIOUS: readonly Family[] = ['latency', 'failures', 'capacity', 'network', 'events'];

/**
 * How much of a symptom of `node` the resources it calls explain. Where both ends tell how many seconds or failures their
 * trouble adds up to, the callee's are set off against the caller's; else the callee's standard deviations against the
 * caller's, since trouble is diluted on its way up. Only what a resource answers, logs or waits for can be explained so; what
 * it uses up is its own. Where its log lines name who it waits for, they are believed.
 */
export function explainedByCallees(node: string, family: Family, known: Known): Ratio {
  if (family === 'capacity' || family === 'memory' || family === 'traffic' || family === 'other') return 0;
  const edges = known.graph.callees.get(node) ?? [];
  if (edges.length === 0) return 0;
  const said = Math.min(
    1,
    edges.reduce((sum, { named = 0 }) => sum + named, 0),
  );
  const counted = countedShare(node, family, known);
  if (counted !== undefined) return Math.max(said, counted);
  const own = zOf(node, [family], known);
  if (own < NOISE) return said;
  const shares = edges.map(({ to, confidence = 1 }) => {
    const z = zOf(to, family === 'events' ? ['events'] : CONTAGIOUS, known);
    return z < NOISE ? 0 : confidence * Math.min(1, z / own);
  });
  return Math.max(said, ...shares);
}

function zOf(node: string, families: readonly Family[], { changes, events, network }: Known): number {
  return Math.max(
    0,
    ...families.map((family) => {
      if (family === 'network') return network.get(node)?.z ?? 0;
      return (family === 'events' ? events.get(node)?.z : changes.get(node)?.get(family)?.z) ?? 0;
    }),
  );
}

const UNIT: Readonly<Partial<Record<Family, keyof Excess>>> = { latency: 'seconds', failures: 'failures' };

/** The callees' seconds or failures over the node's own; undefined where they are not known. */
function countedShare(node: string, family: Family, known: Known): Ratio | undefined {
  const unit = UNIT[family];
  const own = unit && known.excess.get(node)?.[unit];
  if (!unit || !own) return undefined;
  const shares = (known.graph.callees.get(node) ?? []).map(({ to, confidence = 1 }) => {
    const theirs = known.excess.get(to)?.[unit];
    return theirs === undefined ? undefined : (confidence * theirs * callsShare(node, to, known)) / own;
  });
  const counted = shares.filter((share) => share !== undefined);
  return counted.length === 0
    ? undefined
    : Math.min(
        1,
        counted.reduce((sum, share) => sum + share, 0),
      );
}

/** The share of the requests of `callee` that come from `node`, judged by how much traffic each of its callers has. */
function callsShare(node: string, callee: string, { graph, changes }: Known): Ratio {
  const traffic = (name: string) => changes.get(name)?.get('traffic')?.now ?? 0;
  const all = (graph.callers.get(callee) ?? []).reduce((sum, { from }) => sum + traffic(from), 0);
  return all > 0 ? traffic(node) / all : 1;
}

/** How much of what a resource uses up its traffic explains: work grows with the requests. */
export function explainedByTraffic(node: string, { kind, usual, now }: Change, { changes }: Known): Ratio {
  if (kind !== 'cpu' && kind !== 'saturation' && kind !== 'network') return 0;
  const traffic = changes.get(node)?.get('traffic');
  if (!traffic || !(traffic.usual > 0) || !(traffic.now > 0) || !(usual > 0) || !(now > 0)) return 0;
  const grown = Math.log(now / usual);
  const more = Math.log(traffic.now / traffic.usual);
  return grown === 0 || grown * more <= 0 ? 0 : Math.min(1, more / grown);
}

/** What answers badly in one way says little about a target that answers badly in the other. */
export const OTHER_WAY = 0.25;

/** A symptom of answers that go wrong in the other way than the target's. */
export function isOtherWay(family: Family, { target }: Known): boolean {
  const asked = target?.kind && UNIT[FAMILY[target.kind]];
  const unit = UNIT[family];
  return asked !== undefined && (family === 'calls' || (unit !== undefined && asked !== unit));
}

/** Seconds or failures of `node` over the target's, where both are known and the target has any. */
export function ofTarget(node: string, family: Family, { target, excess }: Known): number | undefined {
  const unit = UNIT[family];
  const theirs = target && unit && excess.get(target.node)?.[unit];
  const own = unit && excess.get(node)?.[unit];
  return !theirs || own === undefined ? undefined : own / theirs;
}
