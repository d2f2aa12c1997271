/** When does something that fills up reach its limit: memory, disk, connections, a queue's age, a quota, a certificate. */
import { normalProbability, normalQuantile } from '../../../layers/core/statistics/normal.ts';
import { scaledMad, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';
import { percent, type Ratio, type Seconds } from '../../../layers/core/units.ts';
import { theilSen, type TimedValue, type Trend } from './theil-sen.ts';

export interface ExhaustionQuestion {
  /** In any order; what is no number, comes twice or lies after `now` is left out. */
  readonly points: readonly TimedValue[];
  readonly now: Seconds;
  readonly limit: number;
  /** `above`: exhausted once the value is at the limit or over it; `below`: at it or under it (free space, days left). */
  readonly exhaustedWhen: 'above' | 'below';
  /** Nothing is said about what lies further ahead. */
  readonly horizon: Seconds;
  /** Of the interval. Default 0.9. */
  readonly coverage?: Ratio;
}

export type Exhaustion =
  | { readonly kind: 'exhausted'; readonly value: number }
  | {
      readonly kind: 'reaches';
      readonly inSeconds: Seconds;
      /** The interval; `null`: it may as well never come. */
      readonly earliest: Seconds;
      readonly latest: Seconds | null;
      /** Probability that the limit is reached within the horizon. */
      readonly probability: Ratio;
      readonly trend: Trend;
    }
  | { readonly kind: 'none'; readonly why: 'too few points' | 'no trend' | 'beyond the horizon' };

/** Fewer points make a line of anything. */
const LEAST_POINTS = 8;
const COVERAGE: Ratio = 0.9;

/**
 * Extrapolates the robust trend of the points since the last reset (a restart frees memory: what was before says nothing about
 * now) to the limit. The interval takes in the error of level and slope and the scatter of a single point, by the
 * crossing times of the prediction band (Fieller 1954, read off the band); no trend is seen where 0 lies in the slope's interval.
 */
export function forecastExhaustion(question: ExhaustionQuestion): Exhaustion {
  const { limit, now, horizon, coverage = COVERAGE } = question;
  const sign = question.exhaustedWhen === 'above' ? 1 : -1;
  const points = sinceReset(readable(question).map(({ at, value }) => ({ at, value: sign * value })));
  const last = points.at(-1);
  if (last && last.value >= sign * limit) return { kind: 'exhausted', value: sign * last.value };
  const trend = points.length >= LEAST_POINTS ? theilSen(points) : undefined;
  if (!trend) return { kind: 'none', why: 'too few points' };
  const z = normalQuantile(0.5 + coverage / 2);
  if (!(trend.slope > z * trend.slopeError)) return { kind: 'none', why: 'no trend' };
  const missing = (ahead: Seconds) => sign * limit - valueAt(trend, now + ahead);
  const inSeconds = Math.max(0, missing(0) / trend.slope);
  const earliest = crossing((ahead) => missing(ahead) - z * errorAt(trend, now + ahead), horizon);
  if (inSeconds > horizon && earliest === undefined) return { kind: 'none', why: 'beyond the horizon' };
  const latest = crossing((ahead) => missing(ahead) + z * errorAt(trend, now + ahead), 10 * horizon) ?? null;
  const probability = normalProbability(-missing(horizon) / Math.max(errorAt(trend, now + horizon), 1e-300));
  return {
    kind: 'reaches',
    inSeconds,
    earliest: Math.min(earliest ?? inSeconds, inSeconds),
    latest,
    probability,
    trend: signed(trend, sign),
  };
}

const signed = (trend: Trend, sign: number): Trend => ({
  ...trend,
  level: sign * trend.level,
  slope: sign * trend.slope,
});

const valueAt = ({ level, slope, origin }: Trend, at: Seconds): number => level + slope * (at - origin);

/** Standard error of a single value foretold for a time. */
const errorAt = ({ scatter, slopeError, levelError, origin }: Trend, at: Seconds): number =>
  Math.hypot(scatter, levelError, slopeError * (at - origin));

function readable({ points, now }: ExhaustionQuestion): TimedValue[] {
  const known = points.filter(({ at, value }) => Number.isFinite(at) && Number.isFinite(value) && at <= now);
  const byTime = new Map(known.map(({ at, value }) => [at, value]));
  return [...byTime].map(([at, value]) => ({ at, value })).sort((a, b) => a.at - b.at);
}

/** More falls than this are a habit (a garbage collector's saw), not resets: then all points say where it goes. */
const RESETS = 2;

/** The points after the last reset of what rises: a fall by over a third of the whole range, and far beyond the usual step. */
export function sinceReset(points: readonly TimedValue[]): TimedValue[] {
  const values = points.map(({ value }) => value);
  const sorted = sortedFinite(values);
  const usual = scaledMad(values.slice(1).map((value, i) => value - values[i]!));
  const least = Math.max(((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / 3, 6 * (usual || 0));
  const resets = values.flatMap((value, i) => (i > 0 && values[i - 1]! - value > least ? [i] : []));
  const last = resets.at(-1);
  return last === undefined || resets.length > RESETS ? [...points] : points.slice(last);
}

/** Where a function that is positive at 0 first is not, to a thousandth of the range; undefined where it stays positive. */
function crossing(remaining: (ahead: Seconds) => number, range: Seconds): Seconds | undefined {
  if (remaining(0) <= 0) return 0;
  const steps = 200;
  const from = Array.from({ length: steps }, (_, i) => i).find((i) => remaining(((i + 1) * range) / steps) <= 0);
  if (from === undefined) return undefined;
  let low = (from * range) / steps;
  let high = low + range / steps;
  for (let i = 0; i < 30; i += 1) {
    const middle = (low + high) / 2;
    if (remaining(middle) > 0) low = middle;
    else high = middle;
  }
  return high;
}

/** As people say it: "reaches its limit in 43 min (90 %: 31-70)". */
export function sayExhaustion(answer: Exhaustion, coverage: Ratio = COVERAGE): string {
  if (answer.kind === 'exhausted') return `is at its limit: ${answer.value}`;
  if (answer.kind === 'none') return `does not reach its limit as far as can be seen: ${answer.why}`;
  const [divisor, unit] = unitOf(answer.inSeconds);
  const say = (value: Seconds) => String(Math.round(value / divisor));
  const latest = answer.latest === null ? 'never' : say(answer.latest);
  return `reaches its limit in ${say(answer.inSeconds)} ${unit} (${percent(coverage)}: ${say(answer.earliest)}-${latest})`;
}

function unitOf(value: Seconds): readonly [Seconds, string] {
  if (value < 120) return [1, 's'];
  if (value < 2 * 3600) return [60, 'min'];
  return value < 2 * 86_400 ? [3600, 'h'] : [86_400, 'days'];
}
