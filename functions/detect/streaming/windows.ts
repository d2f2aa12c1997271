/** The latest values of a series, and their means at any lag. */
export interface Recent {
  readonly values: Float64Array;
  seen: number;
}

/** @param length a power of two */
export function startRecent(length: number): Recent {
  return { values: new Float64Array(length), seen: 0 };
}

export function push(recent: Recent, value: number): void {
  recent.values[recent.seen++ % recent.values.length] = value;
}

/** Mean of the `width` values that end `lag` before the latest; of those there are while the series is young. */
export function mean({ values, seen }: Recent, width: number, lag = 0): number {
  const to = Math.max(1, seen - lag);
  const from = Math.max(0, to - width);
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i & (values.length - 1)]!;
  return sum / (to - from);
}

/** Standard deviation of the latest `width` values. */
export function deviation(recent: Recent, width: number): number {
  const middle = mean(recent, width);
  const { values, seen } = recent;
  const from = Math.max(0, seen - width);
  let sum = 0;
  for (let i = from; i < seen; i++) sum += (values[i & (values.length - 1)]! - middle) ** 2;
  return Math.sqrt(sum / (seen - from));
}

/** The latest `width` values in ascending order, `lag` before the latest. */
export function ascending({ values, seen }: Recent, width: number, lag = 0): Float64Array {
  const to = Math.max(1, seen - lag);
  const from = Math.max(0, to - width);
  return Float64Array.from({ length: to - from }, (_, i) => values[(from + i) & (values.length - 1)]!).sort();
}

/** Middle of ascending values; NaN of none. */
export function median(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
