/** How rarely a healthy service scores so high. Plain JSON. */
import { quantileOf, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';
import type { Ratio } from '../../../layers/core/units.ts';

export interface Tail {
  /** Of the healthy scores, in even steps from the least to the highest that is not in the tail. */
  readonly body: readonly number[];
  /** By how much a score in the tail exceeds the body, on average. */
  readonly meanExcess: number;
}

const TAIL: Ratio = 0.05;
const STEPS = 100;

/** The empirical distribution, with an exponential tail over its upper twentieth (peaks over threshold, Pickands 1975). */
export function learnTail(scores: ArrayLike<number>): Tail {
  const sorted = sortedFinite(scores);
  if (sorted.length === 0) return { body: [], meanExcess: 1 };
  const body = Array.from({ length: STEPS + 1 }, (_, i) => quantileOf(sorted, ((1 - TAIL) * i) / STEPS));
  const start = body[STEPS]!;
  const excesses = sorted.filter((score) => score > start);
  const sum = excesses.reduce((total, score) => total + score - start, 0);
  return { body, meanExcess: Math.max(sum / Math.max(1, excesses.length), 1e-3) };
}

/** Share of healthy rows that score as high or higher; never 0. */
export function tailProbability({ body, meanExcess }: Tail, score: number): Ratio {
  const start = body.at(-1);
  if (start === undefined) return 1;
  if (score >= start) return Math.max(Number.MIN_VALUE, TAIL * Math.exp(-(score - start) / meanExcess));
  const above = body.findIndex((value) => value > score);
  if (above <= 0) return 1;
  const low = body[above - 1]!;
  const rank = (above - 1 + (score - low) / (body[above]! - low)) / STEPS;
  return 1 - (1 - TAIL) * rank;
}
