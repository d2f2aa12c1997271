/** The probability that a unit fails within a horizon, from its recent features. The model is plain JSON. */
import type { Ratio } from '../../../layers/core/units.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { calibrated, learnCalibration, type Calibration, type Judged } from './calibration.ts';
import { boostingLogit, learnBoosting, type Boosting } from './gradient-boosting.ts';
import { learnLogistic, logisticLogit, type Example, type Logistic } from './logistic.ts';

/** One life: from a start to a failure, or to now. */
export interface Life {
  /** A row of features a period, oldest first. */
  readonly features: readonly ArrayLike<number>[];
  /** True when it failed right after the last row, or `failsIn` rows later; else what came after is not known. */
  readonly failed: boolean;
  /** Rows of its life that were not seen. Default 0. */
  readonly failsIn?: number;
  /**
   * How many such lives it stands for, default 1: where healthy ones are a sample, the probability and the threshold are
   * still those of all of them.
   */
  readonly weight?: number;
}

export type FailureModel =
  /** Nothing was learned yet: what is believed of any unit. */
  | { readonly kind: 'prior'; readonly probability: Ratio; readonly horizon: number }
  | {
      readonly kind: 'learned';
      readonly horizon: number;
      readonly logistic: Logistic;
      readonly boosting: Boosting;
      readonly calibration: Calibration;
      /** From this logit on a failure is foretold: best F1 on lives that were not learned from, or higher (`FalseAlerts`). */
      readonly alarmFrom: number;
    };

/** How often a healthy unit may be told of. */
export interface FalseAlerts {
  readonly perWeek: number;
  readonly rowsAWeek: number;
  /** Rows for which nothing more is told once something was. */
  readonly quiet: number;
}

/** With fewer failures a model would learn their accidents. */
const LEAST_FAILURES = 5;
/** Before anything is known: a unit fails within the horizon as seldom as once in twenty, worth one life of evidence. */
const PRIOR = { failing: 0.05, lives: 1 };
const FOLDS = 4;
const BOOSTING = { rounds: 100, rate: 0.1, depth: 4, leastWeight: 1, ridge: 1 };
const LOGISTIC_RIDGE = 1;

/**
 * Logistic regression and boosted trees, their logits averaged (the one extrapolates, the other bends), calibrated on the
 * answers that each life gets from models that have not seen it.
 * @param horizon in rows: failing within it is foretold
 * @param bound absent: the threshold is that of best F1, however often it is wrong
 */
export function learnFailure(lives: readonly Life[], horizon: number, seed: number, bound?: FalseAlerts): FailureModel {
  const labelled = lives.map((life) => ({ examples: examplesOf(life, horizon), weight: life.weight ?? 1 }));
  const failures = labelled.filter(({ examples }) => examples.some(({ failed }) => failed)).length;
  const healthy = labelled.some(({ examples }) => examples.some(({ failed }) => !failed));
  if (failures < LEAST_FAILURES || !healthy) return learnPrior(lives, horizon);
  const byLife = outOfFold(labelled, seed);
  const judged = byLife.flat();
  const best = bestThreshold(judged);
  return {
    kind: 'learned',
    horizon,
    ...learnBoth(labelled.flatMap(({ examples }) => examples)),
    calibration: learnCalibration(judged),
    alarmFrom: bound ? quietThreshold(byLife, best, bound) : best,
  };
}

/** @returns the probability, and whether it is high enough to foretell a failure; of a prior it never is */
export function foretellFailure(
  model: FailureModel,
  features: ArrayLike<number>,
): { probability: Ratio; alarm: boolean } {
  if (model.kind === 'prior') return { probability: model.probability, alarm: false };
  const logit = logitOf(model, features);
  return { probability: calibrated(model.calibration, logit), alarm: logit >= model.alarmFrom };
}

/** The log odds before calibration, which features are weighed by; of a prior always 0. */
export const failureLogit = (model: FailureModel, features: ArrayLike<number>): number =>
  model.kind === 'prior' ? 0 : logitOf(model, features);

/** What is believed of any unit, whatever it shows: how often these lives fail. */
export function learnPrior(lives: readonly Life[], horizon: number): FailureModel {
  const shares = lives
    .map((life) => ({ examples: examplesOf(life, horizon), weight: life.weight ?? 1 }))
    .filter(({ examples }) => examples.length > 0)
    .map(({ examples, weight }) => ({
      weight,
      failing: (weight * examples.filter(({ failed }) => failed).length) / examples.length,
    }));
  const failing = shares.reduce((sum, share) => sum + share.failing, PRIOR.failing * PRIOR.lives);
  const all = shares.reduce((sum, { weight }) => sum + weight, PRIOR.lives);
  return { kind: 'prior', horizon, probability: failing / all };
}

