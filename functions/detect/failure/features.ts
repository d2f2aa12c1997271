/** What the recent past of a unit (a service, a task, an engine) says about its failing soon. */

/** Rows that a unit's own normal is taken from: its first ones, before wear shows. */
const OWN_NORMAL = 20;
const SHORT = 10;
const MIDDLE = 20;
const LONG = 50;

/** Names of the features, in order. */
export function featureNames(metrics: readonly string[]): string[] {
  const each = ['last', 'mean', 'drift', 'longer drift', 'turn', 'longer turn'];
  return ['age', ...each.flatMap((what) => metrics.map((metric) => `${what} of ${metric}`))];
}

/**
 * For each row what is known once it was measured: age in rows, and of each metric its last value, its recent mean, how far
 * that is from the unit's own normal (units differ from the start), and whether it is turning.
 * @param rows oldest first; a value that was not measured is taken to be as before
 */
export function featureRows(rows: readonly ArrayLike<number>[]): Float64Array[] {
  const filled = carriedForward(rows);
  const sums = runningSums(filled);
  return filled.map((row, t) => {
    const [short, middle, long] = [SHORT, MIDDLE, LONG].map((window) => meanOver(sums, t + 1 - window, t + 1));
    const normal = meanOver(sums, 0, Math.min(OWN_NORMAL, t + 1));
    const each = [
      row,
      short!,
      difference(short!, normal),
      difference(middle!, normal),
      difference(short!, middle!),
      difference(middle!, long!),
    ];
    return Float64Array.from([t + 1, ...each.flatMap((values) => [...values])]);
  });
}

const GREATEST = 1e100;

function carriedForward(rows: readonly ArrayLike<number>[]): Float64Array[] {
  let last = new Float64Array(rows[0]?.length ?? 0);
  return rows.map((row) => {
    last = last.map((before, j) => {
      const value = row[j] ?? Number.NaN;
      return Number.isNaN(value) ? before : Math.min(GREATEST, Math.max(-GREATEST, value));
    });
    return last;
  });
}

/** `sums[t]` is the sum of the rows before row t. */
function runningSums(rows: readonly Float64Array[]): Float64Array[] {
  const sums = [new Float64Array(rows[0]?.length ?? 0)];
  rows.forEach((row, t) => sums.push(sums[t]!.map((sum, j) => sum + row[j]!)));
  return sums;
}

function meanOver(sums: readonly Float64Array[], from: number, to: number): Float64Array {
  const start = Math.max(0, from);
  return sums[to]!.map((sum, j) => (sum - sums[start]![j]!) / (to - start));
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, j) => value - b[j]!);
