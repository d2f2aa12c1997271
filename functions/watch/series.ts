import { compressed, decompressed } from '../../layers/core/packed.ts';
import { epoch } from '../../layers/core/points.ts';
import { endOf, fateOf, isReached, type Fate, type Pending } from '../../layers/core/prediction.ts';
import type { Foretold } from '../../layers/core/signal.ts';
import { hours, minutes, secondsBetween, type Instant, type Ratio, type Seconds } from '../../layers/core/units.ts';
import { LONGEST_INTERVAL, type WatchPolicy } from '../../layers/core/watch-policy.ts';
import { isSlow, type Points, type WatchedSeries } from '../../layers/core/watched-series.ts';
import type { KeptSeries } from '../../layers/runtime/kb/knowledge.ts';
import { detector } from '../detect/detectors/calibrated-ensemble.ts';
import { riseBy } from '../detect/forecast/foretold.ts';
import { hasOwnPace } from './read.ts';
import { stepRefusals, type Refused } from './refusals.ts';

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
  /** It is at its limit, whether that was foretold or not. */
  readonly reached?: { readonly since: Seconds; readonly what: Foretold };
  /** The forecast in hand, told now or before. */
  readonly pending?: Pending;
  /** In so many seconds it should be looked at again, whatever the plan: something is in the offing. */
  readonly again?: Seconds;
  readonly refused?: Refused;
  readonly judged?: Exclude<Fate, 'open'>;
  /** What is to be remembered; absent where what is remembered will do. */
  readonly keep?: KeptSeries;
}

/**
 * A detector's state is large, and a read costs the same however many points it brings: it is written once in three days, and
 * stepped anew from there at each read. Points of under a minute are gone after three hours.
 */
export const standsFor = (period: Seconds): Seconds => (period < minutes(1) ? hours(2) : hours(72));
/** A batch that fails is delivered again, a few times. */
const DELAYED: Seconds = hours(2);
/**
 * Older news is no reason to wake anybody; but what may be seen now for the first time is news: a point settles two periods
 * late, and its resource may be read as seldom as can be.
 */
export const stillNews = (period: Seconds): Seconds => LONGEST_INTERVAL + 2 * period + DELAYED;

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
  if (series.looksFor === 'anomaly') return stepAnomaly(series, kept, points, now, policy);
  const horizon = series.horizon ?? policy.horizon;
  const seen = stepForecast(series, kept, points, now, { ...policy, horizon });
  // When it was read last is remembered of what is not read at each look.
  if (!hasOwnPace(series) || seen.keep) return seen;
  const version = (kept?.version ?? 0) + 1;
  return { ...seen, keep: { ...kept, version, last: points.at(-1)?.[0] ?? null, keptAt: now } };
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
  const newsFrom = kept ? epoch(now) - stillNews(series.period) : newest[0] - 2 * series.period;
  let odd: Odd | undefined;
  let score = 0;
  for (const [at, value] of fresh) {
    const usual = detector.usual!(state);
    const judged = detector.step(state, { at, value });
    ({ state, score } = judged);
    if (judged.alert && at >= newsFrom) odd = { at, value, score, usual };
  }
  const due = !kept || secondsBetween(kept.keptAt, now) >= standsFor(series.period);
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
  const { limit } = series;
  const newest = points.at(-1);
  if (!newest || !limit || isNone(series, points)) return { series };
  const at = epoch(now);
  const { reachedAt, quietUntil, pending } = kept ?? {};
  const remembered = {
    version: (kept?.version ?? 0) + 1,
    last: newest[0],
    keptAt: now,
    ...(reachedAt === undefined ? {} : { reachedAt }),
  };
  const judged = pending && fateOf(pending, points, at);
  if (pending && judged === 'open' && !isToBeToldAgain(series, pending, at))
    return { series, pending, again: nextLook(pending, at) };
  const over = judged === 'open' ? undefined : judged;
  // What was told in vain is not told again at once.
  const quiet = over === undefined ? quietUntil : at + (over === 'did-not' ? policy.horizon : 0);
  const rest = quiet === undefined ? {} : { quietUntil: quiet };
  const since = series.alarmed ? undefined : reachedSince(limit, series.period, points, at);
  if (since !== undefined && !isSameStay(limit, series.period, points, reachedAt)) {
    const reached = { since, what: standing(series.id, limit, newest[1], policy) };
    return { series, reached, ...(over ? { judged: over } : {}), keep: { ...remembered, ...rest, reachedAt: since } };
  }
  if (over) return { series, judged: over, keep: { ...remembered, ...rest } };
  if (quietUntil !== undefined && at < quietUntil) return { series };
  const after = points.filter(([time]) => time > (quietUntil ?? 0));
  const rise = riseBy(series, limit, after, at, policy);
  if (!rise?.told) {
    if (pending) return { series, pending, again: nextLook(pending, at) };
    return { series, ...(rise ? { again: soonOf(rise.foretold.inSeconds) } : {}) };
  }
  const told = { at, foretold: rise.foretold };
  return {
    series,
    pending: told,
    again: nextLook(told, at),
    foretold: { at, what: rise.foretold },
    keep: { ...remembered, pending: told },
  };
}

