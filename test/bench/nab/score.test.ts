import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCases, readProfiles, readPublished, readRaw } from '../../../bench/nab/cases.ts';
import { normalised, probation, type Profile, rawScore, sweep } from '../../../bench/nab/score.ts';

const even: Profile = { name: 'even', tp: 1, fp: 1, fn: 1 };
const LOW_FN: Profile = { name: 'reward_low_FN_rate', tp: 1, fp: 0.055, fn: 2 };

/** Scores 1 at the given rows of a hundred, 0 elsewhere. */
const detections = (...rows: number[]): Float64Array => {
  const scores = new Float64Array(100);
  for (const row of rows) scores[row] = 1;
  return scores;
};

/** The published examples score from the first row on; here 15 % are probation: enough quiet rows go before. */
const PAD = 20;
const padded = (scores: Float64Array): Float64Array => Float64Array.from([...new Float64Array(PAD), ...scores]);
const windowsAt = (...windows: [number, number][]) => windows.map(([a, b]) => [a + PAD, b + PAD] as const);

describe("the scorer of NAB, against the examples of NAB's own tests (tests/integration/scorer_test.py)", () => {
  it('gives 0 where there is no window and no detection', () => {
    expect(rawScore({ scores: detections(), windows: [] }, 0.5, even)).toBe(0);
  });

  it('gives -0.9540 for one window found at its first row, one missed, and one detection three rows after the first', () => {
    const series = { scores: padded(detections(30, 31, 37)), windows: windowsAt([30, 34], [65, 69]) };

    expect(rawScore(series, 0.5, even)).toBeCloseTo(-0.954, 4);
  });

  it('costs a missed window twice as much in the profile that does', () => {
    const series = { scores: padded(detections()), windows: windowsAt([45, 55]) };

    expect(rawScore(series, 0.5, LOW_FN)).toBe(2 * rawScore(series, 0.5, even));
  });

  it('counts nothing in probation, which is 15 % of a series and at most 750 rows', () => {
    expect(rawScore({ scores: detections(0, 14), windows: [] }, 0.5, even)).toBe(0);
    expect(rawScore({ scores: detections(0, 14, 15), windows: [] }, 0.5, even)).toBe(-1);
    expect([probation(99), probation(5000), probation(22_695)]).toEqual([14, 750, 750]);
  });

  it('is 100 for a detector that finds every window at once and nothing else, 0 for one that finds nothing', () => {
    const corpus = [{ scores: detections(30, 60), windows: [[30, 40] as const, [60, 70] as const] }];
    const silent = [{ ...corpus[0]!, scores: detections() }];

    expect(normalised(sweep(corpus, even).raw, 2, even)).toBeCloseTo(100, 9);
    expect(normalised(sweep(silent, even).raw, 2, even)).toBe(0);
  });

  it('sweeps to the threshold at which scoring at it gives the most, over all series together', () => {
    const corpus = [
      { scores: detections().map((_, i) => (i * 37) % 101), windows: [[40, 50] as const] },
      { scores: detections().map((_, i) => (i * 53) % 97), windows: [[20, 29] as const, [70, 75] as const] },
    ];
    const at = (threshold: number) => corpus.reduce((sum, series) => sum + rawScore(series, threshold, even), 0);

    const best = sweep(corpus, even);

    expect(best.raw).toBeCloseTo(at(best.threshold), 9);
    expect(best.raw).toBeCloseTo(Math.max(...Array.from({ length: 103 }, (_, threshold) => at(threshold))), 9);
  });
});

const nab = join(process.env['PRUNELLA_DATA'] ?? 'data', 'nab');
const why = existsSync(nab) ? '' : ' (skipped: put the benchmark into data/nab, or name its parent in PRUNELLA_DATA)';

describe.skipIf(why !== '')(`the scorer of NAB, against its published results${why}`, () => {
  it('gives every published score by series from the published raw scores, to 1e-9', { timeout: 120_000 }, () => {
    const [cases, profiles, raw] = [readCases(nab), readProfiles(nab), readRaw(nab)];
    const published = readPublished(nab).filter(({ detector }) => raw.has(detector));

    const compared = cases.flatMap(({ file, windows }) =>
      published
        .filter((row) => row.file === file)
        .map(({ detector, profile, threshold, score }) => {
          const scores = raw.get(detector)?.get(file) ?? new Float64Array(0);
          const mine = rawScore(
            { scores, windows },
            threshold,
            profiles.find(({ name }) => name === profile)!,
          );
          return { row: `${detector} ${profile} ${file}`, off: Math.abs(mine - score) };
        }),
    );

    expect(compared).toHaveLength(cases.length * raw.size * profiles.length);
    expect(compared.filter(({ off }) => !(off < 1e-9))).toEqual([]);
  });
});
