/**
 * Brings metrics of any unit on one footing: counters become rates, each value is centred and scaled robustly, its
 * extremes compressed, and its daily profile taken away. Learned on healthy time; plain JSON.
 */
import { quantileOf, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';
import type { Seconds } from '../../../layers/core/units.ts';
import { dailyProfile, profileAt } from './daily-profile.ts';

export interface MetricCondition {
  readonly metric: string;
  /** `counter` only ever rises until it is reset: its rise a row is what counts. `constant` never moved while healthy. */
  readonly kind: 'gauge' | 'counter' | 'constant';
  readonly centre: number;
  readonly scale: number;
  /** Of the compressed value: by slot of the day; empty where too few days were seen. */
  readonly profile: readonly number[];
  /** Of what remains. */
  readonly mean: number;
  readonly deviation: number;
}

/** A constant that moves at all says something; how much cannot be known: this share of its value is one unit. */
const CONSTANT_UNIT = 0.1;

/** Greater values are read as this: their squares still are numbers. */
const GREATEST = 1e100;
const LEAST_UNIT = 1e-12;

const readable = (value: number): number =>
  Number.isFinite(value) ? Math.min(GREATEST, Math.max(-GREATEST, value)) : Number.NaN;

/** Learns the condition of one metric. @param values one a row, oldest first; NaN where nothing was measured */
export function learnCondition(
  metric: string,
  values: ArrayLike<number>,
  from: Seconds,
  step: Seconds,
): MetricCondition {
  const counter = isCounter(values);
  const series = counter ? rises(values) : Float64Array.from(values, readable);
  const { centre, scale } = robustScale(series);
  const flat = { metric, centre, scale, profile: [], mean: 0, deviation: 1 };
  if (sortedFinite(series).length === 0 || scale === 0)
    return { ...flat, kind: 'constant', centre: Number.isFinite(centre) ? centre : 0, scale: constantUnit(centre) };
  const kind = counter ? 'counter' : 'gauge';
  const compressed = series.map((value) => compress((value - centre) / scale));
  const profile = dailyProfile(compressed, from, step);
  const rest = compressed.map((value, i) => value - profileAt(profile, from + i * step)).filter(Number.isFinite);
  const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
  const variance = rest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rest.length;
  return { ...flat, kind, profile, mean, deviation: Math.max(Math.sqrt(variance), 1e-3) };
}

const constantUnit = (value: number): number =>
  Math.abs(value) > LEAST_UNIT ? Math.abs(value) * CONSTANT_UNIT : CONSTANT_UNIT;

/** The value in units of its healthy spread; 0 where it is not known. @param before the value a row earlier, of a counter */
export function conditioned(condition: MetricCondition, at: Seconds, value: number, before: number): number {
  const { kind, centre, scale, profile, mean, deviation } = condition;
  const measured = readable(kind === 'counter' ? riseOf(value, before) : value);
  if (!Number.isFinite(measured)) return 0;
  return (compress((measured - centre) / scale) - profileAt(profile, at) - mean) / deviation;
}

/** Signed logarithm: linear near 0, and no single value weighs more than its order of magnitude. */
export const compress = (z: number): number => Math.sign(z) * Math.log1p(Math.abs(z));

/**
 * Median, and the standard deviation after the outermost hundredths were drawn in to their quantile (winsorised, Tukey
 * 1962); where a metric moves more rarely than that, the plain one. 0 for what never moved.
 */
function robustScale(values: ArrayLike<number>): { centre: number; scale: number } {
  const sorted = sortedFinite(values);
  if (sorted.length === 0) return { centre: Number.NaN, scale: 0 };
  const low = quantileOf(sorted, 0.01);
  const high = quantileOf(sorted, 0.99);
  const drawnIn = deviation(sorted.map((value) => Math.min(high, Math.max(low, value))));
  return { centre: quantileOf(sorted, 0.5), scale: drawnIn > 0 ? drawnIn : deviation(sorted) };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0));
  const rounding = 1e-9 * Math.max(...[values[0]!, values.at(-1)!].map(Math.abs));
  return spread > Math.max(rounding, LEAST_UNIT) ? spread : 0;
}

/** It rises in most rows and falls in none but a few, as after a restart. */
export function isCounter(values: ArrayLike<number>): boolean {
  let up = 0;
  let down = 0;
  for (let i = 1; i < values.length; i += 1) {
    if (values[i]! > values[i - 1]!) up += 1;
    if (values[i]! < values[i - 1]!) down += 1;
  }
  return up > values.length / 2 && down <= values.length / 200;
}

function rises(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value, i) => readable(riseOf(value, values[i - 1] ?? Number.NaN)));
}

/** After a reset a counter has risen from 0 (as Prometheus reads it); NaN where one of them was not measured. */
function riseOf(value: number, before: number): number {
  if (Number.isNaN(value - before)) return Number.NaN;
  return value >= before ? value - before : Math.max(0, value);
}
