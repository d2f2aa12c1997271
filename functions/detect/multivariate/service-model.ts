/**
 * All detectors of a service together: conditions its metrics, forecasts them, scores what remains, and says how rarely a
 * healthy service looks like that and which metrics carry it. Model and state are plain JSON.
 */
import type { ServiceDetector, ServiceView } from '../../../layers/core/service-detector.ts';
import type { Ratio, Seconds } from '../../../layers/core/units.ts';
import { conditioned, learnCondition, type MetricCondition } from './condition.ts';
import { innovationOf, learnForecast, MEMORY, type Forecast } from './forecast.ts';
import { usualLately, withLevel, type Lately } from './lately.ts';
import { atRest, meanOf, scaleOf, standardised, withScore, type Scale } from './over-time.ts';
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
  /** Of its healthy log scores: what makes detectors comparable. */
  readonly scale: Scale;
}

export interface ServiceModel {
  readonly step: Seconds;
  readonly conditions: readonly MetricCondition[];
  readonly forecast: Forecast;
  /** What the metrics do while healthy: where a state starts. */
  readonly usual: Lately;
  readonly parts: readonly Part[];
  readonly tail: Tail;
}

export type Detectors = Readonly<Record<string, ServiceDetector>>;

/** The newest part of the history, kept from the first fit, shows how a healthy service scores on rows not learned from. */
const HELD_OUT: Ratio = 0.25;
const LEAST_HELD_OUT = 100;
const LEAST_SCORE = 1e-3;

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
  const calibration = calibrate(first.models, unseen, detectors, history.step);
  const last = learnFrom === rows.length ? first : learnParts(history, detectors, seed);
  return {
    step: history.step,
    conditions: last.conditions,
    forecast: last.forecast,
    usual: last.usual,
    parts: calibration.parts.map((part) => ({ ...part, model: last.models[part.detector] })),
    tail: calibration.tail,
  };
}

interface Learned extends Pick<ServiceModel, 'conditions' | 'forecast' | 'usual'> {
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
  const levels = levelsOf(conditions, history);
  const forecast = learnForecast(levels);
  const usual = usualLately(levels);
  const views = viewsOf({ conditions, forecast, usual }, history);
  const models = Object.fromEntries(Object.entries(detectors).map(([name, one]) => [name, one.fit(views, seed)]));
  return { conditions, forecast, usual, models };
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

function viewsOf({ conditions, forecast, usual }: Omit<Learned, 'models'>, history: ServiceHistory): ServiceView[] {
  const levels = levelsOf(conditions, history);
  let lately = usual;
  return levels.map((level, t) => {
    const before = levels.slice(Math.max(0, t - MEMORY), t);
    lately = withLevel(lately, level, history.step);
    return { level, innovation: innovationOf(forecast, before, level), lately };
  });
}

function calibrate(
  models: Readonly<Record<string, unknown>>,
  views: readonly ServiceView[],
  detectors: Detectors,
  step: Seconds,
): { parts: Omit<Part, 'model'>[]; tail: Tail } {
  const parts = Object.entries(detectors).map(([name, one]) => {
    const scores = views.map((view) => logScore(one.score(models[name], view).score));
    const scale = scaleOf(scores);
    return { detector: name, scale, scores: scores.map((score) => standardised(scale, score)) };
  });
  let sums = atRest;
  const means = views.map((_, t) => {
    sums = withScore(sums, together(parts.map(({ scores }) => scores[t]!)), step);
    return meanOf(sums);
  });
  return { parts: parts.map(({ detector, scale }) => ({ detector, scale })), tail: learnTail(means) };
}

/**
 * Root of the mean square of what each of them says beyond the healthy median: what one detector sees clearly, the others, which
 * see other things, do not average away (sums over a threshold: Aggarwal and Sathe 2015).
 */
export const together = (scores: readonly number[]): number =>
  Math.sqrt(scores.reduce((sum, score) => sum + Math.max(0, score) ** 2, 0) / Math.max(1, scores.length));

/** Scores differ by orders of magnitude: their mean over time would be their maximum. */
export const logScore = (score: number): number => Math.log(score + LEAST_SCORE);