/** The rows of a life with what became of them; those whose end is not known yet teach nothing. */
export function examplesOf({ features, failed, failsIn = 0 }: Life, horizon: number): Example[] {
  const known = features.slice(0, failed ? features.length : Math.max(0, features.length - horizon));
  const end = features.length - 1 + failsIn;
  return known.map((row, t) => ({ features: row, weight: 1, failed: failed && end - t <= horizon }));
}

const learnBoth = (examples: readonly Example[]) => ({
  logistic: learnLogistic(examples, LOGISTIC_RIDGE),
  boosting: learnBoosting(examples, BOOSTING),
});

const logitOf = (model: { logistic: Logistic; boosting: Boosting }, features: ArrayLike<number>): number =>
  (logisticLogit(model.logistic, features) + boostingLogit(model.boosting, features)) / 2;

interface Labelled {
  readonly examples: readonly Example[];
  readonly weight: number;
}

/** Each life judged by models of the other folds, its rows oldest first; each counts by its weight, however long it was. */
function outOfFold(labelled: readonly Labelled[], seed: number): Judged[][] {
  const random = seeded(seed);
  const order = labelled
    .map((life) => ({ life, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ life }) => life);
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const rest = order.filter((_, i) => i % FOLDS !== fold).flatMap(({ examples }) => examples);
    if (rest.length === 0) return [];
    const model = learnBoth(rest);
    return order
      .filter((_, i) => i % FOLDS === fold)
      .map(({ examples, weight }) =>
        examples.map(({ features, failed }) => ({
          score: logitOf(model, features),
          failed,
          weight: weight / examples.length,
        })),
      );
  });
}

/** The score from which on F1 is best. */
export function bestThreshold(judged: readonly Judged[]): number {
  const positives = judged.reduce((sum, { failed, weight }) => sum + (failed ? weight : 0), 0);
  const sorted = judged.toSorted((a, b) => b.score - a.score);
  let best = { f1: -1, threshold: 0 };
  let named = 0;
  let hits = 0;
  sorted.forEach(({ score, failed, weight }, i) => {
    named += weight;
    if (failed) hits += weight;
    const next = sorted[i + 1]?.score;
    if (next === score) return;
    const f1 = (2 * hits) / (named + positives);
    // Half way to the next, as no score lies there.
    if (f1 > best.f1) best = { f1, threshold: next === undefined ? score : (score + next) / 2 };
  });
  return best.threshold;
}

/**
 * The lowest threshold from `best` on at which a week of a healthy unit is expected to bring no more false alerts than it may,
 * by answers of models that had not seen it. Rows within the horizon of a failure are no false ones.
 */
export function quietThreshold(byLife: readonly (readonly Judged[])[], best: number, bound: FalseAlerts): number {
  const scores = [...new Set(byLife.flat().map(({ score }) => score))].filter((score) => score >= best);
  const sorted = scores.sort((a, b) => a - b);
  // Half way to the next, as no score lies there; beyond the highest by one in the logit.
  const between = sorted.map((score, i) => (i + 1 < sorted.length ? (score + sorted[i + 1]!) / 2 : score + 1));
  const thresholds = [best, ...between];
  let [low, high] = [0, thresholds.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (falseAlerts(byLife, thresholds[middle]!, bound) <= bound.perWeek) high = middle;
    else low = middle + 1;
  }
  return thresholds[low]!;
}

/** Expected of a healthy unit in a week. What was told rests for a while, as where it is told. */
function falseAlerts(
  byLife: readonly (readonly Judged[])[],
  threshold: number,
  { rowsAWeek, quiet }: FalseAlerts,
): number {
  let [alerts, rows] = [0, 0];
  for (const life of byLife) {
    let quietUntil = 0;
    for (const [t, { score, failed, weight }] of life.entries()) {
      if (failed) continue;
      const counts = weight * life.length; // of a row as many times as its life counts
      rows += counts;
      if (score < threshold || t < quietUntil) continue;
      alerts += counts;
      quietUntil = t + quiet;
    }
  }
  return rows === 0 ? 0 : (alerts / rows) * rowsAWeek;
}
