/**
 * Quantiles of a long past from few values: every `stride`-th value is kept; when all places are taken every other one
 * goes and the stride doubles, up to a longest one, from which on the oldest makes room.
 */
export interface Thinned {
  readonly values: Float64Array;
  count: number;
  stride: number;
  seen: number;
  oldest: number;
  sorted: Float64Array;
}

const PLACES = 256;
const LONGEST_STRIDE = 32;

export function startThinned(): Thinned {
  return { values: new Float64Array(PLACES), count: 0, stride: 1, seen: 0, oldest: 0, sorted: new Float64Array(0) };
}

export function addThinned(past: Thinned, value: number): void {
  if (past.seen++ % past.stride !== 0) return;
  if (past.count === PLACES) makeRoom(past);
  if (past.count < PLACES) past.values[past.count++] = value;
  else {
    past.values[past.oldest] = value;
    past.oldest = (past.oldest + 1) % PLACES;
  }
  // Sorting is dear and quantiles of a long past move slowly.
  if (past.count < 32 || past.seen % (16 * past.stride) < past.stride) {
    past.sorted = past.values.slice(0, past.count).sort();
  }
}

function makeRoom(past: Thinned): void {
  if (past.stride >= LONGEST_STRIDE) return;
  for (let i = 0; i < PLACES / 2; i++) past.values[i] = past.values[2 * i]!;
  past.count = PLACES / 2;
  past.stride *= 2;
}

/** @param p in 0..1; 0 when nothing was seen */
export function quantile({ sorted }: Thinned, p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;
}

/** A width of the values that is never 0: between tenth and ninth decile, else the whole range, else their size, else 1. */
export function spread(past: Thinned): number {
  return (
    quantile(past, 0.9) - quantile(past, 0.1) ||
    quantile(past, 1) - quantile(past, 0) ||
    Math.abs(quantile(past, 0.5)) ||
    1
  );
}
