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

/** The last row of `featureRows` alone, of columns instead of rows: as many values each, at least one. */
export function lastFeatures(columns: readonly ArrayLike<number>[]): Float64Array {
  const length = columns[0]?.length ?? 0;
  const each = columns.map((column) => {
    const filled = Float64Array.from(column);
    filled.forEach((value, t) => (filled[t] = carried(value, t > 0 ? filled[t - 1]! : 0)));
    const meanOf = (from: number, to: number): number => {
      const part = filled.subarray(Math.max(0, from), to);
      return part.reduce((sum, value) => sum + value, 0) / part.length;
    };
    const [short, middle, long] = [SHORT, MIDDLE, LONG].map((window) => meanOf(length - window, length));
    const normal = meanOf(0, OWN_NORMAL);
    return [filled.at(-1)!, short!, short! - normal, middle! - normal, short! - middle!, middle! - long!];
  });
  const kinds = Array.from({ length: 6 }, (_, kind) => each.map((values) => values[kind]!));
  return Float64Array.from([length, ...kinds.flat()]);
}

const GREATEST = 1e100;

const carried = (value: number, before: number): number =>
  Number.isNaN(value) ? before : Math.min(GREATEST, Math.max(-GREATEST, value));

function carriedForward(rows: readonly ArrayLike<number>[]): Float64Array[] {
  let last = new Float64Array(rows[0]?.length ?? 0);
  return rows.map((row) => {
    last = last.map((before, j) => carried(row[j] ?? Number.NaN, before));
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
