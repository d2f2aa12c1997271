import { expect, test } from 'vitest';
import {
  casesOf,
  fit,
  foldsOf,
  foldsOfGroups,
  outOfFold,
  type Labelled,
} from '../../../../functions/diagnose/classify/fit.ts';
import { classify, UNKNOWN } from '../../../../functions/diagnose/classify/forest.ts';
import { seeded } from '../../../../layers/core/statistics/random.ts';

const GROWTH = { trees: 30, tried: 1, leaf: 1, seed: 1 };
const FEATURES = ['errors', 'noise'];

/** Cases whose label follows from `errors` alone. */
const cases = (n: number): Labelled[] => {
  const random = seeded(7);
  return Array.from({ length: n }, (_, i) => ({
    values: { errors: i % 2 === 0 ? random() : 2 + random(), noise: random() },
    label: i % 2 === 0 ? 'well' : 'ill',
  }));
};

const best = (probabilities: Float64Array): number => probabilities.indexOf(Math.max(...probabilities));

test('what decides is learned, and what does not is left alone', () => {
  const forest = fit(cases(60), FEATURES, { growth: GROWTH });

  expect(classify(forest, { errors: 0.5, noise: 9 }).label).toBe('well');
  expect(classify(forest, { errors: 2.5, noise: -9 }).label).toBe('ill');
});

test('the same seed grows the same trees', () => {
  expect(fit(cases(40), FEATURES, { growth: GROWTH })).toEqual(fit(cases(40), FEATURES, { growth: GROWTH }));
});

test('a missing value is a value of its own kind', () => {
  const some = cases(60).map((one, i) =>
    i % 3 === 0 ? { values: { noise: one.values['noise'] }, label: 'gone' } : one,
  );
  const forest = fit(some, FEATURES, { growth: GROWTH });

  expect(classify(forest, { noise: 0.5 }).label).toBe('gone');
  expect(classify(forest, { errors: NaN, noise: 0.5 }).label).toBe('gone');
});

test('the answer is `unknown` where no label is probable enough', () => {
  const forest = fit(cases(60), FEATURES, { growth: GROWTH, knownFrom: 0.95 });

  expect(classify(forest, { errors: 0.5, noise: 0.5 }).label).toBe('well');
  expect(classify(forest, { errors: 1.5, noise: 0.5 }).label).toBe(UNKNOWN);
});

test('probabilities of labels add up to one, the most probable first', () => {
  const { probabilities } = classify(fit(cases(60), FEATURES, { growth: GROWTH }), { errors: 1.5, noise: 0.5 });

  expect(probabilities.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
  expect(probabilities[0]!.probability).toBeGreaterThanOrEqual(probabilities[1]!.probability);
});

test('labels drawn by lot are not foretold: no tree is asked about a case that it has seen', () => {
  const random = seeded(3);
  const drawn = cases(200).map((one) => ({ ...one, label: random() < 0.5 ? 'heads' : 'tails' }));
  const table = casesOf(drawn, FEATURES, ['heads', 'tails']);

  const found = outOfFold(table, 5, GROWTH);

  const right = found.filter((one, i) => best(one) === table.labels[i]).length;
  expect(right).toBeGreaterThan(70);
  expect(right).toBeLessThan(130);
});

test('cases of a group are never judged by one another', () => {
  const random = seeded(5);
  const twins = Array.from({ length: 100 }, (_, i) => ({
    noise: random(),
    label: random() < 0.5 ? 'heads' : 'tails',
    i,
  }));
  const both = [...twins, ...twins].map(({ noise, label }): Labelled => ({ values: { errors: 0, noise }, label }));
  const table = casesOf(both, FEATURES, ['heads', 'tails']);
  const groups = [...twins, ...twins].map(({ i }) => `twins ${i}`);
  const rightBy = (found: Float64Array[]) => found.filter((one, i) => best(one) === table.labels[i]).length / 200;

  expect(rightBy(outOfFold(table, 5, GROWTH))).toBeGreaterThan(0.8);
  expect(rightBy(outOfFold(table, 5, GROWTH, groups))).toBeLessThan(0.65);
});

test('folds hold each label in proportion', () => {
  const labels = Int32Array.from({ length: 53 }, (_, i) => (i < 13 ? 1 : 0));

  const fold = foldsOf(labels, 2, 5, 1);

  for (const label of [0, 1]) {
    const sizes = [0, 1, 2, 3, 4].map((one) => fold.filter((at, i) => at === one && labels[i] === label).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
});

test('folds keep a group together', () => {
  const groups = Array.from({ length: 40 }, (_, i) => `seed ${i % 8}`);

  const fold = foldsOfGroups(groups, 5, 1);

  groups.forEach((name, i) => expect(fold[i]).toBe(fold[groups.indexOf(name)]));
  expect(new Set(fold).size).toBe(5);
});

test('nothing is learned of nothing', () => {
  expect(() => fit([], FEATURES)).toThrow('supply at least one case');
});
