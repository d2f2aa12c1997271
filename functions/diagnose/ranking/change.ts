import type { Seconds } from '../../../layers/core/units.ts';
import type { Kind, Measured } from './input.ts';
import { normalOf, type Normal } from './spread.ts';
import { quantileOf, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';

/** How one metric differs since the onset from what is normal. */
export interface Change {
  readonly node: string;
  readonly metric: string;
  readonly kind: Kind;
  readonly mean: boolean;
  /** What it can be at most; Infinity where that is not known. */
  readonly limit: number;
  /** What it was and what it is: the value that a quarter of the points since the onset reach. */
  readonly usual: number;
  readonly now: number;
  /** Standard deviations between them, in the direction that is bad for the kind; 0 when it moved the other way. */
  readonly z: number;
  /** The same with its sign, whatever the direction means. */
  readonly signed: number;
  /** Finite points it rests on. */
  readonly before: number;
  readonly after: number;
}

/** Which way is bad: 1 up, -1 down, 0 either. */
const BAD: Readonly<Record<Kind, -1 | 0 | 1>> = {
  latency: 1,
  outgoing: 1,
  failures: 1,
  availability: -1,
  traffic: 0,
  calls: -1,
  cpu: 1,
  memory: 1,
  network: 0,
  saturation: 1,
  other: 0,
};

/** Trouble need not last: the share of the points since the onset that must show it. */
const SHOWN = 0.25;

/** A baseline of fewer points says nothing. */
const ENOUGH = 3;

/** Stretches of normal operation it takes to know how their means spread. */
const WINDOWS = 20;

/** Standard deviations that one stretch in twenty reaches by chance. */
const USUAL = 2;

/** And to know how far their points reach; longer stretches than this are rarely repeated often enough. */
const MANY = 100;
const LONGEST = 30;

/** Points just before the onset, and points of normal operation from another time. */
export function parts(
  series: Pick<Measured, 'times' | 'values' | 'reference'>,
  from: Seconds,
): { before: Float64Array; after: Float64Array } {
  const before = series.values.filter((value, i) => Number.isFinite(value) && (series.times[i] ?? NaN) < from);
  const after = series.values.filter((value, i) => Number.isFinite(value) && (series.times[i] ?? NaN) >= from);
  return { before, after };
}

/**
 * How a metric differs from `from` on (the earliest the trouble may have begun) from before.
 *
 * Two questions, the stronger answer counts: how far beyond the normal values a quarter of the points reach, and how far
 * their mean is beyond the means of normal stretches of the same length. The first sees what comes and goes, the second
 * what normal values show now and then but not for so long.
 *
 * With a reference from another time both must agree: a value counts as far as it is beyond the reference and beyond what
 * was just before, whichever is less. So a level that moved weeks ago is no symptom, nor is a return to normal.
 *
 * @returns undefined where there is nothing to compare
 */
export function changeOf(series: Measured, from: Seconds): Change | undefined {
  const { before, after } = parts(series, from);
  const reference = series.reference?.filter(Number.isFinite) ?? new Float64Array();
  const base = reference.length >= ENOUGH ? reference : before;
  if (base.length < ENOUGH || after.length === 0) return undefined;
  const local = base === reference && before.length > 0 ? quantileOf(sortedFinite(before), 0.5) : undefined;
  const ascending = sortedFinite(after);
  const ends = {
    low: quantileOf(ascending, rank(ascending.length)),
    high: quantileOf(ascending, 1 - rank(ascending.length)),
  };
  const reached = departure(ends, normalOf(base, series.kind), local, BAD[series.kind]);
  const means = movingMeans(base, after.length);
  const mean = after.reduce((sum, value) => sum + value, 0) / after.length;
  const held =
    means.length < WINDOWS
      ? reached
      : departure({ low: mean, high: mean }, normalOf(means, series.kind), local, BAD[series.kind]);
  const highest = Math.max(held.z, reached.z);
  const z = highest <= USUAL ? highest : Math.max(USUAL, highest / usualHeight(base, after.length, series.kind));
  return {
    node: series.node,
    metric: series.metric,
    kind: series.kind,
    mean: series.mean ?? false,
    limit: series.limit ?? Infinity,
    usual: reached.usual,
    now: reached.now,
    z,
    signed: reached.signed,
    before: base.length,
    after: after.length,
  };
}

/**
 * How heavy the tail of normal operation is: what one stretch in twenty as long as the one since the onset reaches, where a
 * normal distribution reaches two standard deviations. At least 1, so that a steady metric gains nothing by it; 1 where
 * stretches are too few to know.
 */
function usualHeight(base: Float64Array, length: number, kind: Kind): number {
  const count = base.length - length + 1;
  if (length > LONGEST || count < MANY) return 1;
  const normal = normalOf(base, kind);
  const place = Math.ceil(length * SHOWN);
  const heights = Float64Array.from({ length: count }, (_, i) => {
    const ascending = base.slice(i, i + length).sort();
    const up = ((ascending[length - place] ?? 0) - normal.level) / normal.above;
    const down = (normal.level - (ascending[place - 1] ?? 0)) / normal.below;
    return BAD[kind] > 0 ? up : BAD[kind] < 0 ? down : Math.max(up, down);
  }).sort();
  return Math.max(1, quantileOf(heights, 0.95) / USUAL);
}

/** Means of every `length` neighbours: what a stretch as long as the one since the onset looks like in normal operation. */
function movingMeans(values: Float64Array, length: number): Float64Array {
  if (values.length < length) return new Float64Array();
  let sum = values.subarray(0, length).reduce((total, value) => total + value, 0);
  return Float64Array.from({ length: values.length - length + 1 }, (_, i) => {
    if (i > 0) sum += (values[i + length - 1] ?? 0) - (values[i - 1] ?? 0);
    return sum / length;
  });
}

/** The quantile that a quarter of `count` points reach: the largest of up to four, the third largest of nine to twelve. */
function rank(count: number): number {
  return count < 2 ? 0 : (Math.ceil(count * SHOWN) - 1) / (count - 1);
}

interface Departure {
  readonly now: number;
  readonly usual: number;
  readonly signed: number;
  readonly z: number;
}

/** The departure that is bad for the kind, or the larger one where either is, or none is. */
function departure(
  { low, high }: { low: number; high: number },
  normal: Normal,
  local: number | undefined,
  direction: -1 | 0 | 1,
): Departure {
  const up = beyond(high, normal, local ?? normal.level);
  const down = beyond(low, normal, local ?? normal.level);
  const larger = Math.abs(up.signed) >= Math.abs(down.signed) ? up : down;
  if (direction === 0) return { ...larger, z: Math.abs(larger.signed) };
  const bad = direction > 0 ? up : down;
  const z = Math.max(0, direction * bad.signed);
  return { ...(z > 0 ? bad : larger), z };
}

function beyond(now: number, normal: Normal, local: number): { now: number; usual: number; signed: number } {
  const low = Math.min(normal.level, local);
  const high = Math.max(normal.level, local);
  if (now > high) return { now, usual: high, signed: (now - high) / normal.above };
  if (now < low) return { now, usual: low, signed: (now - low) / normal.below };
  return { now, usual: local, signed: 0 };
}
