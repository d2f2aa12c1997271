/** Whether to tell of a series that fills up, at a rate of false alarms that the user sets. */
import type { MetricLimit } from '../../../layers/core/named-metric.ts';
import { normalQuantile } from '../../../layers/core/statistics/normal.ts';
import { median, quantile } from '../../../layers/core/statistics/quantiles.ts';
import { hours, type Ratio, type Seconds } from '../../../layers/core/units.ts';
import { forecastExhaustion, sinceReset, type Exhaustion } from './exhaustion.ts';
import { theilSen, type TimedValue } from './theil-sen.ts';

export type Reaches = Extract<Exhaustion, { kind: 'reaches' }>;

export interface Question {
  /** Oldest first. */
  readonly points: readonly TimedValue[];
  readonly now: Seconds;
  readonly limit: MetricLimit;
  readonly period: Seconds;
  readonly horizon: Seconds;
  /** False alarms that a series may give in a week, on average. */
  readonly alertsPerWeek: number;
}

/** Stretches of the newest points that a line is drawn through, shortest first. */
const WINDOWS = [15, 30, 60, 120];
/** So much is read, to know what is its habit; of points of under a minute, what CloudWatch keeps. */
export const LOOKED_BACK: Seconds = hours(24);
const WEEK: Seconds = 604_800;
/** A slope may be any within so many standard errors. */
const FITS = 2;
/** What came back by itself from so high so often does so out of habit (a garbage collector's saw, a nightly job). */
const HABIT = 2;
/** As near as now, but for this share of the way that is left. */
const AS_NEAR: Ratio = 0.1;
/** It must have gone this share of the way to its limit: a process that starts fills its memory, too, and stops. */
const ON_ITS_WAY: Ratio = 1 / 6;
/** What it stays below for three quarters of the day is usual. */
const USUAL: Ratio = 0.75;
/** The newest points, which a forecast of before them must have foretold. */
const CONFIRMED = 5;
/** Standard errors that a normal value exceeds in one of twenty cases, to one side. */
const ONE_IN_TWENTY = 1.645;
/** The standard error of a median by that of a mean, for normal scatter. */
const MEDIAN = Math.sqrt(Math.PI / 2);

/** A rise, and whether it is news; if not, it is suspected: too little to tell, and enough to look again soon. */
export interface Rise {
  readonly reaches: Reaches;
  readonly told: boolean;
}

/**
 * The forecast over the longest stretch of newest points that one line still fits: what just began to rise is seen soon,
 * and a long steady rise exactly (intersection of confidence intervals: Goldenshluger and Nemirovski 1997).
 * A stretch is one test; of those that do not overlap a week has WEEK over its length, and four lengths are tried, so that
 * its slope must differ from 0 at the level that leaves `alertsPerWeek` (Bonferroni).
 * @returns the forecast with its 90 % interval; undefined where there is none, or where such a rise is the series' habit
 */
export function foretell(question: Question): Rise | undefined {
  const { points, limit } = question;
  const stretch = newestFitting(points);
  const reaches = stretch && riseOf(question, stretch);
  if (!reaches || isHabit(points, limit)) return undefined;
  const steady = steadyPart(points, stretch.length, limit);
  const rise = steady && (steady.length === stretch.length ? reaches : riseOf(question, steady));
  if (rise && isNews(rise, steady, question) && isConfirmed(question)) return { reaches: rise, told: true };
  return { reaches, told: false };
}

/**
 * Whether it was suspected a little ago, and the points since do not fall short of what was foretold then, by more than one in
 * twenty would by chance: a step is over at once, and what chance makes does not last (prequential: Dawid 1984).
 */
function isConfirmed(question: Question): boolean {
  const { limit, period } = question;
  const [past, since] = [question.points.slice(0, -CONFIRMED), question.points.slice(-CONFIRMED)];
  const stretch = newestFitting(past);
  // As far ahead in time as now: what has only come within the horizon was on its way before.
  const ago = CONFIRMED * period;
  const then = { ...question, points: past, now: question.now - ago, horizon: question.horizon + ago };
  const before = stretch && riseOf(then, stretch);
  if (!before) return false;
  const { level, slope, origin, levelError, slopeError, scatter } = before.trend;
  const ahead = since[Math.floor(CONFIRMED / 2)]!.at - origin;
  const off = median(since.map(({ value }) => value)) - (level + slope * ahead);
  const error = Math.hypot(levelError, slopeError * ahead, (MEDIAN * scatter) / Math.sqrt(CONFIRMED));
  return (limit.when === 'above' ? off : -off) >= -ONE_IN_TWENTY * error;
}

