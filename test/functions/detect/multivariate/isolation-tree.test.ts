import { describe, expect, it } from 'vitest';
import { averagePath, growTree, pathLength } from '../../../../functions/detect/multivariate/isolation-tree.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';

describe('isolation trees', () => {
  it("take the average path lengths of scikit-learn's own test of _average_path_length", () => {
    // sklearn/ensemble/tests/test_iforest.py, test_iforest_average_path_length
    expect(averagePath(1)).toBe(0);
    expect(averagePath(2)).toBe(1);
    expect(averagePath(5)).toBeCloseTo(2 * (Math.log(4) + 0.5772156649) - 1.6, 12);
    expect(averagePath(999)).toBeCloseTo(2 * (Math.log(998) + 0.5772156649) - (2 * 998) / 999, 12);
  });

  it('isolate a point that lies apart sooner, and credit the column that it lies apart in', () => {
    const random = seeded(3);
    const rows = Array.from({ length: 256 }, () => [random(), random()]);
    const trees = Array.from({ length: 50 }, () => growTree([...rows, [0.5, 9]], random));
    const shares = new Float64Array(2);

    const apart = trees.reduce((sum, tree) => sum + pathLength(tree, [0.5, 9], shares, 9), 0) / trees.length;
    const inside = trees.reduce((sum, tree) => sum + pathLength(tree, [0.5, 0.5], new Float64Array(2), 9), 0) / 50;

    expect(apart).toBeLessThan(inside / 2);
    expect(shares[1]).toBeGreaterThan(shares[0]! * 2);
  });
});
