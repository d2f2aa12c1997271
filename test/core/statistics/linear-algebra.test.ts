import { describe, expect, it } from 'vitest';
import { eigenSymmetric, solvePositive } from '../../../layers/core/statistics/linear-algebra.ts';
import { emptyMoments, withRow } from '../../../layers/core/statistics/moments.ts';
import { median, quantile, scaledMad } from '../../../layers/core/statistics/quantiles.ts';

describe('linear algebra', () => {
  it('solves the system of the published example of Cholesky (Wikipedia, "Cholesky decomposition")', () => {
    const a = [4, 12, -16, 12, 37, -43, -16, -43, 98];
    const x = [1, 2, 3];
    const b = [0, 1, 2].map((row) => x.reduce((sum, value, j) => sum + a[row * 3 + j]! * value, 0));

    const solved = solvePositive(a, b, 3, 1);

    x.forEach((value, i) => expect(solved[i]).toBeCloseTo(value, 9));
  });

  it('refuses a matrix that is not positive definite, and says which pivot failed', () => {
    expect(() => solvePositive([1, 2, 2, 1], [1, 1], 2, 1)).toThrow(
      /positive definite matrix, got a pivot of -3 in row 1/,
    );
  });

  it('finds the eigenvalues 3 and 1 of [[2, 1], [1, 2]], and their directions', () => {
    const { values, vectors } = eigenSymmetric([2, 1, 1, 2], 2);

    expect(values[0]).toBeCloseTo(3, 12);
    expect(values[1]).toBeCloseTo(1, 12);
    expect(Math.abs(vectors[0]![0]!)).toBeCloseTo(Math.SQRT1_2, 12);
    expect(vectors[0]![0]! * vectors[1]![0]! + vectors[0]![1]! * vectors[1]![1]!).toBeCloseTo(0, 12);
  });
});

describe('moments', () => {
  it('are those of the whole sample, whatever the order rows come in', () => {
    const moments = emptyMoments(2);

    for (const row of [
      [1, 2],
      [3, 6],
      [5, 4],
    ])
      withRow(moments, row);

    expect(moments.mean).toEqual([3, 4]);
    [8 / 3, 4 / 3, 4 / 3, 8 / 3].forEach((value, i) => expect(moments.covariance[i]).toBeCloseTo(value, 12));
  });

  it('follow a change of level when they have a memory', () => {
    const moments = emptyMoments(1);

    for (let i = 0; i < 100; i += 1) withRow(moments, [0], 10);
    for (let i = 0; i < 50; i += 1) withRow(moments, [1], 10);

    expect(moments.mean[0]).toBeGreaterThan(0.99);
  });
});

describe('quantiles', () => {
  it("are numpy's default ones, and leave out what is no number", () => {
    expect(quantile([7, 1, Number.NaN, 3, 9], 0.25)).toBe(2.5); // numpy.quantile([1, 3, 7, 9], 0.25)
    expect(median([4, 1, 3])).toBe(3);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('the scaled MAD of Hampel is 1.4826 times the median distance', () => {
    expect(scaledMad([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826, 12); // Wikipedia, "Median absolute deviation"
  });
});
