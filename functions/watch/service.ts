import { compressed, decompressed } from '../../layers/core/packed.ts';
import { hours, minutes, secondsBetween, type Instant, type Ratio, type Seconds } from '../../layers/core/units.ts';
import type { Carrier } from '../../layers/core/signal.ts';
import { quantileOf, sortedFinite } from '../../layers/core/statistics/quantiles.ts';
import type { WatchPolicy } from '../../layers/core/watch-policy.ts';
import type { Points, WatchedSeries } from '../../layers/core/watched-series.ts';
import type { KeptSeries } from '../../layers/runtime/kb/knowledge.ts';
import { learnService, type ServiceHistory, type ServiceModel } from '../detect/multivariate/service-model.ts';
import { FADED_AFTER } from '../detect/multivariate/over-time.ts';
import { LATELY } from '../detect/multivariate/lately.ts';
import { startService, stepService } from '../detect/multivariate/service-step.ts';
import { MEMORY } from '../detect/multivariate/forecast.ts';
import { serviceDetectors } from '../detect/serviceDetectors.generated.ts';
import { stillNews } from './series.ts';

/** All metrics of a resource together are remembered under this name. */
export const TOGETHER = 'together';
/** Two metrics stand to each other in one way only; that, each of them tells by itself. */
export const LEAST_SERIES = 3;
/** Rows of this length; finer points are averaged. */
const STEP: Seconds = minutes(5);
/** Learned from so much of the past, and anew after a week. Three days show how its days go. */
export const LEARNS_FROM: Seconds = hours(14 * 24);
const LEAST_LEARNED: Seconds = hours(3 * 24);
export const LEARNED_FOR: Seconds = hours(7 * 24);
/** Rows judged: what may be seen for the first time. */
const STILL_NEWS: Seconds = stillNews(STEP);
/** Before them come those that the model looks back on. */
const LOOKS_BACK: Seconds = Math.max(MEMORY * STEP, LATELY) + FADED_AFTER;
/** A metric by itself tells sooner than all together, whose scores are averaged: within an hour it is the same trouble. */
const SAME_TROUBLE: Seconds = hours(1);
/** What carries less than this of the score is not named. */
const LEAST_SHARE: Ratio = 0.1;

/** Metrics that stand to each other as they never did, the one first that carries most of it. */
export interface OddTogether {
  readonly at: Seconds;
  readonly score: number;
  readonly carriers: readonly (Carrier & { readonly share: Ratio })[];
}

/** What one look at all metrics of a resource together showed. */
export interface Together {
  readonly odd?: OddTogether;
  /** What is to be remembered; absent where what is remembered will do. */
  readonly keep?: KeptSeries;
}

/** The series that are looked at together, if they are enough. Points of under a minute are gone before they teach anything. */
export function togetherOf(series: readonly WatchedSeries[]): WatchedSeries[] {
  const fit = series.filter(
    ({ period, looksFor }) => period >= 60 && period <= STEP && looksFor !== 'refusals', // usually 0, which says nothing
  );
  return fit.length >= LEAST_SERIES ? fit : [];
}

/** Whether what is normal is to be learned, at first or anew: of these metrics, and not longer ago than a week. */
export const isToBeLearned = (kept: KeptSeries | undefined, now: Instant): boolean =>
  kept?.detector === undefined || secondsBetween(kept.keptAt, now) >= LEARNED_FOR;

/** From when on the series are read. */
export function readTogetherFrom(kept: KeptSeries | undefined, now: Instant): Seconds {
  const back = isToBeLearned(kept, now) ? LEARNS_FROM : STILL_NEWS + LOOKS_BACK;
  return Math.floor((Date.parse(now) / 1000 - back) / STEP) * STEP;
}

/**
 * Judges the newest rows of all metrics together by what was learned of healthy time, and learns where that is due. Pure. The
 * model stands for a week and holds no row, so that nothing is written between; the same rows twice are the same as once.
 * @param told whether a metric told something by itself now: what all show within the hour is the same trouble
 */
