import { compressed, decompressed } from '../../layers/core/packed.ts';
import { endOf, fateOf, type Fate, type Pending } from '../../layers/core/prediction.ts';
import type { Foretold } from '../../layers/core/signal.ts';
import { hours, minutes, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { WatchPolicy } from '../../layers/core/watch-policy.ts';
import type { WatchedSeries } from '../../layers/core/watched-series.ts';
import type { KeptSeries } from '../../layers/runtime/kb/knowledge.ts';
import { detector } from '../detect/detectors/calibrated-ensemble.ts';
import { foretell } from '../detect/forecast/foretell.ts';
import { stepRefusals, type Refused } from './refusals.ts';

/** [seconds since the epoch, value], oldest first. */
export type Points = readonly (readonly [Seconds, number])[];

/** A value that stands out, with what is usual. */
export interface Odd {
  readonly at: Seconds;
  readonly value: number;
  readonly score: number;
  readonly usual: { readonly low: number; readonly high: number };
}

/** What one read of a series showed. */
export interface Seen {
  readonly series: WatchedSeries;
  /** The newest value and what is usual, of an anomaly's series that has seen enough. */
  readonly now?: Odd;
  /** News to tell. */
  readonly odd?: Odd;
  readonly foretold?: { readonly at: Seconds; readonly what: Foretold };
  /** The forecast in hand, told now or before. */
  readonly pending?: Pending;
  readonly refused?: Refused;
  readonly judged?: Exclude<Fate, 'open'>;
  /** What is to be remembered; absent where what is remembered will do. */
  readonly keep?: KeptSeries;
}

/**
 * A detector's state is large, and a read costs the same however many points it brings: it is written once in three days, and
 * stepped anew from there at each read. Points of under a minute are gone after three hours.
 */
export const keptFor = (period: Seconds): Seconds => (period < minutes(1) ? hours(2) : hours(72));
/** Older news is no reason to wake anybody. */
const STILL_NEWS: Seconds = hours(6);

/**
 * Steps a series to the newest of `points`. Pure: what came before the last point that was seen is left out, so that the
 * same points twice are the same as once.
 */
export function step(
  series: WatchedSeries,
  kept: KeptSeries | undefined,
  points: Points,
  now: Instant,
  policy: WatchPolicy,
): Seen {
  if (series.looksFor === 'refusals') return stepRefusals(series, kept, points, now);
  return series.looksFor === 'anomaly'
    ? stepAnomaly(series, kept, points, now, policy)
    : stepForecast(series, kept, points, now, policy);
}

type State = ReturnType<typeof detector.start>;

function stepAnomaly(
  series: WatchedSeries,
  kept: KeptSeries | undefined,
  points: Points,
  now: Instant,
  { alertsPerWeek }: WatchPolicy,
): Seen {
  const fresh = points.filter(([at]) => kept?.last === null || kept?.last === undefined || at > kept.last);
  const newest = fresh.at(-1);
  if (!newest) return { series };
  let state = kept?.detector ? (decompressed(kept.detector) as State) : detector.start({ alertsPerWeek, seed: 1 });
  const newsFrom = kept ? epochOf(now) - STILL_NEWS : newest[0] - 2 * series.period;
  let odd: Odd | undefined;
  let score = 0;
  for (const [at, value] of fresh) {
    const usual = detector.usual!(state);
    const judged = detector.step(state, { at, value });
    ({ state, score } = judged);
    if (judged.alert && at >= newsFrom) odd = { at, value, score, usual };
  }
  const due = !kept || secondsBetween(kept.keptAt, now) >= keptFor(series.period);
  const here = { at: newest[0], value: newest[1], score, usual: detector.usual!(state) };
  return {
    series,
    now: here,
    ...(odd ? { odd } : {}),
    ...(odd || due
      ? { keep: { version: (kept?.version ?? 0) + 1, last: newest[0], keptAt: now, detector: compressed(state) } }
      : {}),
  };
}

function stepForecast(
  series: WatchedSeries,
  kept: KeptSeries | undefined,
  points: Points,
  now: Instant,
  policy: WatchPolicy,
): Seen {
  const newest = points.at(-1);
  if (!newest || !series.limit) return { series };
  const at = epochOf(now);
  const remembered = { version: (kept?.version ?? 0) + 1, last: newest[0], keptAt: now };
  if (kept?.pending) {
    const judged = fateOf(kept.pending, points, at);
    if (judged === 'open') return { series, pending: kept.pending };
    // What was told in vain is not told again at once.
    const rest = judged === 'did-not' ? policy.horizon : 0;
    return { series, judged, keep: { ...remembered, quietUntil: at + rest } };
  }
  if (kept?.quietUntil !== undefined && at < kept.quietUntil) return { series };
  const after = points.filter(([time]) => time > (kept?.quietUntil ?? 0));
  const what = foretoldBy(series, series.limit, after, at, policy);
  if (!what) return { series };
  const pending = { at, foretold: what };
  return { series, pending, foretold: { at, what }, keep: { ...remembered, pending } };
}

/** What is foretold of a series by these points, if anything is to be told. */
export function foretoldBy(
  { id, period }: Pick<WatchedSeries, 'id' | 'period'>,
  limit: Foretold['limit'],
  points: Points,
  now: Seconds,
  { horizon, alertsPerWeek }: Pick<WatchPolicy, 'horizon' | 'alertsPerWeek'>,
): Foretold | undefined {
  const timed = points.map(([at, value]) => ({ at, value }));
  const told = foretell({ points: timed, now, limit, period, horizon, alertsPerWeek });
  const last = points.at(-1);
  if (!told || !last || told.latest === null) return undefined;
  return {
    series: id,
    limit,
    value: last[1],
    slope: told.trend.slope,
    inSeconds: told.inSeconds,
    earliest: told.earliest,
    latest: told.latest,
    probability: Math.min(1, Math.max(0, told.probability)),
    horizon,
  };
}

/** A pending forecast is looked at again this often before its time: sixths, and a last time after its end. */
export function nextLook({ at, foretold }: Pending, now: Seconds): Seconds {
  const left = at + foretold.inSeconds - now;
  return left > 0 ? Math.max(60, left / 6) : Math.max(60, endOf({ at, foretold }) - now + 1);
}

const epochOf = (at: Instant): Seconds => Date.parse(at) / 1000;
