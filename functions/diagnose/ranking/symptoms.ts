import type { Ratio } from '../../../layers/core/units.ts';
import type { Change } from './change.ts';
import type { Kind } from './input.ts';

/** What kinds of symptoms say together: one voice each, however many metrics tell it. */
export type Family =
  'latency' | 'failures' | 'capacity' | 'memory' | 'outgoing' | 'traffic' | 'calls' | 'network' | 'events' | 'other';

export const FAMILY: Readonly<Record<Kind, Family>> = {
  latency: 'latency',
  outgoing: 'outgoing',
  failures: 'failures',
  availability: 'failures',
  traffic: 'traffic',
  calls: 'calls',
  cpu: 'capacity',
  memory: 'memory',
  network: 'other',
  saturation: 'capacity',
  other: 'other',
};

/**
 * How much a family says about its own resource, before anybody knew the data: what a resource answers, what it uses up and
 * what it writes down are its own; what it is asked for, how its calls are answered and how many bytes pass depend on others.
 */
export const WEIGHT: Readonly<Record<Family, Ratio>> = {
  latency: 1,
  failures: 1,
  capacity: 1,
  memory: 1,
  network: 1,
  calls: 0.5,
  events: 1,
  outgoing: 0.25,
  traffic: 0.25,
  other: 0.25,
};

/** One family's strongest symptom on one resource. */
export interface Symptom {
  readonly node: string;
  readonly family: Family;
  /** Standard deviations, at least 0. */
  readonly z: number;
  /** What is left of it for the resource itself: 1 minus what others explain. */
  readonly own: Ratio;
  /** Its seconds or failures over the target's, where both are known. */
  readonly ofTarget?: number;
  readonly because: string;
}

/** More standard deviations than this say no more: the spread they count is no better known. */
const HIGHEST = 1000;

/** Below this many standard deviations a difference is nothing. */
export const NOISE = 3;

/** What a symptom is worth that is sure and accounts for far more than the target suffers: a logarithm as below, of z = 160. */
const ACCOUNTED = 4;

/**
 * The strength of a symptom. Logarithmic in z, since a hundred standard deviations are not ten times as sure as ten. Where
 * seconds or failures are known at both ends, how much of the target's trouble it accounts for decides, and z only says
 * whether to believe it: a small part of the traffic can be many standard deviations slower and explain nothing.
 */
export function strength({ family, z, own, ofTarget }: Omit<Symptom, 'node' | 'because'>): number {
  const part = (ofTarget ?? 0) * own;
  if (ofTarget !== undefined) return ACCOUNTED * (z / (z + NOISE)) * (part / (part + 1));
  return z < NOISE ? 0 : WEIGHT[family] * own * Math.log(Math.min(z, HIGHEST) / NOISE + 1);
}

/** The strongest change of every family of every resource; where there is a mean, the mean. */
export function strongest(changes: readonly Change[]): Map<string, Map<Family, Change>> {
  const found = new Map<string, Map<Family, Change>>();
  for (const change of changes) {
    const families = found.get(change.node) ?? new Map<Family, Change>();
    found.set(change.node, families);
    const family = FAMILY[change.kind];
    const known = families.get(family);
    if (!known || (change.mean && !known.mean) || (change.mean === known.mean && change.z > known.z))
      families.set(family, change);
  }
  return found;
}

const UNIT: Readonly<Partial<Record<Kind, string>>> = { latency: ' s', outgoing: ' s', availability: ' %' };

/** The numbers of a change and what they are compared with, for a person. */
export function told({ metric, kind, usual, now, z, before, after }: Change): string {
  const unit = UNIT[kind] ?? '';
  return `${metric} went from ${short(usual)}${unit} to ${short(now)}${unit}: ${short(Math.min(z, 9999))} times its usual spread (${before} points before, ${after} since).`;
}

export function short(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : String(Number(value.toPrecision(3)));
}
