import { describe, expect, it } from 'vitest';
import { LATELY, usualLately, withLevel } from '../../../../functions/detect/multivariate/lately.ts';

const STEP = 300;

describe('what the metrics did lately', () => {
  const usual = usualLately([
    [1, -2],
    [-1, 2],
    [3, 0],
    [-3, 0],
  ]);

  it('is what is usual before anything was seen', () => {
    expect(usual).toEqual({ level: [0, 0], size: [2, 1] });
  });

  it('tells a shift that lasts from unrest of the same size', () => {
    let [shifted, restless] = [usual, usual];
    for (let n = 0; n < 12; n += 1) {
      shifted = withLevel(shifted, [2, 0], STEP);
      restless = withLevel(restless, [n % 2 === 0 ? 2 : -2, 0], STEP);
    }

    expect(shifted.level[0]).toBeGreaterThan(1.5);
    expect(Math.abs(restless.level[0]!)).toBeLessThan(0.5);
    expect(restless.size[0]).toBeCloseTo(shifted.size[0]!, 9);
  });

  it('forgets what is long past', () => {
    let lately = withLevel(usual, [100, 100], STEP);
    for (let at = 0; at < LATELY; at += STEP) lately = withLevel(lately, [0, 0], STEP);

    expect(lately.level[0]).toBeLessThan(100 / 400);
  });
});
