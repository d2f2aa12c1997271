import { describe, expect, it } from 'vitest';
import {
  atRest,
  filtered,
  meanOf,
  withScore,
  type OverTime,
} from '../../../../functions/detect/multivariate/over-time.ts';

const probability = (odds: number): number => 1 / (1 + Math.exp(-odds));
const after = (scores: readonly number[], step: number, from: OverTime = atRest): OverTime =>
  scores.reduce((sums, score) => withScore(sums, score, step), from);

describe('the filter of two hidden states', () => {
  it('answers as Russell and Norvig do of rain and umbrellas (Artificial Intelligence, 3rd ed., §15.2.1)', () => {
    const umbrella = Math.log(0.9 / 0.2);

    const first = filtered(0, 0.3, 0.3, umbrella);
    const second = filtered(first, 0.3, 0.3, umbrella);

    expect(probability(first)).toBeCloseTo(0.818, 3);
    expect(probability(second)).toBeCloseTo(0.883, 3);
  });

  it('answers with a number, however sure it was and however long the step', () => {
    for (const odds of [-1e6, -40, 40, 1e6])
      for (const step of [1, 300, 86_400])
        expect(Number.isFinite(after([0], step, { ...atRest, odds }).odds)).toBe(true);
    expect(Number.isFinite(filtered(1e6, 1, 0.1, 0))).toBe(true);
  });
});

describe('scores over time', () => {
  const minute = 60;

  it('leave the odds where they are while rows are as healthy ones', () => {
    expect(after(Array<number>(600).fill(0.9), minute).odds).toBeCloseTo(atRest.odds, 1);
  });

  it('believe in trouble after a few rows that are a little unusual, or one that is very', () => {
    expect(after(Array<number>(20).fill(1.5), minute).odds).toBeGreaterThan(0);
    expect(after([10], minute).odds).toBeGreaterThan(0);
    expect(after([1.5], minute).odds).toBeLessThan(0);
  });

  it('take a pause of minutes for a pause, and one of hours for the end', () => {
    const trouble = after(Array<number>(60).fill(3), minute);

    const paused = after(Array<number>(15).fill(0), minute, trouble);
    const ended = after(Array<number>(180).fill(0), minute, trouble);

    expect(paused.odds).toBeGreaterThan(0);
    expect(ended.odds).toBeLessThan(-4);
    expect(meanOf(paused)).toBeLessThan(1);
  });
});
