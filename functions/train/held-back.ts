/** Whether a new model may replace the one in use: the newest part is held back, by time, and decides. Pure. */
import { seeded } from '../../layers/core/statistics/random.ts';
import type { ReliabilityRow } from '../../layers/core/model-version.ts';
import type { Ratio, Seconds } from '../../layers/core/units.ts';

/** How well probabilities came true: 0 is perfect. */
export interface Losses {
  readonly brier: number;
  readonly logLoss: number;
}

/** A new model beside the one in use, on what neither has learned from. */
export interface Judgement<Model, Case> {
  readonly model: Model;
  readonly learnedFrom: readonly Case[];
  readonly judgedOn: readonly Case[];
  /** Since when cases were held back. */
  readonly since: Seconds;
  readonly own: Losses;
  readonly inUse: Losses;
  readonly reliability: readonly ReliabilityRow[];
  /** That a model no better would look so much better by chance. */
  readonly chance: Ratio;
  readonly better: boolean;
}

export type Choice<Model, Case> =
  { readonly kind: 'too-few'; readonly why: string } | ({ readonly kind: 'judged' } & Judgement<Model, Case>);

export interface InUse<Model> {
  /** Absent: the prior. */
  readonly model?: Model;
  /** A person went back then: only what happened since may say that another is better. */
  readonly judgeSince?: Seconds;
}

/** Fewer that are held back could all come out right by chance more often than `CHANCE`: one in 2^5. */
export const LEAST_JUDGED = 5;
export const LEAST_LEARNED = 5;
const HELD_BACK: Ratio = 0.3;
export const CHANCE: Ratio = 0.05;
const FLIPS = 4999;
const SEED = 1;

/**
 * From when on what happened is held back.
 * @param times of what can be learned from, seconds since the epoch
 * @param judgeSince a person went back then: only what happened since may say that another is better
 */
export function heldBackSince(times: readonly Seconds[], judgeSince = -Infinity): Seconds {
  const held = Math.max(LEAST_JUDGED, Math.ceil(HELD_BACK * times.length));
  return Math.max(times.toSorted((a, b) => a - b).at(-held) ?? -Infinity, judgeSince);
}

/** @param judged of them since a person went back, where one did */
export function tooFew(what: string, all: number, judged?: number): string {
  const needed = `${LEAST_LEARNED} are needed to learn from and ${LEAST_JUDGED} later ones to be judged on`;
  const there =
    judged === undefined ? `there are ${all}` : `there are ${all}, ${judged} of them since a person went back`;
  return `too few ${what}: ${needed}, ${there}; what is in use stays`;
}

/**
 * The randomisation test for pairs (Fisher 1935, §21): were both models as good, each difference might as well have had the
 * other sign.
 * @param gains by how much the Brier score of each independent witness falls
 * @returns the probability that models as good look so different
 */
export function byChance(gains: readonly number[]): Ratio {
  const random = seeded(SEED);
  const seen = gains.reduce((sum, gain) => sum + gain, 0);
  let asGood = 1;
  for (let flip = 0; flip < FLIPS; flip += 1)
    if (gains.reduce((sum, gain) => sum + (random() < 0.5 ? gain : -gain), 0) >= seen) asGood += 1;
  return asGood / (FLIPS + 1);
}