/** What lies days ahead is told again at half of the time, until a day is left: a person may have put it off. */
const LEAST_LEFT: Seconds = hours(24);
function isToBeToldAgain(series: WatchedSeries, { at, foretold: { inSeconds } }: Pending, now: Seconds): boolean {
  return isSlow(series) && inSeconds / 2 >= LEAST_LEFT && now - at >= inSeconds / 2;
}

/** What lies past a hard limit by more than rounding shows that it is none. */
const ROUNDING: Ratio = 0.01;
const isNone = ({ limit, hard }: WatchedSeries, points: Points): boolean =>
  hard === true &&
  limit !== undefined &&
  points.some(
    ([, value]) =>
      (limit.when === 'above' ? value - limit.value : limit.value - value) > ROUNDING * Math.abs(limit.value),
  );

/** For a shorter time it may have been anything. */
const STANDS: Seconds = minutes(2);
/** Away from its limit for a shorter time, or for fewer than three points, it has not left it. */
const LEFT: Seconds = minutes(15);

/** Since when its newest points are all at the limit; undefined where they are not, or say nothing of now. */
function reachedSince(limit: Foretold['limit'], period: Seconds, points: Points, now: Seconds): Seconds | undefined {
  const before = points.findLastIndex(([, value]) => !isReached(limit, value));
  const since = points[before + 1]?.[0];
  const newest = points.at(-1)?.[0] ?? 0;
  if (since === undefined || newest < now - 3 * period - LEFT) return undefined;
  return newest + period - since >= STANDS ? since : undefined;
}

/** Whether it has not left its limit since `toldAt`, as far as the points go back. */
function isSameStay(limit: Foretold['limit'], period: Seconds, points: Points, toldAt: Seconds | undefined): boolean {
  if (toldAt === undefined) return false;
  const from = Math.max(toldAt, points[0]?.[0] ?? 0);
  const there = points.filter(([at, value]) => at > from && isReached(limit, value)).map(([at]) => at);
  return [from, ...there].every((at, n) => n === there.length || there[n]! - at <= Math.max(LEFT, 3 * period));
}

const standing = (series: string, limit: Foretold['limit'], value: number, { horizon }: WatchPolicy): Foretold => ({
  series,
  limit,
  value,
  slope: 0,
  inSeconds: 0,
  earliest: 0,
  latest: 0,
  probability: 1,
  horizon,
});

/** A pending forecast is looked at again this often before its time: sixths, and a last time after its end. */
export function nextLook({ at, foretold }: Pending, now: Seconds): Seconds {
  const left = at + foretold.inSeconds - now;
  return left > 0 ? soonOf(left) : Math.max(60, endOf({ at, foretold }) - now + 1);
}

const soonOf = (left: Seconds): Seconds => Math.max(60, left / 6);
