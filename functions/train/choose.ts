/** Learns a failure model and says whether it may replace what is in use. Pure. */
import { seeded } from '../../layers/core/statistics/random.ts';
import { hours, type Ratio, type Seconds } from '../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import { brierScore, logLoss, type Judged } from '../detect/failure/calibration.ts';
import { examplesOf, foretellFailure, learnFailure, learnPrior } from '../detect/failure/failure-model.ts';
import type { FailureModel, Life } from '../detect/failure/failure-model.ts';
import { ROW } from '../detect/failure/view.ts';

/** A life with the time of its end, and its rows as the model in use sees them. */
export interface DatedLife extends Life {
  /** Seconds since the epoch. */
  readonly at: Seconds;
  readonly before: Life['features'];
}

export interface Losses {
  readonly brier: number;
  readonly logLoss: number;
}

export interface Judgement {
  readonly model: FailureModel;
  readonly learnedFrom: readonly DatedLife[];
  readonly judgedOn: readonly DatedLife[];
  /** Since when lives were held back. */
  readonly since: Seconds;
  readonly own: Losses;
  readonly inUse: Losses;
  /** That a model no better would look so much better by chance. */
  readonly chance: Ratio;
  readonly better: boolean;
}

export type Choice = { readonly kind: 'too-few'; readonly why: string } | ({ readonly kind: 'judged' } & Judgement);

/** Fewer held-back failures could all come out right by chance more often than `CHANCE`: one in 2^5. */
const LEAST_JUDGED = 5;
const LEAST_LEARNED = 5;
const HELD_BACK: Ratio = 0.3;
const CHANCE: Ratio = 0.05;
const FLIPS = 4999;
const SEED = 1;
const WEEK: Seconds = hours(7 * 24);

export interface InUse {
  /** Absent: the prior, as the lives that are learned from have it. */
  readonly model?: FailureModel;
  /** A person went back then: only what happened since may say that another is better. */
  readonly judgeSince?: Seconds;
}

/** The newest part is held back, by time; the older part is learned from; both models are judged on the newest. */
export function choose(
  lives: readonly DatedLife[],
  { model: inUse, judgeSince }: InUse,
  horizon: number,
  alertsPerWeek: number = DEFAULT_WATCH.alertsPerWeek,
): Choice {
  const since = heldBackSince(lives, judgeSince);
  const learnedFrom = lives.filter(({ at }) => at < since);
  const judgedOn = lives.filter(({ at }) => at >= since);
  const [learned, judged] = [failuresOf(learnedFrom), failuresOf(judgedOn)];
  if (learned < LEAST_LEARNED || judged < LEAST_JUDGED)
    return { kind: 'too-few', why: tooFew(learned + judged, judgeSince === undefined ? undefined : judged) };
  // What was told in vain rests until its horizon is over, and for another one (judge-foretold.ts).
  const bound = { perWeek: alertsPerWeek, rowsAWeek: WEEK / ROW, quiet: 2 * horizon };
  const model = learnFailure(learnedFrom, horizon, SEED, bound);
  const old = inUse ?? learnPrior(learnedFrom, horizon);
  const pairs = judgedOn.map((life) => ({
    own: judgedBy(model, life, life.features, horizon),
    old: judgedBy(old, life, inUse ? life.before : life.features, horizon),
  }));
  const [own, before] = [lossesOf(pairs.flatMap((pair) => pair.own)), lossesOf(pairs.flatMap((pair) => pair.old))];
  const chance = byChance(pairs.map((pair) => totalOf(pair.old) - totalOf(pair.own)));
  const better = model.kind === 'learned' && chance < CHANCE && own.logLoss < before.logLoss;
  return { kind: 'judged', model, learnedFrom, judgedOn, since, own, inUse: before, chance, better };
}

const failuresOf = (lives: readonly Life[]): number => lives.filter(({ failed }) => failed).length;

function tooFew(failures: number, since?: number): string {
  const needed = `${LEAST_LEARNED} are needed to learn from and ${LEAST_JUDGED} later ones to be judged on`;
  const there =
    since === undefined ? `there are ${failures}` : `there are ${failures}, ${since} of them since a person went back`;
  return `too few failures: ${needed}, ${there}; what is in use stays`;
}

function heldBackSince(lives: readonly DatedLife[], judgeSince = -Infinity): Seconds {
  const ends = lives.flatMap(({ failed, at }) => (failed ? [at] : [])).sort((a, b) => a - b);
  const held = Math.max(LEAST_JUDGED, Math.ceil(HELD_BACK * ends.length));
  return Math.max(ends.at(-held) ?? -Infinity, judgeSince);
}

/** Each life counts by its weight, however many rows it has. */
function judgedBy(model: FailureModel, life: Life, rows: Life['features'], horizon: number): Judged[] {
  const examples = examplesOf({ ...life, features: rows }, horizon);
  const weight = (life.weight ?? 1) / examples.length;
  return examples.map(({ features, failed }) => ({
    score: foretellFailure(model, features).probability,
    failed,
    weight,
  }));
}

const lossesOf = (judged: readonly Judged[]): Losses => ({ brier: brierScore(judged), logLoss: logLoss(judged) });

const totalOf = (judged: readonly Judged[]): number =>
  judged.reduce((sum, { score, failed, weight }) => sum + weight * (score - (failed ? 1 : 0)) ** 2, 0);

/**
 * The randomisation test for pairs (Fisher 1935, §21): were both models as good, each life's difference might as well have
 * had the other sign. Rows of one life are no independent witnesses, so a life is one.
 * @param gains by how much each life's Brier score falls
 */
function byChance(gains: readonly number[]): Ratio {
  const random = seeded(SEED);
  const seen = gains.reduce((sum, gain) => sum + gain, 0);
  let asGood = 1;
  for (let flip = 0; flip < FLIPS; flip += 1)
    if (gains.reduce((sum, gain) => sum + (random() < 0.5 ? gain : -gain), 0) >= seen) asGood += 1;
  return asGood / (FLIPS + 1);
}
