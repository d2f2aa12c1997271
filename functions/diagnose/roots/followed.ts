import { shortName } from '../../../layers/core/arn.ts';
import type { Seconds } from '../../../layers/core/units.ts';
import { changeOf } from '../ranking/change.ts';
import type { Edge } from '../ranking/input.ts';
import { changePoint } from '../ranking/onset.ts';
import { NOISE } from '../ranking/symptoms.ts';
import { spoken } from '../support/facts.ts';
import type { Told } from './measured.ts';

/** A change of level is looked for so far around the onset. */
const AROUND: Seconds = 600;
/** Two levels must explain this share of a metric's variance to be told as "changed at". */
const CLEAR = 0.3;

interface Moved {
  readonly at: Seconds;
  readonly period: Seconds;
}

/** When a resource moved and how much later those who call it did; undefined where it is not clear. */
export function followed(
  node: string,
  measured: readonly Told[],
  edges: readonly Edge[],
  onset: Seconds,
): string | undefined {
  const own = moved(node, measured, onset);
  if (!own) return undefined;
  const clock = new Date(own.at * 1000).toISOString().slice(11, 19);
  const callers = edges
    .filter(({ to, from }) => to === node && from !== node)
    .flatMap(({ from }) => {
      const theirs = moved(from, measured, onset);
      return theirs ? [`${shortName(from)}, which calls it, ${after(theirs, own)}`] : [];
    });
  return `${shortName(node)} changed at ${clock}${callers.length > 0 ? `; ${callers.join(', ')}` : ''}.`;
}

/** The first clear change of level of any of its metrics that left the usual. */
function moved(node: string, measured: readonly Told[], onset: Seconds): Moved | undefined {
  const found = measured
    .filter((series) => series.node === node && series.kind !== 'traffic' && series.kind !== 'other')
    .filter((series) => (changeOf(series, onset - Math.max(60, series.period))?.z ?? 0) >= NOISE)
    .flatMap((series): Moved[] => {
      const point = changePoint(series, onset - AROUND, onset + AROUND);
      return point && point.gain >= CLEAR ? [{ at: point.at, period: series.period }] : [];
    });
  // The finest says best when; among equals the earliest.
  return found.sort((a, b) => a.period - b.period || a.at - b.at)[0];
}

/** Within what the coarser of both can tell, they are at the same time. */
function after(theirs: Moved, own: Moved): string {
  const late = theirs.at - own.at;
  const exact = Math.max(theirs.period, own.period);
  if (Math.abs(late) < exact) return `within the same ${spoken(exact)}`;
  return late > 0 ? `${spoken(late)} later` : `${spoken(-late)} earlier`;
}
