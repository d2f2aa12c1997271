import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  brierScore,
  calibrated,
  learnCalibration,
  reliability,
  type Judged,
} from '../../../../functions/detect/failure/calibration.ts';
import {
  bestThreshold,
  quietThreshold,
  foretellFailure,
  learnFailure,
  type Life,
} from '../../../../functions/detect/failure/failure-model.ts';
import { featureNames, featureRows, lastFeatures } from '../../../../functions/detect/failure/features.ts';
import { boostingLogit, learnBoosting } from '../../../../functions/detect/failure/gradient-boosting.ts';
import { learnLogistic, logisticLogit, sigmoid } from '../../../../functions/detect/failure/logistic.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';

const HORIZON = 10;

/** A life whose first metric begins to rise 25 rows before it fails; the second says nothing. */
function life(seed: number, failed: boolean, length = 40 + (seed % 30)): Life {
  const random = seeded(seed);
  const rows = Array.from({ length }, (_, t) => {
    const left = failed ? length - 1 - t : 1000;
    return [50 + Math.max(0, 25 - left) + 2 * random(), random()];
  });
  return { failed, features: featureRows(rows) };
}

const lives = Array.from({ length: 24 }, (_, i) => life(i + 1, i % 2 === 0));

describe('failure foretold', () => {
  const model = learnFailure(lives, HORIZON, 1);

  it('tells rows before a failure from healthy ones in lives it has not seen', () => {
    const failing = foretellFailure(model, life(101, true).features.at(-3)!);
    const healthy = foretellFailure(model, life(102, false).features.at(-3)!);

    expect(failing.alarm).toBe(true);
    expect(failing.probability).toBeGreaterThan(0.8);
    expect(healthy.alarm).toBe(false);
    expect(healthy.probability).toBeLessThan(0.1);
  });

  it('answers with a prior, and never alarms, before it has seen five failures', () => {
    expect(learnFailure([], HORIZON, 1)).toEqual({ kind: 'prior', horizon: HORIZON, probability: 0.05 });

    const few = learnFailure(lives.slice(0, 6), HORIZON, 1);

    expect(few.kind).toBe('prior');
    const { probability, alarm } = foretellFailure(few, lives[0]!.features[0]!);
    expect(probability).toBeGreaterThan(0.05);
    expect(probability).toBeLessThan(0.3);
    expect(alarm).toBe(false);
  });

  it('is the same after its model was stored as JSON, and the same for the same lives', () => {
    expect(JSON.parse(JSON.stringify(model))).toEqual(model);
    expect(learnFailure(lives, HORIZON, 1)).toEqual(model);
  });

  it('answers whatever a unit measures with a probability', () => {
    const value = fc.oneof(
      fc.double({ min: -1e12, max: 1e12 }),
      fc.constantFrom(Number.NaN, 1e300, Number.NEGATIVE_INFINITY),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 80 }), (rows) => {
        for (const row of featureRows(rows)) {
          const { probability } = foretellFailure(model, row);
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it('learns from lives that never vary', () => {
    const still = Array.from({ length: 8 }, () => ({ failed: true, features: featureRows(Array(30).fill([1, 1])) }));

    expect(learnFailure(still, HORIZON, 1).kind).toBe('learned');
  });

  it('raises the threshold until a healthy week brings no more false alerts than it may', () => {
    const random = seeded(3);
    // Of 200 healthy lives of a day each, every tenth looks ill for an hour; it stands for two such lives.
    const healthy = Array.from({ length: 200 }, (_, n): Judged[] =>
      Array.from({ length: 96 }, (_, t) => ({
        score: n % 10 === 0 && t >= 40 && t < 44 ? 1 + random() : -3,
        failed: false,
        weight: 2 / 96,
      })),
    );
    const failing = Array.from({ length: 20 }, (): Judged[] => [{ score: 3, failed: true, weight: 1 }]);
    const at = (perWeek: number) =>
      quietThreshold([...healthy, ...failing], 0.5, { perWeek, rowsAWeek: 672, quiet: 16 });
    const told = (threshold: number) => healthy.filter((life) => life.some(({ score }) => score >= threshold)).length;

    expect(at(1)).toBe(0.5); // twenty in two hundred days are 0.7 a week
    expect(told(at(0.35))).toBe(10);
    expect(told(at(0.01))).toBe(0);
    expect(at(0.01)).toBeLessThan(3); // and failures are still told
  });

  it('chooses the threshold of the best F1, half way to the next score', () => {
    const judged = [0.1, 0.4, 0.35, 0.8].map((score, i) => ({ score, failed: i >= 2, weight: 1 }));

    expect(bestThreshold(judged)).toBeCloseTo(0.225, 12); // F1 0.8, as scikit-learn's precision_recall_curve has it
  });
});

describe('features of a unit', () => {
  it('say how far it is from its own normal, and whether it turns', () => {
    const rows = Array.from({ length: 60 }, (_, t) => [t < 40 ? 5 : 9]);

    const last = featureRows(rows).at(-1)!;

    const named = Object.fromEntries(featureNames(['x']).map((name, i) => [name, last[i]]));
    expect(named).toEqual({
      age: 60,
      'last of x': 9,
      'mean of x': 9,
      'drift of x': 4,
      'longer drift of x': 4,
      'turn of x': 0,
      'longer turn of x': 9 - (30 * 5 + 20 * 9) / 50,
    });
  });

  it('of the last row alone are the same', () => {
    const random = seeded(3);
    const rows = Array.from({ length: 70 }, (_, t) => [t % 9 === 4 ? Number.NaN : random(), 100 * random(), t]);

    const last = lastFeatures([0, 1, 2].map((j) => rows.map((row) => row[j]!)));

    featureRows(rows)
      .at(-1)!
      .forEach((value, i) => expect(last[i]).toBeCloseTo(value, 9));
  });

  it('take what was not measured to be as before', () => {
    expect(featureRows([[3], [Number.NaN]])[1]![1]).toBe(3);
    expect(featureRows([[Number.NaN]])[0]![1]).toBe(0);
  });
});

describe('learners', () => {
  it('logistic regression has the published answer of the hours-of-study example (Wikipedia, "Logistic regression")', () => {
    const hours = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5];
    const passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1];
    const examples = hours.map((hour, i) => ({ features: [hour], failed: passed[i] === 1, weight: 1 }));

    const model = learnLogistic(examples, 1e-9);

    const slope = model.weights[0]! / model.scales[0]!;
    expect(slope).toBeCloseTo(1.5046, 3);
    expect(logisticLogit(model, [0])).toBeCloseTo(-4.0777, 3);
    expect(sigmoid(logisticLogit(model, [2]))).toBeCloseTo(0.25, 1);
  });

  it('boosting bends where a line cannot: exclusive or', () => {
    const random = seeded(2);
    const examples = Array.from({ length: 400 }, () => {
      const features = [random(), random()];
      return { features, failed: features[0]! > 0.5 !== features[1]! > 0.5, weight: 1 };
    });

    const model = learnBoosting(examples, { rounds: 60, rate: 0.2, depth: 3, leastWeight: 1, ridge: 1 });

    const right = examples.filter(({ features, failed }) => boostingLogit(model, features) > 0 === failed);
    expect(right.length / examples.length).toBeGreaterThan(0.95);
  });
});

describe('calibration', () => {
  const random = seeded(6);
  /** Logits twice too sure of themselves. */
  const judged = (count: number): Judged[] =>
    Array.from({ length: count }, () => {
      const logit = 6 * random() - 3;
      return { score: 2 * logit, failed: random() < sigmoid(logit), weight: 1 };
    });

  it.each([
    ['platt', 400],
    ['isotonic', 4000],
  ] as const)('by %s brings what is foretold near to what comes true', (kind, count) => {
    const calibration = learnCalibration(judged(count));
    const fresh = judged(20_000);

    const after = fresh.map((one) => ({ ...one, score: calibrated(calibration, one.score) }));

    expect(calibration.kind).toBe(kind);
    for (const { foretold, cameTrue } of reliability(after)) expect(Math.abs(foretold - cameTrue)).toBeLessThan(0.08);
    expect(brierScore(after)).toBeLessThan(brierScore(fresh.map((one) => ({ ...one, score: sigmoid(one.score) }))));
  });

  it('never falls as the score rises, and never says never', () => {
    const calibration = learnCalibration(judged(4000));
    const along = Array.from({ length: 200 }, (_, i) => calibrated(calibration, i / 10 - 10));

    along.forEach((probability, i) => i > 0 && expect(probability).toBeGreaterThanOrEqual(along[i - 1]! - 1e-12));
    expect(along[0]).toBeGreaterThan(0);
    expect(along.at(-1)).toBeLessThan(1);
  });

  it("the Brier score has scikit-learn's documented answer", () => {
    const said = [0.1, 0.9, 0.8, 0.3].map((score, i) => ({ score, failed: [0, 1, 1, 0][i] === 1, weight: 1 }));

    expect(brierScore(said)).toBeCloseTo(0.0375, 12); // sklearn.metrics.brier_score_loss
  });
});
