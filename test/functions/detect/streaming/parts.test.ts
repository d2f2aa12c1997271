import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK, alerts, peak, startAlarm, WEEK } from '../../../../functions/detect/streaming/alarm.ts';
import {
  type CutTree,
  displacement,
  insert,
  massOf,
  removeAny,
  startCutTree,
} from '../../../../functions/detect/streaming/cut-tree.ts';
import { novelty, startPrototypes } from '../../../../functions/detect/streaming/prototypes.ts';
import { addThinned, quantile, startThinned } from '../../../../functions/detect/streaming/sample.ts';
import { startSeason, usual } from '../../../../functions/detect/streaming/season.ts';
import { extremeDeviate, normalTail, studentTail } from '../../../../functions/detect/streaming/student.ts';
import { startTail, surprise } from '../../../../functions/detect/streaming/tail.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';

describe('tail probabilities', () => {
  it("agree with the tables: 1.96 of a normal, 2.228 of Student's t with 10 degrees leave 5 %", () => {
    expect(normalTail(1.959964)).toBeCloseTo(0.05, 6);
    expect(studentTail(2.228139, 10)).toBeCloseTo(0.05, 3);
  });

  it("agree with Rosner's example in the NIST handbook (1.3.5.17.3): 3.159 is critical at 5 % for 54 values", () => {
    expect(extremeDeviate(3.159, 54)).toBeCloseTo(0.05, 3);
  });
});

describe('a cut tree', () => {
  const point = (...values: number[]) => Float32Array.from(values);

  it('displaces three quarters of {0, 1} by 2: half the cuts part it from both, the rest from 1 alone', () => {
    const tree = startCutTree(1, 4);
    const random = { word: 1 };
    for (const x of [0, 1]) insert(tree, point(x), random);

    expect(displacement(tree, point(2))).toBeCloseTo(0.75, 12);
    expect(displacement(tree, point(1))).toBe(0);
  });

  it('keeps masses and boxes right through any inserting and removing', () => {
    const step = fc.oneof(
      fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.float({ noNaN: true, min: 0, max: 1 }) }),
      fc.constant('remove'),
    );

    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const tree = startCutTree(2, 16);
        const random = { word: 7 };
        for (const each of steps) {
          if (typeof each === 'string' || massOf(tree) === 16) removeAny(tree, random);
          else insert(tree, point(each.x, each.y), random);
          if (tree.root !== -1) checkNode(tree, tree.root);
        }
      }),
    );
  });

  function checkNode(tree: CutTree, node: number): void {
    if (node >= tree.capacity) return;
    const [left, right] = [tree.left[node]!, tree.right[node]!];
    expect(tree.mass[node]).toBe(tree.mass[left]! + tree.mass[right]!);
    for (let j = 0; j < 2; j++) {
      const at = (n: number, k: number) => tree.box[n * 4 + k]!;
      expect(at(node, j)).toBe(Math.min(at(left, j), at(right, j)));
      expect(at(node, 2 + j)).toBe(Math.max(at(left, 2 + j), at(right, 2 + j)));
    }
    checkNode(tree, left);
    checkNode(tree, right);
  }
});

describe('prototypes', () => {
  it('answer the distance to the nearest vector seen', () => {
    const set = startPrototypes(2, 8);
    const distances = [
      [0, 0],
      [3, 4],
      [3, 0],
    ].map((vector) => novelty(set, Float64Array.from(vector)));

    expect(distances).toEqual([0, 5, 3]);
  });

  it('cover whatever was seen within a small multiple of their radius, in bounded memory', () => {
    const random = seeded(5);
    const set = startPrototypes(2, 32);
    const seen = Array.from({ length: 2000 }, () => Float64Array.of(random(), random()));
    for (const vector of seen) novelty(set, vector);

    const nearest = (vector: Float64Array) =>
      Math.min(
        ...Array.from({ length: set.count }, (_, k) =>
          Math.hypot(vector[0]! - set.points[2 * k]!, vector[1]! - set.points[2 * k + 1]!),
        ),
      );

    expect(set.count).toBeLessThanOrEqual(32);
    // Radii grow by at least 1.3 each time: what was covered by covers is within r (1 + 1/1.3 + …) = 4.34 r.
    expect(Math.max(...seen.map(nearest))).toBeLessThan(4.34 * set.radius);
  });
});

