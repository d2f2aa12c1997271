import { sharpen } from './forest.ts';

const LOWEST = 0.2;
const HIGHEST = 4;

/**
 * The exponent that makes probabilities fit best to what happened: the one of least mean log loss (temperature scaling, Guo
 * et al. 2017, with 1/T as exponent). The order of labels stays, so no answer changes.
 *
 * @param probabilities of cases that the model had not seen
 */
export function calibrated(probabilities: readonly Float64Array[], labels: Int32Array): number {
  if (probabilities.length === 0) return 1;
  // Log loss is convex in the exponent: golden-section search finds its minimum.
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = LOWEST;
  let high = HIGHEST;
  while (high - low > 0.01) {
    const left = high - ratio * (high - low);
    const right = low + ratio * (high - low);
    if (logLoss(probabilities, labels, left) <= logLoss(probabilities, labels, right)) high = right;
    else low = left;
  }
  return Math.round(((low + high) / 2) * 100) / 100;
}

/** Mean of -ln(probability of what happened). */
export function logLoss(probabilities: readonly Float64Array[], labels: Int32Array, exponent = 1): number {
  const losses = probabilities.map((one, i) => -Math.log(sharpen(one, exponent)[labels[i] ?? 0] ?? 1e-6));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** Expected calibration error over ten bins of the best label's probability (Naeini et al. 2015). */
export function calibrationError(probabilities: readonly Float64Array[], labels: Int32Array): number {
  const bins = Array.from({ length: 10 }, () => ({ n: 0, right: 0, sure: 0 }));
  probabilities.forEach((one, i) => {
    const sure = Math.max(...one);
    const bin = bins[Math.min(9, Math.floor(sure * 10))];
    if (!bin) return;
    bin.n += 1;
    bin.sure += sure;
    bin.right += one.indexOf(sure) === labels[i] ? 1 : 0;
  });
  return bins.reduce((sum, { right, sure }) => sum + Math.abs(right - sure), 0) / Math.max(1, probabilities.length);
}
