import { expect, test } from 'vitest';
import { calibrated, calibrationError, logLoss } from '../../../../functions/diagnose/classify/calibrate.ts';
import { sharpen } from '../../../../functions/diagnose/classify/forest.ts';

/** So many cases of whose first label the model says so much, and how many of them it was. */
const said = (probability: number, n: number, right: number) => ({
  probabilities: Array.from({ length: n }, () => Float64Array.of(probability, 1 - probability)),
  labels: Int32Array.from({ length: n }, (_, i) => (i < right ? 0 : 1)),
});

test('a model that is right more often than it says is sharpened until it says so', () => {
  const { probabilities, labels } = said(0.6, 1000, 800);

  const exponent = calibrated(probabilities, labels);

  expect(exponent).toBeCloseTo(Math.log(4) / Math.log(1.5), 1); // (0.6 / 0.4) ** x = 0.8 / 0.2
  expect(sharpen(probabilities[0]!, exponent)[0]).toBeCloseTo(0.8, 2);
});

test('a model that is right as often as it says is left alone', () => {
  const { probabilities, labels } = said(0.7, 1000, 700);

  expect(calibrated(probabilities, labels)).toBeCloseTo(1, 1);
});

test('a model that is surer than right is evened out', () => {
  const { probabilities, labels } = said(0.9, 1000, 700);

  expect(calibrated(probabilities, labels)).toBeCloseTo(Math.log(7 / 3) / Math.log(9), 1);
});

test('sharpening changes no order', () => {
  const [first = 0, second = 0, third = 0] = sharpen(Float64Array.of(0.5, 0.3, 0.2), 3);

  expect(first).toBeGreaterThan(second);
  expect(second).toBeGreaterThan(third);
});

test('log loss of a coin is the logarithm of two', () => {
  const { probabilities, labels } = said(0.5, 10, 5);

  expect(logLoss(probabilities, labels)).toBeCloseTo(Math.LN2, 12);
});

test('the calibration error is how far what was said is from what was, by how sure', () => {
  const sure = said(0.95, 100, 90);
  const unsure = said(0.65, 100, 65);

  const error = calibrationError(
    [...sure.probabilities, ...unsure.probabilities],
    Int32Array.of(...sure.labels, ...unsure.labels),
  );

  expect(error).toBeCloseTo(0.025, 12);
});
