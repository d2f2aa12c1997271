import type { Kind } from './input.ts';
import { quantileOf, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';

/** Level and spread of normal values. Spread is positive, so that a difference divided by it is a number. */
export interface Normal {
  /** Median. */
  readonly level: number;
  /** One standard deviation's worth above and below the level: tails may differ. */
  readonly above: number;
  readonly below: number;
  /** Values it was taken from. */
  readonly count: number;
}

/** Quantiles of the normal distribution, to turn a distance between quantiles into standard deviations. */
const Z95 = 1.6449;
const Z99 = 2.3263;
const IQR = 1.349;

/** A difference below this share of the usual level is no symptom, however steady the metric is. */
const RELATIVE_FLOOR = 0.05;

/**
 * The smallest difference worth a standard deviation, where the values are all the same or tie: what each kind of metric
 * is measured to. Latency: a millisecond. Failures, requests: one. Availability: a tenth of a percent point. Others only know their level.
 */
const FLOOR: Readonly<Partial<Record<Kind, number>>> = {
  latency: 1e-3,
  outgoing: 1e-3,
  failures: 1,
  availability: 0.1,
  traffic: 1,
};

const SMALLEST = 1e-9;

/**
 * The median, and how far normal values stray from it on either side: the widest of what the quartiles, the 5th and 95th,
 * and (from 100 values on) the 1st and 99th percentile say. Quartiles alone (as BARO has it, Pham et al., FSE 2024) call
 * every burst of a metric that rests most of the time an anomaly; the mean and standard deviation (n-sigma) let a few points
 * of trouble among the normal ones hide it. Percentiles hold both off, up to 5 % of trouble. Ties and constant metrics get
 * the floor of their kind, and no metric is steadier than 5 % of its own level.
 */
export function normalOf(values: Float64Array, kind: Kind): Normal {
  const ascending = sortedFinite(values);
  const level = quantileOf(ascending, 0.5);
  if (Number.isNaN(level)) return { level: NaN, above: NaN, below: NaN, count: 0 };
  const body = (quantileOf(ascending, 0.75) - quantileOf(ascending, 0.25)) / IQR;
  const share = kind === 'availability' ? 0 : RELATIVE_FLOOR;
  const floor = Math.max(Math.abs(level) * share, FLOOR[kind] ?? 0, SMALLEST);
  const tail = (low: number, high: number, z: number) =>
    Math.abs(quantileOf(ascending, high) - quantileOf(ascending, low)) / z;
  const far = ascending.length >= 100;
  return {
    level,
    above: Math.max(body, tail(0.5, 0.95, Z95), far ? tail(0.5, 0.99, Z99) : 0, floor),
    below: Math.max(body, tail(0.05, 0.5, Z95), far ? tail(0.01, 0.5, Z99) : 0, floor),
    count: ascending.length,
  };
}