/** Where the slope is no accident at the usual level, and the limit is more likely reached within the horizon than not. */
function riseOf({ now, limit, horizon }: Question, points: readonly TimedValue[]): Reaches | undefined {
  const told = forecastExhaustion({ points, now, limit: limit.value, exhaustedWhen: limit.when, horizon });
  return told.kind === 'reaches' && told.probability >= 0.5 && told.latest !== null ? told : undefined;
}

function isNews(
  rise: Reaches,
  stretch: readonly TimedValue[],
  { points, limit, period, alertsPerWeek }: Question,
): boolean {
  const alpha = Math.min(0.05, (alertsPerWeek * stretch.length * period) / WEEK / WINDOWS.length);
  const isSure = Math.abs(rise.trend.slope) > normalQuantile(1 - alpha) * rise.trend.slopeError;
  return isSure && isOnItsWay(rise, stretch, limit) && isBeyondUsual(rise, points, limit);
}

/** From the shortest stretch on, as long as the slopes of all stretches so far may be the same one. */
function newestFitting(points: readonly TimedValue[]): readonly TimedValue[] | undefined {
  let [low, high] = [-Infinity, Infinity];
  let fitting: readonly TimedValue[] | undefined;
  for (const length of WINDOWS) {
    const stretch = points.slice(-length);
    const trend = theilSen(stretch);
    if (!trend || stretch.length < WINDOWS[0]! || stretch.length === fitting?.length) break;
    const error = FITS * trend.slopeError + 1e-9 * Math.abs(trend.slope);
    [low, high] = [Math.max(low, trend.slope - error), Math.min(high, trend.slope + error)];
    if (low > high) break;
    fitting = stretch;
  }
  return fitting;
}

function isOnItsWay({ trend }: Reaches, points: readonly TimedValue[], limit: MetricLimit): boolean {
  const [first, last] = [points[0]!.at, points.at(-1)!.at];
  const start = trend.level + trend.slope * (first - trend.origin);
  const gone = Math.abs(trend.slope) * (last - first);
  return gone >= ON_ITS_WAY * Math.abs(limit.value - start);
}

/** Nearer to the limit than it is for most of the day: what fills up again after a start is no news before. */
function isBeyondUsual({ trend }: Reaches, points: readonly TimedValue[], { when }: MetricLimit): boolean {
  const level = trend.level + trend.slope * (points.at(-1)!.at - trend.origin);
  const values = points.map(({ value }) => value);
  return when === 'above' ? level > quantile(values, USUAL) : level < quantile(values, 1 - USUAL);
}

/**
 * What has started fills up, ever slower, to where it will stand: a line through it leads astray. Where the stretch rises less
 * than as long a one before it did, since it last fell, only the newer half of both says how it goes on, if that is steady.
 * @returns the stretch, or that half; undefined where it still slows
 */
function steadyPart(
  points: readonly TimedValue[],
  length: number,
  { when }: MetricLimit,
): readonly TimedValue[] | undefined {
  const sign = when === 'above' ? 1 : -1;
  const lately = points.slice(-2 * length);
  const since = sinceReset(lately.map(({ at, value }) => ({ at, value: sign * value })));
  if (!isSlowing(since)) return points.slice(-length);
  const half = Math.floor(since.length / 2);
  return half < WINDOWS[0]! || isSlowing(since.slice(-half)) ? undefined : points.slice(-half);
}

/** Whether the newer half of what rises does so less than the older one. */
function isSlowing(points: readonly TimedValue[]): boolean {
  const half = Math.floor(points.length / 2);
  const [older, newer] = [theilSen(points.slice(0, half)), theilSen(points.slice(-half))];
  if (!older || !newer) return false;
  return older.slope - newer.slope > ONE_IN_TWENTY * Math.hypot(older.slopeError, newer.slopeError);
}

/**
 * Whether it has been as near to its limit as now before, and came back without reaching it, more than once. It came back
 * once it was a third of the way further from the limit again; what reached the limit was stopped, and is no habit.
 */
function isHabit(points: readonly TimedValue[], { value: limit, when }: MetricLimit): boolean {
  const sign = when === 'above' ? 1 : -1;
  const values = points.map(({ value }) => sign * value).filter(Number.isFinite);
  const now = values.at(-1) ?? 0;
  const level = now - AS_NEAR * (sign * limit - now);
  const lowest = values.reduce((least, value) => Math.min(least, value), level);
  const back = level - (level - lowest) / 3;
  let returns = 0;
  let peak = -Infinity;
  for (const value of values) {
    peak = value >= level || peak >= level ? Math.max(peak, value) : -Infinity;
    if (peak < level || value > back) continue;
    if (peak < sign * limit) returns += 1;
    peak = -Infinity;
  }
  return returns >= HABIT;
}
