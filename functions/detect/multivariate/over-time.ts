/**
 * What the scores of single rows say over time: their mean over the last minutes, which is soon up and soon down again, and the
 * odds that the service is in trouble, which outlast its pauses. Plain JSON.
 */
import { quantileOf, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';
import { hours, minutes, type Ratio, type Seconds } from '../../../layers/core/units.ts';

/** Median of healthy scores and distance to their 95 % quantile: what makes scores comparable. */
export interface Scale {
  readonly centre: number;
  readonly spread: number;
}

/** What is remembered of the rows so far. */
export interface OverTime {
  /** Sum of their scores, each weighted by how new it is, and of these weights. */
  readonly score: number;
  readonly weight: number;
  /** Natural logarithm of the odds that the service is in trouble. */
  readonly odds: number;
}

/** Added to a spread: what never varies while healthy must not outweigh all else at its first stir. */
const LEAST_SPREAD = 0.02;

/**
 * Scores are averaged with weights that fade over this time (EWMA: Roberts 1959): noise does not last, and what is newest counts
 * most. The mean age of what counts is that of a mean over 15 minutes.
 */
const FADES_OVER = minutes(7.5);
/** Until which age a row matters to the mean: its weight is 1/400 then. */
export const FADED_AFTER: Seconds = 6 * FADES_OVER;

/** How long trouble lasts, and how long there is none, on average. The second matters little: it moves healthy and other odds alike. */
const TROUBLE_LASTS = minutes(30);
const TROUBLE_EVERY = hours(7 * 24);

/** Of a certainty of 1 nothing would be left after a row of many hours, of which there is no logarithm. */
const MOST_SURE: Ratio = 1 - 1e-12;

/** What is left of a row's weight a row later. */
export const fadingOf = (step: Seconds): Ratio => Math.exp(-step / FADES_OVER);

export function scaleOf(healthy: readonly number[]): Scale {
  const sorted = sortedFinite(healthy);
  const centre = quantileOf(sorted, 0.5);
  return { centre, spread: quantileOf(sorted, 0.95) - centre + LEAST_SPREAD };
}

/** 0 is the healthy median, 1 about the healthy 95 % quantile. */
export const standardised = ({ centre, spread }: Scale, score: number): number => (score - centre) / spread;

export const atRest: OverTime = { score: 0, weight: 0, odds: Math.log(TROUBLE_LASTS / TROUBLE_EVERY) };

/** @param score of one more row, standardised */
export function withScore(before: OverTime, score: number, step: Seconds): OverTime {
  const fading = fadingOf(step);
  return {
    score: before.score * fading + score,
    weight: before.weight * fading + 1,
    odds: oddsAfter(before.odds, score, step),
  };
}

/**
 * A row speaks for trouble by what its score exceeds 1 (a density tilted exponentially, as in the sequential test of Page 1954), per
 * minute, since rows close to each other say nearly the same. One that looks healthy speaks against nothing: in trouble most rows
 * of many services do.
 */
function oddsAfter(odds: number, score: number, step: Seconds): number {
  const ends: Ratio = 1 - Math.exp(-step / TROUBLE_LASTS);
  const begins: Ratio = 1 - Math.exp(-step / TROUBLE_EVERY);
  return filtered(odds, ends, begins, Math.max(0, score - 1) * (step / minutes(1)));
}

/**
 * The filter of a hidden Markov model of two states (Rabiner 1989, §III).
 * @param odds natural logarithm of the odds of the one state before. @param ends probability of leaving it in a step.
 * @param begins probability of entering it. @param evidence logarithm of how much likelier it makes what was seen
 * @returns the logarithm of the odds after
 */
export function filtered(odds: number, ends: Ratio, begins: Ratio, evidence: number): number {
  const before: Ratio = Math.min(1 / (1 + Math.exp(-odds)), MOST_SURE);
  const now = before * (1 - ends) + (1 - before) * begins;
  return Math.log(now / (1 - now)) + evidence;
}

export const meanOf = ({ score, weight }: OverTime): number => score / weight;
