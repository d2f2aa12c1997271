import { hours, type Seconds } from '../../layers/core/units.ts';
import { emptyDistribution, type Distribution } from './statistics.ts';

/** A dimension as CloudWatch's API spells it. */
export interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** Names one metric: its exact set of dimensions is part of its name; without dimensions is a metric of its own. */
export interface MetricId {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: readonly Dimension[];
}

/** Periods one after the other: `length` of them, of `period` seconds, the first beginning at `start` (epoch seconds). */
export interface Periods {
  readonly start: number;
  readonly period: number;
  readonly length: number;
}

/** A statistic set of `PutMetricData`. */
export interface StatisticSet {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** How long samples are kept unless said otherwise. CloudWatch keeps 1-second samples for 3 hours; this store drops all after that. */
const KEPT: Seconds = hours(3);
/** Whole hours are dropped at once: of no longer period a part is missing. */
const AT_ONCE: Seconds = hours(1);

/** Samples of one metric in one unit, in order of time. Times are epoch seconds. */
interface Column {
  times: Uint32Array;
  values: Float64Array;
  counts: Float32Array;
  length: number;
  sets: { time: number; set: StatisticSet }[];
}

interface Series extends MetricId {
  readonly columns: Map<string, Column>;
  lastTime: number;
}

const FIRST_CAPACITY = 16;
const GROWTH = 1.5;
/** How many samples back a value of the same second is looked for, to be counted instead of stored again. */
const MERGE_DEPTH = 8;

/**
 * Keeps the samples of metrics: values with counts, at a resolution of one second. Appending in order of time is cheap (16
 * bytes a sample); a late sample is inserted where it belongs.
 */
export class MetricStore {
  readonly #series = new Map<string, Series>();
  readonly #kept: Seconds;

  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  /** @param time epoch seconds; the fraction is dropped */
  put(id: MetricId, unit: string, time: number, value: number, count = 1): void {
    const series = this.#seriesOf(id);
    const second = Math.floor(time);
    series.lastTime = Math.max(series.lastTime, second);
    append(columnOf(series, unit), second, value, count);
  }

  putSet(id: MetricId, unit: string, time: number, set: StatisticSet): void {
    const series = this.#seriesOf(id);
    const second = Math.floor(time);
    series.lastTime = Math.max(series.lastTime, second);
    columnOf(series, unit).sets.push({ time: second, set });
  }

  /**
   * The distribution of each period. Periods without samples are undefined.
   *
   * @param unit when given, only samples written with this unit
   * @param raw whether the distributions are to hold each value, which only percentiles and their like need
   */
  read(
    id: MetricId,
    unit: string | undefined,
    { start, period, length }: Periods,
    raw = true,
  ): (Distribution | undefined)[] {
    const read = new Array<Distribution | undefined>(length).fill(undefined);
    const series = this.#series.get(keyOf(id));
    if (!series) return read;
    for (const [name, column] of series.columns) {
      if (unit === undefined || unit === name) collect(column, read, start, period, raw);
    }
    return read;
  }

  /** The unit most samples of a metric were written with, for answers that name one. */
  unitOf(id: MetricId): string {
    return this.#series.get(keyOf(id))?.columns.keys().next().value ?? 'None';
  }

