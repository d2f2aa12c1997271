/** How far any classifier could get on the cases that are there, whatever it is: what an accuracy is to be compared with. */
import type { Cases } from '../../functions/diagnose/classify/train.ts';
import type { Ratio } from '../../layers/core/units.ts';

/**
 * Whether each case is right by the best rule there is on these cases: it knows every label, and must only answer alike where
 * rows are alike. No classifier gets more of them right.
 */
export function bestOnExactRows({ rows, labels, count }: Cases): boolean[] {
  const found = new Map<string, Int32Array>();
  const keys = rows.map((row) => row.join(' '));
  keys.forEach((key, i) => {
    const sums = found.get(key) ?? new Int32Array(count);
    sums[labels[i] ?? 0]! += 1;
    found.set(key, sums);
  });
  return keys.map((key, i) => {
    const sums = found.get(key);
    return sums?.indexOf(Math.max(...sums)) === labels[i];
  });
}

/**
 * For each case the share of its nearest others that have another label; there are several where they are equally near. Near
 * is a small sum of differences of log(1 + value): one event more of two counts as much as fifty more of a hundred.
 */
export function nearestAreOthers({ rows, labels }: Cases): Ratio[] {
  const logs = rows.map((row) => row.map(Math.log1p));
  return logs.map((row, i) => {
    let least = Infinity;
    let near = 0;
    let others = 0;
    for (let j = 0; j < logs.length; j += 1) {
      if (j === i) continue;
      const distance = apart(row, logs[j]!, least);
      if (distance > least) continue;
      if (distance < least) [least, near, others] = [distance, 0, 0];
      near += 1;
      others += labels[j] === labels[i] ? 0 : 1;
    }
    return near === 0 ? 0 : others / near;
  });
}

/** Sum of absolute differences; stops where it is more than `enough`. */
function apart(a: Float64Array, b: Float64Array, enough: number): number {
  let sum = 0;
  for (let i = 0; i < a.length && sum <= enough; i += 1) sum += Math.abs(a[i]! - b[i]!);
  return sum;
}

/**
 * The least error that any classifier can have where the nearest neighbour is wrong so often: Cover and Hart 1967,
 * R ≤ R*(2 - R* M / (M - 1)), solved for the Bayes error R*. It holds for infinitely many cases: of few, the nearest is far off,
 * is wrong more often, and the bound is too high.
 *
 * @param labels M, how many there are
 */
export function leastError(nearestIsWrong: Ratio, labels: number): Ratio {
  const chance = (labels - 1) / labels;
  return chance * (1 - Math.sqrt(Math.max(0, 1 - nearestIsWrong / chance)));
}
