/** Makes scores into probabilities that come true as often as they say, and measures whether they do. */
import type { ReliabilityRow } from '../../../layers/core/model-version.ts';
import type { Ratio } from '../../../layers/core/units.ts';
import { learnLogistic, logisticLogit, sigmoid, type Logistic } from './logistic.ts';

export interface Judged {
  /** What was foretold: a logit for calibrating, a probability for measuring. */
  readonly score: number;
  readonly failed: boolean;
  readonly weight: number;
}

/** Plain JSON. */
export type Calibration =
  | { readonly kind: 'platt'; readonly line: Logistic }
  /** Steps: `probabilities[i]` from `scores[i]` on, linear in between. */
  | { readonly kind: 'isotonic'; readonly scores: readonly number[]; readonly probabilities: readonly number[] };

/** Fewer examples of either kind bear a line, no staircase (Niculescu-Mizil and Caruana 2005). */
const ENOUGH_FOR_STEPS = 500;

/** Learned on examples that the model was not learned on: isotonic where there are many, else Platt's line. */
export function learnCalibration(examples: readonly Judged[]): Calibration {
  const failed = examples.filter((one) => one.failed).length;
  if (Math.min(failed, examples.length - failed) >= ENOUGH_FOR_STEPS) return isotonic(examples);
  return { kind: 'platt', line: platt(examples) };
}

export function calibrated(calibration: Calibration, score: number): Ratio {
  if (calibration.kind === 'platt') return sigmoid(logisticLogit(calibration.line, [score]));
  const { scores, probabilities } = calibration;
  const after = scores.findIndex((one) => one >= score);
  if (after < 0) return probabilities.at(-1) ?? 0.5;
  if (after === 0) return probabilities[0]!;
  const [low, high] = [scores[after - 1]!, scores[after]!];
  const share = (score - low) / (high - low);
  return (1 - share) * probabilities[after - 1]! + share * probabilities[after]!;
}

/** A line through the logits (Platt 1999); its ridge of one example does what his smoothed targets do. */
const platt = (examples: readonly Judged[]): Logistic =>
  learnLogistic(
    examples.map(({ score, failed, weight }) => ({ features: [score], failed, weight })),
    1,
  );

/** The rising staircase nearest to the outcomes: pool adjacent violators (Ayer et al. 1955; Zadrozny and Elkan 2002). */
function isotonic(examples: readonly Judged[]): Calibration {
  const blocks: { score: number; failed: number; weight: number }[] = [];
  for (const { score, failed, weight } of examples.toSorted((a, b) => a.score - b.score)) {
    let block = { score: score * weight, failed: failed ? weight : 0, weight };
    for (
      let last = blocks.at(-1);
      last && last.failed * block.weight >= block.failed * last.weight;
      last = blocks.at(-1)
    ) {
      block = {
        score: last.score + block.score,
        failed: last.failed + block.failed,
        weight: last.weight + block.weight,
      };
      blocks.pop();
    }
    blocks.push(block);
  }
  // One example more could have gone the other way: nothing is ever quite sure.
  const doubt = 1 / examples.length;
  return {
    kind: 'isotonic',
    scores: blocks.map(({ score, weight }) => score / weight),
    probabilities: blocks.map(({ failed, weight }) => Math.min(1 - doubt, Math.max(doubt, failed / weight))),
  };
}

/** Mean squared error of the probabilities (Brier 1950): 0 is perfect, always saying the base rate r gives r (1 - r). */
export function brierScore(examples: readonly Judged[]): number {
  const all = examples.reduce((sum, { weight }) => sum + weight, 0);
  return examples.reduce((sum, { score, failed, weight }) => sum + weight * (score - (failed ? 1 : 0)) ** 2, 0) / all;
}

/** Mean logarithmic loss in nats (Good 1952): 0 is perfect, surely wrong has no bound; `score` within (0, 1). */
export function logLoss(examples: readonly Judged[]): number {
  const all = examples.reduce((sum, { weight }) => sum + weight, 0);
  return (
    examples.reduce((sum, { score, failed, weight }) => sum - weight * Math.log(failed ? score : 1 - score), 0) / all
  );
}

/** The reliability diagram (DeGroot and Fienberg 1983) as a table of ten rows, without the empty ones. */
export function reliability(examples: readonly Judged[]): ReliabilityRow[] {
  return Array.from({ length: 10 }, (_, i) => i).flatMap((i) => {
    const inside = examples.filter(({ score }) => Math.min(9, Math.floor(score * 10)) === i);
    const all = inside.reduce((sum, { weight }) => sum + weight, 0);
    if (inside.length === 0) return [];
    const mean = (of: (one: Judged) => number) => inside.reduce((sum, one) => sum + one.weight * of(one), 0) / all;
    const [foretold, cameTrue] = [mean(({ score }) => score), mean(({ failed }) => (failed ? 1 : 0))];
    return [{ from: i / 10, to: (i + 1) / 10, count: inside.length, foretold, cameTrue }];
  });
}
