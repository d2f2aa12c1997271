/**
 * Ways to look at a series in which something may be new: each view turns the series into vectors and gives the distance
 * of the latest to the nearest one seen before, in the view's own unit (a `Tail` makes that comparable); null while the
 * series is too young to say.
 */
import type { Sample } from '../../../layers/core/detector.ts';
import type { Seconds } from '../../../layers/core/units.ts';
import { DAY } from './order.ts';
import { novelty, type Prototypes, startPrototypes } from './prototypes.ts';
import { addThinned, quantile, spread, startThinned, type Thinned } from './sample.ts';
import { type Season, startSeason, usual } from './season.ts';
import { deviation, push, type Recent, startRecent } from './windows.ts';

/** Lengths of running means, in samples: above the noise of one sample, the current level, and one beside the season. */
const SHORT = 8;
const LONG = 64;
const BRIEF = 6;
/** Samples after which their spread says something; after which centre and scale are taken for a logarithmic view. */
const YOUNG = 32;
const SETTLED = 200;
/** In units of a series that was nearly still, a value may be infinite: no mean would recover from that. */
const GREATEST = 1e300;
/** Samples after which the weight of the time of day stays: a view that goes on changing finds the old new. */
const GROWN = 512;

export interface Views {
  readonly recent: Recent;
  readonly past: Thinned;
  readonly season: Season;
  readonly level: Prototypes;
  readonly daily: Prototypes;
  readonly noise: Prototypes;
  readonly calm: Prototypes;
  readonly excess: Prototypes;
  /** Short-term noise so far, and what is added to it before its logarithm is taken. */
  readonly noises: Thinned;
  readonly magnitude: Magnitude;
  least: number;
  readonly vector: Float64Array;
  seen: number;
  short: number;
  long: number;
  brief: number;
  centre: number;
  width: number;
  /** Time of the first sample whose distance from the season was known; null before. */
  excessSince: Seconds | null;
}

/** The series on a scale that is logarithmic beyond its usual range. */
interface Magnitude {
  readonly level: Prototypes;
  readonly daily: Prototypes;
  /** Value, short and long running mean, and the time of day as a point on a circle. */
  readonly vector: Float32Array;
  seen: number;
}

export function startMagnitude(): Magnitude {
  const daily = startPrototypes(5, 512, Float32Array);
  // On this scale four of five values lie within 2.
  daily.weights[3] = daily.weights[4] = 2 ** 2;
  return { level: startPrototypes(3, 512, Float32Array), daily, vector: new Float32Array(5), seen: 0 };
}

export function startViews(): Views {
  return {
    recent: startRecent(32),
    past: startThinned(),
    season: startSeason(),
    level: startPrototypes(3, 512),
    daily: startPrototypes(5, 512),
    noise: startPrototypes(1, 128),
    calm: startPrototypes(1, 128),
    excess: startPrototypes(1, 128),
    noises: startThinned(),
    magnitude: startMagnitude(),
    least: 0,
    vector: new Float64Array(5),
    seen: 0,
    short: 0,
    long: 0,
    brief: 0,
    centre: 0,
    width: 0,
    excessSince: null,
  };
}

/** Takes the next sample in. Call before the views below, once a sample. */
export function follow(views: Views, sample: Sample): void {
  const { value } = sample;
  views.seen++;
  push(views.recent, value);
  addThinned(views.past, value);
  views.short += (value - views.short) / Math.min(views.seen, SHORT);
  views.long += (value - views.long) / Math.min(views.seen, LONG);
  views.brief += (value - views.brief) / Math.min(views.seen, BRIEF);
  if (views.seen === SETTLED) {
    views.centre = quantile(views.past, 0.5);
    views.width = spread(views.past) / 2;
  }
  if (views.seen >= SETTLED) followMagnitude(views, sample);
}

function followMagnitude({ magnitude, centre, width }: Views, { at, value }: Sample): void {
  const { vector } = magnitude;
  const size = Math.asinh(Math.max(-GREATEST, Math.min(GREATEST, (value - centre) / width)));
  magnitude.seen++;
  vector[0] = size;
  vector[1]! += (size - vector[1]!) / Math.min(magnitude.seen, SHORT);
  vector[2]! += (size - vector[2]!) / Math.min(magnitude.seen, LONG);
  const angle = (2 * Math.PI * (at % DAY)) / DAY;
  vector[3] = Math.sin(angle);
  vector[4] = Math.cos(angle);
}

/** Value, short and long running mean: spikes, level shifts and the way between them, by one distance. */
export function newLevel({ level, vector, short, long }: Views, { value }: Sample): number {
  vector[0] = value;
  vector[1] = short;
  vector[2] = long;
  return novelty(level, vector);
}

/** The same with the time of day as a point on a circle as wide as the series: what is usual at noon is new at night. */
export function newForTheHour({ daily, vector, short, long, past, seen }: Views, { at, value }: Sample): number | null {
  if (seen < YOUNG) return null;
  const angle = (2 * Math.PI * (at % DAY)) / DAY;
  if (seen <= GROWN) daily.weights[3] = daily.weights[4] = spread(past) ** 2;
  vector[0] = value;
  vector[1] = short;
  vector[2] = long;
  vector[3] = Math.sin(angle);
  vector[4] = Math.cos(angle);
  return novelty(daily, vector);
}

/** `newLevel` of the order of magnitude: of a series of bursts, what is new in its quiet hours too; new orders, up or down. */
export function newMagnitude({ magnitude: { level, vector, seen } }: Views): number | null {
  return seen === 0 ? null : novelty(level, vector);
}

/** `newForTheHour` of the order of magnitude. */
export function newMagnitudeForTheHour({ magnitude: { daily, vector, seen } }: Views): number | null {
  return seen === 0 ? null : novelty(daily, vector);
}

/** Standard deviation of the last 24 values: new noise, or none. */
export function newNoise({ noise, vector, recent }: Views): number | null {
  if (recent.seen < 24) return null;
  vector[0] = deviation(recent, 24);
  return novelty(noise, vector);
}

/** Logarithm of the standard deviation of the last 12 values: noise that dies away, or grows by orders of magnitude. */
export function newCalm(views: Views): number | null {
  const { calm, noises, vector, recent } = views;
  if (recent.seen < 12) return null;
  const noise = deviation(recent, 12);
  addThinned(noises, noise);
  if (recent.seen < SETTLED) return null;
  // A hundredth of the usual: below it noise counts as none. Of a series that never varied nothing is known: any is new.
  views.least ||= quantile(noises, 0.5) / 100 || 1e-9;
  vector[0] = Math.log(noise + views.least);
  return novelty(calm, vector);
}

/** What a short mean is above the time of day's usual value. */
export function newExcess(views: Views, { at }: Sample): number | null {
  const { excess, season, vector, brief } = views;
  const expected = usual(season, { at, value: brief });
  if (expected === null) return null;
  // Earlier than the first when a clock was set right; absent from states kept before this was looked at.
  views.excessSince = Math.min(views.excessSince ?? at, at);
  vector[0] = brief - expected;
  return novelty(excess, vector);
}

/** Whether distances from the season were known for a whole day: those of the night say nothing about the morning. */
export function knowsExcess(views: Views, { at }: Sample): boolean {
  return at - (views.excessSince ?? at) >= DAY;
}
