import { describe, expect, it } from 'vitest';
import { probation } from '../../../bench/nab/score.ts';
import { syntheticCases } from '../../../bench/nab/synthetic.ts';

describe('synthetic series', () => {
  const cases = syntheticCases(40, 1);

  it('are the same for the same seed, and others for another', () => {
    expect(syntheticCases(3, 1)).toEqual(cases.slice(0, 3));
    expect(syntheticCases(3, 2)).not.toEqual(cases.slice(0, 3));
  });

  it('hold finite values at even steps of time', () => {
    for (const { samples } of cases) {
      expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true);
      const step = samples[1]!.at - samples[0]!.at;
      expect(samples.every(({ at }, t) => at === samples[0]!.at + t * step)).toBe(true);
    }
  });

  it('have windows apart from each other, after probation, of a tenth of the series in all', () => {
    for (const { samples, windows } of cases) {
      const rows = windows.flatMap(([from, to]) => [from, to]);
      expect(rows).toEqual([...rows].sort((a, b) => a - b));
      expect(rows.every((row) => row >= probation(samples.length) && row < samples.length)).toBe(true);
      const share = windows.reduce((sum, [from, to]) => sum + to - from, 0) / samples.length;
      expect(share).toBeLessThan(0.101);
    }
    expect(cases.some(({ windows }) => windows.length === 0)).toBe(true);
    expect(cases.some(({ windows }) => windows.length === 3)).toBe(true);
  });
});
