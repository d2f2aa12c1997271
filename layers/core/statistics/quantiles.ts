/** Order statistics. What is not a finite number is left out; of nothing they are NaN. */

export function sortedFinite(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort();
}

/** Linear between the order statistics (Hyndman and Fan 1996, type 7). @param sorted ascending @param q 0 to 1 */
export function quantileOf(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

export const quantile = (values: ArrayLike<number>, q: number): number => quantileOf(sortedFinite(values), q);
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** Median absolute deviation times 1.4826, which estimates the standard deviation of a normal sample (Hampel 1974). */
export function scaledMad(values: ArrayLike<number>, centre = median(values)): number {
  return 1.4826 * median(Array.from(values, (value) => Math.abs(value - centre)));
}
