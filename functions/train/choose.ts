/** Learns a failure model and says whether it may replace what is in use. Pure. */
import { hours, type Seconds } from '../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import { brierScore, logLoss, reliability, type Judged } from '../detect/failure/calibration.ts';
import { examplesOf, foretellFailure, learnFailure, learnPrior } from '../detect/failure/failure-model.ts';
import type { FailureModel, Life } from '../detect/failure/failure-model.ts';
import { ROW } from '../detect/failure/view.ts';
import { byChance, CHANCE, heldBackSince, LEAST_JUDGED, LEAST_LEARNED, tooFew } from './held-back.ts';
import type { Choice, InUse, Losses } from './held-back.ts';

/** A life with the time of its end, and its rows as the model in use sees them. */
export interface DatedLife extends Life {
  /** Seconds since the epoch. */
  readonly at: Seconds;
  readonly before: Life['features'];
}

const SEED = 1;
const WEEK: Seconds = hours(7 * 24);

/** The newest part is held back, by time; the older part is learned from; both models are judged on the newest. */
export function choose(
  lives: readonly DatedLife[],
  { model: inUse, judgeSince }: InUse<FailureModel>,
  horizon: number,
  alertsPerWeek: number = DEFAULT_WATCH.alertsPerWeek,
): Choice<FailureModel, DatedLife> {
  const ends = lives.flatMap(({ failed, at }) => (failed ? [at] : []));
  const since = heldBackSince(ends, judgeSince);
  const learnedFrom = lives.filter(({ at }) => at < since);
  const judgedOn = lives.filter(({ at }) => at >= since);
  const [learned, judged] = [failuresOf(learnedFrom), failuresOf(judgedOn)];
  if (learned < LEAST_LEARNED || judged < LEAST_JUDGED)
    return {
      kind: 'too-few',
      why: tooFew('failures', learned + judged, judgeSince === undefined ? undefined : judged),
    };
  // What was told in vain rests until its horizon is over, and for another one (judge-foretold.ts).
  const bound = { perWeek: alertsPerWeek, rowsAWeek: WEEK / ROW, quiet: 2 * horizon };
  const model = learnFailure(learnedFrom, horizon, SEED, bound);
  const old = inUse ?? learnPrior(learnedFrom, horizon);
  const pairs = judgedOn.map((life) => ({
    own: judgedBy(model, life, life.features, horizon),
    old: judgedBy(old, life, inUse ? life.before : life.features, horizon),
  }));
  const [own, before] = [lossesOf(pairs.flatMap((pair) => pair.own)), lossesOf(pairs.flatMap((pair) => pair.old))];
  // Rows of one life are no independent witnesses, so a life is one.
  const chance = byChance(pairs.map((pair) => totalOf(pair.old) - totalOf(pair.own)));
  const better = model.kind === 'learned' && chance < CHANCE && own.logLoss < before.logLoss;
  const rows = reliability(pairs.flatMap((pair) => pair.own));
  return {
    kind: 'judged',
    model,
    learnedFrom,
    judgedOn,
    since,
    own,
    inUse: before,
    reliability: rows,
    chance,
    better,
  };
}

const failuresOf = (lives: readonly Life[]): number => lives.filter(({ failed }) => failed).length;

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