describe('surprise', () => {
  it('is the negative logarithm of the conformal p-value, in the body of the past', () => {
    const tail = startTail(16_384);
    for (let i = 1; i <= 999; i++) surprise(tail, i);

    // 500 to 999 are as large, to the width of a bin (9 %): p = 501 of 1000.
    expect(surprise(tail, 500)).toBeCloseTo(-Math.log10(0.501), 1);
  });

  it('is exceeded as often as it says, on what is like the past', () => {
    const random = seeded(9);
    const tail = startTail(16_384);
    const surprises = Array.from({ length: 12_000 }, () => surprise(tail, -Math.log(1 - random()))).slice(1000);

    for (const decades of [1, 2]) {
      const share = surprises.filter((each) => each >= decades).length / surprises.length;
      expect(share / 10 ** -decades).toBeGreaterThan(0.7);
      expect(share / 10 ** -decades).toBeLessThan(1.3);
    }
  });

  it('finds the heavy tail of bursts: what comes once in 100,000 surprises by five decades, not by twelve', () => {
    // Quantiles of a generalised Pareto distribution of shape 0.3 (Hosking and Wallis 1987, eq. 1).
    const rare = (p: number) => p ** -0.3 - 1;
    const tail = startTail(16_384);
    for (let i = 0; i < 999; i++) surprise(tail, rare((((i * 610) % 999) + 0.5) / 999));

    const decades = surprise(tail, rare(1e-5));

    expect(decades).toBeGreaterThan(4);
    expect(decades).toBeLessThan(6);
  });

  it('says nothing before a hundred scores', () => {
    const tail = startTail(16_384);
    for (let i = 0; i < 99; i++) surprise(tail, 1);

    expect(surprise(tail, 1e9)).toBe(0);
    expect(surprise(tail, 1e12)).toBeGreaterThan(2);
  });
});

describe('the season', () => {
  it('is the median of the days before, each a mean over half an hour', () => {
    const season = startSeason();
    const days = [10, 20, 90];
    days.forEach((value, day) => {
      for (const [minute, off] of [0, 10, 20].entries()) {
        usual(season, { at: day * 86_400 + minute * 600, value: value + off - 10 });
      }
      usual(season, { at: day * 86_400 + 1800, value: 0 });
    });

    expect(usual(season, { at: 3 * 86_400, value: 0 })).toBe(20);
  });
});

describe('a thinned past', () => {
  it('knows quantiles of many values from few', () => {
    const random = seeded(3);
    const past = startThinned();
    for (let i = 0; i < 6000; i++) addThinned(past, random());

    expect(past.values).toHaveLength(256);
    for (const p of [0.1, 0.5, 0.9]) expect(Math.abs(quantile(past, p) - p)).toBeLessThan(0.08);
  });
});

describe('alerts', () => {
  const MINUTES_5 = 300;

  /** Evidence that is exchangeable, at five minutes, for so many weeks. */
  function alertsIn(weeks: number, perWeek: number, seed: number): number {
    const random = seeded(seed);
    const alarm = startAlarm();
    let count = 0;
    for (let t = 0; t < (weeks * WEEK) / MINUTES_5; t++) {
      const evidence = -Math.log10(1 - random());
      if (alerts(alarm, evidence, peak(alarm, evidence) > 0, MINUTES_5, perWeek)) count++;
    }
    return count;
  }

  it('come at most as often as the user allows, over many weeks of exchangeable evidence', () => {
    const counts = [1, 2, 3, 4].map((seed) => alertsIn(50, 1, seed));

    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(4 * 50 + 3 * Math.sqrt(200));
  });

  it('come in at most 5 % of the blocks, whatever rate the user sets', () => {
    const blocks = (50 * WEEK) / MINUTES_5 / BLOCK;

    expect(alertsIn(50, 1000, 5) / blocks).toBeLessThan(0.07);
  });

  it('are shown again within a block only when twice as rare: the rise to a peak is one episode', () => {
    const alarm = startAlarm();
    const heights = [3, 3.1, 3.2, 3.4, 3.6].map((evidence) => peak(alarm, evidence) > 0);

    expect(heights).toEqual([true, false, false, true, false]);
  });

  it('are shown once: the same height again within a block is no peak, and later a smaller one', () => {
    const alarm = startAlarm();
    const heights = [5, 5, ...Array.from({ length: 2 * BLOCK }, () => 0), 5].map((evidence) => peak(alarm, evidence));

    expect(heights[0]).toBe(5);
    expect(heights[1]).toBe(0);
    expect(heights.at(-1)).toBeCloseTo(5 - 0.75 * Math.log10(2), 12);
  });
});