export function stepTogether(
  series: readonly WatchedSeries[],
  points: ReadonlyMap<WatchedSeries, Points>,
  kept: KeptSeries | undefined,
  now: Instant,
  { alertsPerWeek }: WatchPolicy,
  told: boolean,
): Together {
  const history = historyOf(series, points, now);
  const newest = history && history.from + (history.rows.length - 1) * STEP;
  if (!history || newest === undefined) return {};
  const known = kept?.detector && !isToBeLearned(kept, now) ? (decompressed(kept.detector) as Learned) : undefined;
  const version = (kept?.version ?? 0) + 1;
  // Of other metrics or by other detectors: forgotten, and learned anew at the next look, which then reads far enough back.
  if (known && !isOf(known.model, history)) return { keep: { version, last: newest, keptAt: now } };
  if (!known) {
    if (history.rows.length * STEP < LEAST_LEARNED) return {};
    const detector = compressed({ model: learnService(history, serviceDetectors, 1), usual: usualOf(history) });
    return { keep: { version, last: newest, keptAt: now, detector } };
  }
  const keep = { ...kept!, version };
  if (told) return { keep: { ...keep, last: newest + SAME_TROUBLE } };
  const from = Math.max(kept?.last ?? 0, Date.parse(now) / 1000 - STILL_NEWS);
  const odd = firstOdd(known, history, from, alertsPerWeek);
  return odd ? { odd, keep: { ...keep, last: newest } } : {};
}

/**
 * The first row after `from` at which an episode begins: as rare among healthy rows as `alertsPerWeek` leaves. It lasts until
 * rows are like most healthy ones again, and have been so for long enough that trouble is over rather than pausing; one that began
 * before is no news.
 */
function firstOdd(
  { model, usual }: Learned,
  { metrics, from: start, rows }: ServiceHistory,
  from: Seconds,
  alertsPerWeek: number,
): OddTogether | undefined {
  const rare: Ratio = (alertsPerWeek * STEP) / hours(7 * 24);
  const first = Math.max(0, Math.floor((from - LOOKS_BACK - start) / STEP));
  let state = startService();
  let lasts = false;
  for (const [n, row] of rows.slice(first).entries()) {
    const at = start + (first + n) * STEP;
    const judged = stepService(model, serviceDetectors, state, at, Array.from(row));
    ({ state } = judged);
    const { verdict } = judged;
    if (verdict.kind !== 'scored' || n < MEMORY) continue;
    if (lasts) lasts = verdict.score > 0 || verdict.probability <= UNUSUAL;
    else if (verdict.probability <= rare) {
      lasts = true;
      if (at <= from) continue;
      const carriers = verdict.because
        .map(({ metric, share }) => {
          const n = metrics.indexOf(metric);
          return { series: metric, share, value: row[n] ?? Number.NaN, usual: usual[n]! };
        })
        .filter(({ share, value }) => share >= LEAST_SHARE && Number.isFinite(value));
      if (carriers.length > 0) return { at, score: 1 - verdict.probability, carriers };
    }
  }
  return undefined;
}
/** Nineteen of twenty healthy rows score less. */
const UNUSUAL: Ratio = 0.05;

/** Whole rows that can no longer change, on one clock, from the first to the last at which anything was measured; undefined where nothing was. */
function historyOf(
  series: readonly WatchedSeries[],
  points: ReadonlyMap<WatchedSeries, Points>,
  now: Instant,
): ServiceHistory | undefined {
  const until = Date.parse(now) / 1000 - 2 * STEP;
  const rows = series.map((one) => averaged(points.get(one) ?? []));
  const times = rows.flatMap((row) => [...row.keys()].filter((at) => at <= until));
  if (times.length === 0) return undefined;
  const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  const count = (to - from) / STEP + 1;
  return {
    metrics: series.map(({ id }) => id),
    from,
    step: STEP,
    rows: Array.from({ length: count }, (_, n) => rows.map((row) => row.get(from + n * STEP) ?? Number.NaN)),
  };
}

function averaged(points: Points): Map<Seconds, number> {
  const slots = Map.groupBy(points, ([at]) => Math.floor(at / STEP) * STEP);
  return new Map([...slots].map(([at, all]) => [at, all.reduce((sum, [, value]) => sum + value, 0) / all.length]));
}

/** Learned of these metrics, in this order, by the detectors there are: one may have come since. */
const isOf = ({ conditions, parts }: ServiceModel, { metrics }: ServiceHistory): boolean =>
  same(
    conditions.map(({ metric }) => metric),
    metrics,
  ) &&
  same(
    parts.map(({ detector }) => detector),
    Object.keys(serviceDetectors),
  );

const same = (names: readonly string[], others: readonly string[]): boolean =>
  names.length === others.length && names.every((name, n) => name === others[n]);

/** What is kept for a week. */
interface Learned {
  readonly model: ServiceModel;
  /** Of each metric, in the model's order. */
  readonly usual: readonly Carrier['usual'][];
}

/** Nine of ten rows lie within. */
const usualOf = ({ metrics, rows }: ServiceHistory): Carrier['usual'][] =>
  metrics.map((_, n) => {
    const sorted = sortedFinite(rows.map((row) => row[n]!));
    return { low: quantileOf(sorted, 0.05), high: quantileOf(sorted, 0.95) };
  });
