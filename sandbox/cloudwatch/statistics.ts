import { invalidValue } from './inputs.ts';

/**
 * What is known of the samples of one period. `values` and `counts` run in parallel (unsorted); statistic sets add to
 * `sum`, `count`, `min` and `max` without raw values, and mark the distribution `blurred`.
 */
export interface Distribution {
  count: number;
  sum: number;
  min: number;
  max: number;
  values: number[];
  counts: number[];
  blurred: boolean;
}

export const emptyDistribution = (): Distribution => ({
  count: 0,
  sum: 0,
  min: Infinity,
  max: -Infinity,
  values: [],
  counts: [],
  blurred: false,
});

/** Computes one statistic; undefined where there is no data for it. */
export type Statistic = (of: Distribution) => number | undefined;

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: (d) => (d.count > 0 ? d.count : undefined),
  Sum: (d) => (d.count > 0 ? d.sum : undefined),
  Average: (d) => (d.count > 0 ? d.sum / d.count : undefined),
  Minimum: (d) => (d.count > 0 ? d.min : undefined),
  Maximum: (d) => (d.count > 0 ? d.max : undefined),
};

export const SIMPLE_STATISTICS = Object.keys(SIMPLE);

/** Whether a statistic is computed from each value, not only from sum, count, minimum and maximum. */
export const needsValues = (name: string): boolean => !SIMPLE_STATISTICS.includes(name);

const cache = new Map<string, Statistic>(Object.entries(SIMPLE));

/**
 * The statistic that a name stands for: the five simple ones, `p0`..`p100`, `tm`, `wm`, `tc`, `ts` with one percentage,
 * `TM`, `WM`, `TC`, `TS`, `PR` with a range, `IQM`.
 *
 * @throws InvalidParameterValueException when the name is none of these
 */
export function statisticOf(name: string): Statistic {
  const known = cache.get(name) ?? parse(name);
  if (!known) throw invalidValue(`The value ${name} for parameter Stat is invalid.`);
  cache.set(name, known);
  return known;
}

/** The percentile that a statistic's name asks for, as a ratio, or undefined when it is not a percentile. */
export function percentileOf(name: string): number | undefined {
  const match = /^p(\d{1,3}(?:\.\d{1,10})?)$/i.exec(name);
  const percent = match ? Number(match[1]) : Number.NaN;
  return percent >= 0 && percent <= 100 ? percent / 100 : undefined;
}

function parse(name: string): Statistic | undefined {
  const p = percentileOf(name);
  if (p !== undefined) return (d) => percentile(rawOf(d), p);
  if (name === 'IQM') return trimmed('TM', { from: 0.25, to: 0.75, share: true });
  const short = /^(tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name);
  if (short) return trimmed(short[1]!.toUpperCase(), { from: 0, to: Number(short[2]) / 100, share: true });
  const range = /^(TM|WM|TC|TS|PR)\((-?[\d.]*)(%?):(-?[\d.]*)(%?)\)$/.exec(name);
  if (!range || (range[2] === '' && range[4] === '')) return undefined;
  const share = (range[3] || range[5]) === '%';
  if (share && range[1] === 'PR') return undefined;
  const scale = share ? 100 : 1;
  const from = range[2] === '' ? (share ? 0 : -Infinity) : Number(range[2]) / scale;
  const to = range[4] === '' ? (share ? 1 : Infinity) : Number(range[4]) / scale;
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : trimmed(range[1]!, { from, to, share });
}

type Raw = readonly { readonly value: number; readonly count: number }[];

/**
 * The raw samples in ascending order, or undefined where a statistic set hides them. CloudWatch's rule: of statistic
 * sets, only those whose minimum is their maximum can be ranked ("Statistics definitions", CloudWatch User Guide).
 */
function rawOf(d: Distribution): Raw | undefined {
  if (d.count === 0 || d.blurred) return undefined;
  return d.values.map((value, i) => ({ value, count: d.counts[i]! })).sort((a, b) => a.value - b.value);
}

/**
 * The nearest-rank percentile: the smallest sample with at least the share `p` of all samples at or below it (Hyndman &
 * Fan 1996, definition 1; numpy's `inverted_cdf`). CloudWatch does not publish its interpolation; its guide says that p99
 * "is the maximum value of the remaining 99%", which is this definition, and it weighs counted values without
 * inventing values that were never observed.
 */
function percentile(raw: Raw | undefined, p: number): number | undefined {
  if (!raw) return undefined;
  const total = raw.reduce((sum, s) => sum + s.count, 0);
  const rank = p * total;
  let below = 0;
  for (const sample of raw) {
    below += sample.count;
    if (below >= rank - total * 1e-12) return sample.value;
  }
  return raw.at(-1)?.value;
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** Bounds are shares of the samples (0..1), not values. */
  readonly share: boolean;
}

function trimmed(kind: string, range: Range): Statistic {
  return (d) => {
    const raw = rawOf(d);
    if (!raw) return undefined;
    const kept = range.share ? keepByRank(raw, range) : raw.filter((s) => s.value > range.from && s.value <= range.to);
    const count = kept.reduce((sum, s) => sum + s.count, 0);
    const sum = kept.reduce((total, s) => total + s.value * s.count, 0);
    if (kind === 'TC') return count;
    if (kind === 'PR') return (count / d.count) * 100;
    if (kind === 'WM') return winsorized(raw, range, d.count);
    if (count === 0) return undefined;
    return kind === 'TS' ? sum : sum / count;
  };
}

/** Keeps the samples whose ranks lie between two shares; a sample on a boundary counts with the part that is inside. */
function keepByRank(raw: Raw, range: Range): Raw {
  const total = raw.reduce((sum, s) => sum + s.count, 0);
  const low = range.from * total;
  const high = range.to * total;
  let rank = 0;
  return raw.flatMap(({ value, count }) => {
    const inside = Math.min(rank + count, high) - Math.max(rank, low);
    rank += count;
    return inside > total * 1e-12 ? [{ value, count: inside }] : [];
  });
}

function winsorized(raw: Raw, range: Range, total: number): number | undefined {
  const low = range.share ? percentile(raw, range.from) : range.from;
  const high = range.share ? percentile(raw, range.to) : range.to;
  if (low === undefined || high === undefined) return undefined;
  return raw.reduce((sum, s) => sum + Math.min(Math.max(s.value, low), high) * s.count, 0) / total;
}
