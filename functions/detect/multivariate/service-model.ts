/**
 * All detectors of a service together: conditions its metrics, forecasts them, scores what remains, and says how rarely a
 * healthy service looks like that and which metrics carry it. Model and state are plain JSON.
 */
import type { ServiceDetector, ServiceView } from '../../../layers/core/service-detector.ts';
import { quantileOf, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';
import { minutes, type Ratio, type Seconds } from '../../../layers/core/units.ts';
import { conditioned, learnCondition, type MetricCondition } from './condition.ts';
import { innovationOf, learnForecast, MEMORY, type Forecast } from './forecast.ts';
import { learnTail, type Tail } from './tail.ts';

/** Metrics of one service on a common clock. */
export interface ServiceHistory {
  readonly metrics: readonly string[];
  /** Start of the first row, seconds since the epoch. */
  readonly from: Seconds;
  readonly step: Seconds;
  /** A value a metric, NaN where nothing was measured; oldest first. */
  readonly rows: readonly ArrayLike<number>[];
}

interface Part {
  readonly detector: string;
  readonly model: unknown;
  /** Median and distance to the 95 % quantile of its healthy smoothed log scores: what makes detectors comparable. */
  readonly centre: number;
  readonly spread: number;
}

export interface ServiceModel {
  readonly step: Seconds;
  readonly conditions: readonly MetricCondition[];
  readonly forecast: Forecast;
  readonly parts: readonly Part[];
  readonly tail: Tail;
}

export type Detectors = Readonly<Record<string, ServiceDetector>>;

/**
 * Scores are averaged with weights that fade over this time (EWMA: Roberts 1959): trouble lasts, noise does not, and what is
 * newest counts most. The mean age of what counts is that of a mean over 15 minutes.
 */
const FADES_OVER = minutes(7.5);
/** Until which age a row matters at all: its weight is 1/400 then. */
export const FADED_AFTER: Seconds = 6 * FADES_OVER;
/** The newest part of the history, kept from the first fit, shows how a healthy service scores on rows not learned from. */
const HELD_OUT: Ratio = 0.25;
const LEAST_HELD_OUT = 100;
/** Added to a spread: a detector that never varies while healthy must not outweigh all others at its first stir. */
const LEAST_SPREAD = 0.02;
const LEAST_SCORE = 1e-3;

/** What is left of a row's weight a row later. */
export const fadingOf = (step: Seconds): Ratio => Math.exp(-step / FADES_OVER);

/**
 * Learns what is normal.
 * @throws RangeError when there is no row, or a row has not one value a metric
 */
export function learnService(history: ServiceHistory, detectors: Detectors, seed: number): ServiceModel {
  const { metrics, rows } = history;
  if (rows.length === 0) throw new RangeError('supply at least one row of healthy metrics, got none');
  const odd = rows.findIndex((row) => row.length !== metrics.length);
  if (odd >= 0)
    throw new RangeError(`supply ${metrics.length} values a row, one a metric, got ${rows[odd]?.length} in row ${odd}`);
  const heldOut = Math.floor(rows.length * HELD_OUT);
  const learnFrom = heldOut < LEAST_HELD_OUT ? rows.length : rows.length - heldOut;
  const first = learnParts({ ...history, rows: rows.slice(0, learnFrom) }, detectors, seed);
  const unseen = viewsOf(first, history).slice(heldOut < LEAST_HELD_OUT ? 0 : learnFrom);
  const calibration = calibrate(first.models, unseen, detectors, fadingOf(history.step));
  const last = learnFrom === rows.length ? first : learnParts(history, detectors, seed);
  return {
    step: history.step,
    conditions: last.conditions,
    forecast: last.forecast,
    parts: calibration.parts.map((part) => ({ ...part, model: last.models[part.detector] })),
    tail: calibration.tail,
  };
}

interface Learned extends Pick<ServiceModel, 'conditions' | 'forecast'> {
  readonly models: Readonly<Record<string, unknown>>;
}

function learnParts(history: ServiceHistory, detectors: Detectors, seed: number): Learned {
  const { metrics, rows, from, step } = history;
  const conditions = metrics.map((metric, j) =>
    learnCondition(
      metric,
      rows.map((row) => row[j]!),
      from,
      step,
    ),
  );
  const forecast = learnForecast(levelsOf(conditions, history));
  const views = viewsOf({ conditions, forecast }, history);
  const models = Object.fromEntries(Object.entries(detectors).map(([name, one]) => [name, one.fit(views, seed)]));
  return { conditions, forecast, models };
}

function levelsOf(conditions: readonly MetricCondition[], { rows, from, step }: ServiceHistory): Float64Array[] {
  return rows.map((row, t) => levelOf(conditions, from + t * step, row, rows[t - 1]));
}

/** @param before the row before it, for counters */
export function levelOf(
  conditions: readonly MetricCondition[],
  at: Seconds,
  row: ArrayLike<number>,
  before: ArrayLike<number> | undefined,
): Float64Array {
  return Float64Array.from(conditions, (one, j) => conditioned(one, at, row[j]!, before?.[j] ?? Number.NaN));
}

function viewsOf({ conditions, forecast }: Pick<Learned, 'conditions' | 'forecast'>, history: ServiceHistory) {
  const levels = levelsOf(conditions, history);
  return levels.map((level, t): ServiceView => {
    const before = levels.slice(Math.max(0, t - MEMORY), t);
    return { level, innovation: innovationOf(forecast, before, level) };
  });
}

function calibrate(
  models: Readonly<Record<string, unknown>>,
  views: readonly ServiceView[],
  detectors: Detectors,
  fading: Ratio,
): { parts: Omit<Part, 'model'>[]; tail: Tail } {
  const combined = new Float64Array(views.length);
  const parts = Object.entries(detectors).map(([name, one]) => {
    const scores = fadingMean(
      views.map((view) => logScore(one.score(models[name], view).score)),
      fading,
    );
    const sorted = sortedFinite(scores);
    const centre = quantileOf(sorted, 0.5);
    const spread = quantileOf(sorted, 0.95) - centre + LEAST_SPREAD;
    scores.forEach((score, t) => (combined[t]! += (score - centre) / spread));
    return { detector: name, centre, spread };
  });
  return { parts, tail: learnTail(combined.map((sum) => sum / Math.max(1, parts.length))) };
}

/** Scores differ by orders of magnitude: their mean over time would be their maximum. */
export const logScore = (score: number): number => Math.log(score + LEAST_SCORE);

/** The mean of each value and those before it, the nearest weighing most. */
export function fadingMean(values: readonly number[], fading: Ratio): number[] {
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    sum = sum * fading + value;
    weight = weight * fading + 1;
    return sum / weight;
  });
}
