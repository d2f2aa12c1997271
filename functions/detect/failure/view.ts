/** What a failure model sees of a resource: the same when it learns as when it answers. */
import type { Resource } from '../../../layers/core/inventory.ts';
import { median, quantileOf, scaledMad, sortedFinite } from '../../../layers/core/statistics/quantiles.ts';
import { hours, minutes, type Seconds } from '../../../layers/core/units.ts';
import { seriesOf, type Points, type WatchedSeries } from '../../../layers/core/watched-series.ts';
import { lastFeatures } from './features.ts';

/** A series of a resource on the grid: values by the start of their cell. */
export interface Measured {
  readonly series: Pick<WatchedSeries, 'id' | 'limit'>;
  readonly cells: ReadonlyMap<Seconds, number>;
}

/** A failure within this time is foretold. */
export const HORIZON: Seconds = hours(2);
/** The model is asked, and learns, at times so far apart; a row of a life is one of them. */
export const ROW: Seconds = minutes(15);
/** The grid that points are put on: metrics of a resource are published in one minute or in five. */
export const GRID: Seconds = minutes(5);
/** How far back it looks: what is normal shows in its first half. */
export const WINDOW: Seconds = hours(12);
/** A point counts once it can no longer change (see `readSeries`). */
const LAG: Seconds = 2 * GRID;
/** What has to be read to answer: from so long ago on. */
export const LOOKED_BACK: Seconds = WINDOW + LAG + GRID;
const CELLS = WINDOW / GRID;
/** A metric without a value in so many cells is not measured any more. */
const LATELY = 6;
/** With fewer cells of a metric in the first half of the window nobody knows what is normal for it. */
const LEAST_CELLS = 6;
/** Spread of a metric that hardly moves, as a share of its level. */
const LEAST_SPREAD = 0.05;

/** The nearest that any of the resource's limited metrics is to its limit: 1 is there. */
export const NEAREST = 'share of its limit';

/** The columns of a type's resources: metrics that AWS publishes of every one, and the nearest limit. */
export function columnsOf(resources: readonly Resource[]): string[] {
  const ids = resources.flatMap((resource) => {
    const named = new Set(resource.metrics.map(({ id }) => id));
    return seriesOf(resource).flatMap(({ id, looksFor }) =>
      named.has(id) || id.startsWith('age:') || looksFor === 'refusals' ? [] : [id],
    );
  });
  return [NEAREST, ...new Set(ids)];
}

/** One column of a view. */
export interface Seen {
  /** The series that it is of; of the nearest limit, whichever is nearest. */
  readonly series: string;
  readonly value: number;
  /** Nine of ten of the first half's values lie between. */
  readonly usual: { readonly low: number; readonly high: number };
}

export interface View {
  readonly features: Float64Array;
  /** By column; undefined where too little was measured. */
  readonly seen: readonly (Seen | undefined)[];
  /** The features as they would be, were a column as usual. */
  without(column: number): Float64Array;
}

/**
 * What is known at a time. A metric counts in spreads from its own normal (so that large and small services compare), bent by
 * the inverse hyperbolic sine; a share of a limit as it is.
 * @returns undefined where nothing was measured lately
 */
export function viewAt(measured: readonly Measured[], columns: readonly string[], at: Seconds): View | undefined {
  const last = Math.floor((at - LAG) / GRID) * GRID + GRID;
  const made = columns.map((column) => columnAt(measured, column, last));
  if (made.every((one) => one === undefined)) return undefined;
  const features = featuresOf(made);
  return {
    features,
    seen: made.map((one) => one?.seen),
    without: (column) => featuresOf(made.map((one, j) => (j === column && one ? { ...one, cells: one.normal } : one))),
  };
}

interface Column {
  readonly cells: Float64Array;
  readonly normal: Float64Array;
  readonly seen: Seen;
}

const featuresOf = (columns: readonly (Column | undefined)[]): Float64Array =>
  lastFeatures(columns.map((one) => one?.cells ?? NOTHING));

const NOTHING = new Float64Array(CELLS);

function columnAt(measured: readonly Measured[], column: string, last: Seconds): Column | undefined {
  if (column === NEAREST) return nearestAt(measured, last);
  const one = measured.find(({ series }) => series.id === column);
  const cells = one && cellsOf(one, last);
  return cells && columnOf(column, cells, (value, centre, spread) => Math.asinh((value - centre) / spread));
}

function nearestAt(measured: readonly Measured[], last: Seconds): Column | undefined {
  const shares = measured.flatMap((one) => {
    const { limit, id } = one.series;
    if (limit?.when !== 'above' || limit.value <= 0) return [];
    const cells = cellsOf(one, last).map((value) => value / limit.value);
    const made = columnOf(id, cells, (value) => value);
    return made ? [{ made, limit: limit.value }] : [];
  });
  const nearest = shares.sort((a, b) => b.made.seen.value - a.made.seen.value)[0];
  if (!nearest) return undefined;
  const { made, limit } = nearest;
  const { series, value, usual } = made.seen;
  const seen = { series, value: value * limit, usual: { low: usual.low * limit, high: usual.high * limit } };
  return { ...made, seen };
}

function columnOf(
  series: string,
  cells: Float64Array,
  scaled: (value: number, centre: number, spread: number) => number,
): Column | undefined {
  const first = sortedFinite(cells.subarray(0, CELLS / 2));
  const value = cells.subarray(-LATELY).findLast(Number.isFinite);
  if (first.length < LEAST_CELLS || value === undefined) return undefined;
  const centre = median(first);
  const spread = Math.max(scaledMad(first, centre), LEAST_SPREAD * Math.abs(centre), 1e-9);
  const normal = scaled(centre, centre, spread);
  return {
    cells: cells.map((one) => scaled(Number.isFinite(one) ? one : Number.NaN, centre, spread)),
    normal: new Float64Array(CELLS).fill(normal),
    seen: { series, value, usual: { low: quantileOf(first, 0.05), high: quantileOf(first, 0.95) } },
  };
}

/** What was not measured is NaN. */
const cellsOf = ({ cells }: Measured, last: Seconds): Float64Array =>
  Float64Array.from({ length: CELLS }, (_, n) => cells.get(last - WINDOW + n * GRID) ?? Number.NaN);

/** Puts a series on the grid: a cell's value is that of the finer points in it, by the series' own statistic. */
export function onGrid({ id, limit, metric }: WatchedSeries, points: Points): Measured {
  const inCell = Map.groupBy(points, ([at]) => Math.floor(at / GRID) * GRID);
  const cells = new Map(
    [...inCell].map(([at, of]) => [
      at,
      together(
        metric.stat,
        of.map(([, value]) => value),
      ),
    ]),
  );
  return { series: { id, ...(limit ? { limit } : {}) }, cells };
}

function together(stat: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (stat) {
    case 'Maximum':
      return Math.max(...values);
    case 'Minimum':
      return Math.min(...values);
    case 'Sum':
      return sum;
    default:
      return sum / values.length;
  }
}