  /** All metrics that have samples, with the time of their newest. */
  list(): readonly (MetricId & { readonly lastTime: number })[] {
    return [...this.#series.values()];
  }

  /** Drops the hours that are older than it keeps. @param now epoch seconds */
  forget(now: number): void {
    const before = Math.floor((now - this.#kept) / AT_ONCE) * AT_ONCE;
    for (const [key, series] of this.#series) {
      for (const column of series.columns.values()) dropBefore(column, before);
      if (series.lastTime < before) this.#series.delete(key);
    }
  }

  #seriesOf(id: MetricId): Series {
    const key = keyOf(id);
    const known = this.#series.get(key);
    if (known) return known;
    const series: Series = {
      ...id,
      dimensions: sorted(id.dimensions).map(({ Name, Value }) => ({ Name, Value })),
      columns: new Map(),
      lastTime: 0,
    };
    this.#series.set(key, series);
    return series;
  }
}

function sorted(dimensions: readonly Dimension[]): readonly Dimension[] {
  if (dimensions.length < 2) return dimensions;
  return [...dimensions].sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** Stands between the parts of a key; CloudWatch takes no control characters in names. */
const APART = '\u0000';

/** Who writes a metric every few seconds does so with the same object. */
const keys = new WeakMap<MetricId, string>();

/** One string for a metric's identity, the same for every order of its dimensions. */
export function keyOf(id: MetricId): string {
  const known = keys.get(id);
  if (known !== undefined) return known;
  const key = spelt(id);
  keys.set(id, key);
  return key;
}

function spelt(id: MetricId): string {
  let key = id.namespace + APART + id.metricName;
  for (const { Name, Value } of sorted(id.dimensions)) key += APART + Name + APART + Value;
  return key;
}

function columnOf(series: Series, unit: string): Column {
  const known = series.columns.get(unit);
  if (known) return known;
  const column = {
    times: new Uint32Array(FIRST_CAPACITY),
    values: new Float64Array(FIRST_CAPACITY),
    counts: new Float32Array(FIRST_CAPACITY),
    length: 0,
    sets: [],
  };
  series.columns.set(unit, column);
  return column;
}

function append(column: Column, time: number, value: number, count: number): void {
  const end = indexOf(column, time + 1);
  for (let i = end - 1; i >= 0 && i >= end - MERGE_DEPTH && column.times[i] === time; i -= 1) {
    if (column.values[i] !== value) continue;
    column.counts[i]! += count;
    return;
  }
  if (column.length === column.times.length) resize(column, Math.ceil(column.length * GROWTH));
  if (end < column.length) {
    column.times.copyWithin(end + 1, end, column.length);
    column.values.copyWithin(end + 1, end, column.length);
    column.counts.copyWithin(end + 1, end, column.length);
  }
  column.times[end] = time;
  column.values[end] = value;
  column.counts[end] = count;
  column.length += 1;
}

/** Index of the first sample at or after `time`. */
function indexOf(column: Column, time: number): number {
  const last = column.length - 1;
  if (last < 0 || column.times[last]! < time) return column.length;
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column.times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function resize(column: Column, capacity: number, from = 0): void {
  const times = new Uint32Array(capacity);
  const values = new Float64Array(capacity);
  const counts = new Float32Array(capacity);
  times.set(column.times.subarray(from, column.length));
  values.set(column.values.subarray(from, column.length));
  counts.set(column.counts.subarray(from, column.length));
  Object.assign(column, { times, values, counts, length: column.length - from });
}

function dropBefore(column: Column, time: number): void {
  const first = indexOf(column, time);
  const left = column.length - first;
  if (first > 0) resize(column, Math.max(FIRST_CAPACITY, Math.ceil(left * 1.25)), first);
  if (column.sets.length > 0) column.sets = column.sets.filter((s) => s.time >= time);
}

function collect(
  column: Column,
  into: (Distribution | undefined)[],
  start: number,
  period: number,
  raw: boolean,
): void {
  const end = start + period * into.length;
  for (let i = indexOf(column, start); i < column.length && column.times[i]! < end; i += 1) {
    const bucket = Math.floor((column.times[i]! - start) / period);
    const d = (into[bucket] ??= emptyDistribution());
    const value = column.values[i]!;
    const count = column.counts[i]!;
    d.count += count;
    d.sum += value * count;
    if (value < d.min) d.min = value;
    if (value > d.max) d.max = value;
    if (!raw) continue;
    d.values.push(value);
    d.counts.push(count);
  }
  for (const { time, set } of column.sets) {
    if (time < start || time >= end) continue;
    const d = (into[Math.floor((time - start) / period)] ??= emptyDistribution());
    d.count += set.count;
    d.sum += set.sum;
    d.min = Math.min(d.min, set.min);
    d.max = Math.max(d.max, set.max);
    if (set.min === set.max) {
      d.values.push(set.min);
      d.counts.push(set.count);
    } else d.blurred = true;
  }
}
