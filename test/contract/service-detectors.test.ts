import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learnService } from '../../functions/detect/multivariate/service-model.ts';
import { startService, stepService } from '../../functions/detect/multivariate/service-step.ts';
import { serviceDetectors } from '../../functions/detect/serviceDetectors.generated.ts';
import type { ServiceDetector, ServiceView } from '../../layers/core/service-detector.ts';
import { quantile } from '../../layers/core/statistics/quantiles.ts';
import { seeded } from '../../layers/core/statistics/random.ts';

/** Two metrics that move together and one of their own. */
function views(count: number, seed: number): ServiceView[] {
  const random = seeded(seed);
  const noise = () => random() + random() - 1;
  return Array.from({ length: count }, () => {
    const together = noise();
    return viewOf([together, together + 0.05 * noise(), 0.3 * noise()]);
  });
}

/** It was lately as it is now. */
function viewOf(row: readonly number[]): ServiceView {
  return { level: row, innovation: row, lately: { level: row, size: row.map(Math.abs) } };
}

const all = Object.entries(serviceDetectors) as [string, ServiceDetector][];

describe.each(all)('the service detector %s', (name, detector) => {
  const model = detector.fit(views(500, 1), 1);
  const odd = viewOf([0, 0, 3]);

  it('bears the name of its file and says what it sees', () => {
    expect(detector.name).toBe(name);
    expect(detector.summary).toMatch(/\.$/);
  });

  it('scores a row that lies apart above nearly all healthy ones, and says which metric it is', () => {
    const healthy = views(200, 2).map((view) => detector.score(model, view).score);

    const { score, shares } = detector.score(model, odd);

    expect(score).toBeGreaterThan(quantile(healthy, 0.95));
    expect(shares.indexOf(Math.max(...shares))).toBe(2);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('learns the same from the same rows and seed, and its model is plain JSON', () => {
    const again = detector.fit(views(500, 1), 1);

    expect(again).toEqual(model);
    expect(JSON.parse(JSON.stringify(model))).toEqual(model);
  });

  it('learns from a single row, and from rows that never vary', () => {
    const still = viewOf([0, 0, 0]);

    for (const rows of [[still], Array.from({ length: 300 }, () => still)]) {
      const { score, shares } = detector.score(detector.fit(rows, 1), odd);
      expect(Number.isFinite(score)).toBe(true);
      expect(shares.every(Number.isFinite)).toBe(true);
    }
  });

  it('answers gaps, what is no number, and time running backwards with a finite score, or says why it has none', () => {
    const step = 300;
    const rows = views(400, 3).map(({ level }, n) =>
      Array.from(level, (value, j) => ((n + j) % 11 === 0 ? Number.NaN : value)),
    );
    const history = { metrics: ['a', 'b', 'c'], from: 0, step, rows };
    const only = { [name]: detector };
    const learned = learnService(history, only, 1);
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0, 1e300));
    const row = fc.array(number, { minLength: 0, maxLength: 4 });
    const time = fc.oneof(
      fc.nat(50).map((n) => (400 + n) * step),
      fc.constantFrom(NaN, Infinity, -1e9, 400 * step),
    );

    fc.assert(
      fc.property(fc.array(fc.record({ at: time, row }), { maxLength: 40 }), (asked) => {
        let state = startService();
        for (const one of [...asked, { at: 460 * step, row: [0, 0, 0] }]) {
          const judged = stepService(learned, only, state, one.at, one.row);
          state = JSON.parse(JSON.stringify(judged.state)) as typeof state;
          const { verdict } = judged;
          if (verdict.kind === 'ignored') continue;
          expect(Number.isFinite(verdict.score)).toBe(true);
          expect(verdict.probability).toBeGreaterThanOrEqual(0);
          expect(verdict.probability).toBeLessThanOrEqual(1);
          for (const { share } of verdict.because) expect(Number.isFinite(share)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('learns from rows in which nothing was measured, or all of one metric is missing', () => {
    const none = Array.from({ length: 300 }, () => [Number.NaN, Number.NaN, Number.NaN]);
    const two = views(300, 4).map(({ level }) => [level[0]!, level[1]!, Number.NaN]);

    for (const rows of [none, two]) {
      const learned = learnService({ metrics: ['a', 'b', 'c'], from: 0, step: 300, rows }, { [name]: detector }, 1);
      const { verdict } = stepService(learned, { [name]: detector }, startService(), 300 * 300, [0, 0, 3]);
      expect(verdict.kind === 'ignored' || Number.isFinite(verdict.score)).toBe(true);
    }
  });
});
