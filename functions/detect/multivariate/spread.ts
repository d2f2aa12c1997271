/** Of what never varied while healthy: the least deviation that counts as one unit. */
const LEAST_SCALE = 1e-3;

/** Standard deviation about 0 of each column. */
export function rootMeanSquares(rows: readonly ArrayLike<number>[]): number[] {
  const sums = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let j = 0; j < sums.length; j += 1) sums[j]! += row[j]! ** 2;
  return Array.from(sums, (sum) => Math.max(Math.sqrt(sum / rows.length), LEAST_SCALE));
}
