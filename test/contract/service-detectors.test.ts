import { describe, expect, it } from 'vitest';
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
    const row = [together, together + 0.05 * noise(), 0.3 * noise()];
    return { level: row, innovation: row };
  });
}

const all = Object.entries(serviceDetectors) as [string, ServiceDetector][];

describe.each(all)('the service detector %s', (name, detector) => {
  const model = detector.fit(views(500, 1), 1);
  const odd: ServiceView = { level: [0, 0, 3], innovation: [0, 0, 3] };

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
    const still: ServiceView = { level: [0, 0, 0], innovation: [0, 0, 0] };

    for (const rows of [[still], Array.from({ length: 300 }, () => still)]) {
      const { score, shares } = detector.score(detector.fit(rows, 1), odd);
      expect(Number.isFinite(score)).toBe(true);
      expect(shares.every(Number.isFinite)).toBe(true);
    }
  });
});
