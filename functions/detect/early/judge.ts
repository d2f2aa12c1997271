/** Signs of trouble that has not come yet, or that no limit names: are they still there, on fresh points? Pure. */
import { isReached, timeLeft } from '../../../layers/core/prediction.ts';
import type { Carrier, Failing, Foretold, OddMessage, Signal } from '../../../layers/core/signal.ts';
import { median } from '../../../layers/core/statistics/quantiles.ts';
import { minutes, type Seconds } from '../../../layers/core/units.ts';
import type { WatchedSeries } from '../../../layers/core/watched-series.ts';
import { harmless } from './harmless.ts';
import { sayForetold } from '../forecast/say.ts';
import { foretoldBy, type Points } from '../../watch/series.ts';
import { sayCarrier } from '../../watch/tell.ts';

export type Sign =
  | { readonly kind: 'still'; readonly why: string; readonly foretold?: Foretold; readonly failing?: Failing }
  | { readonly kind: 'gone'; readonly why: string }
  /** Nothing newer was measured than what the signal was told of. */
  | { readonly kind: 'unknown'; readonly why: string; readonly again: Seconds; readonly foretold?: Foretold };

type Forecast = Extract<Signal, { kind: 'forecast' }>;
type Anomaly = Extract<Signal, { kind: 'anomaly' }>;
type Exhausting = Forecast & { readonly foretold: Foretold };
/** It stands out against what is usual, now or as others did before they failed. */
type Carried =
  | (Forecast & { readonly foretold?: undefined; readonly failing: Failing })
  | (Anomaly & { readonly carriers: readonly [Carrier, ...Carrier[]] });
/** A signal of ours: it says which series it is about. */
export type EarlySignal = Exhausting | Carried;
/** A signal of ours about what a log says. */
export type SpokenSignal = Anomaly & { readonly messages: readonly [OddMessage, ...OddMessage[]] };

/** The newest signal of each series that says what it was told of. */
export function earlySignals(signals: readonly Signal[]): EarlySignal[] {
  const ours = signals.filter(
    (signal): signal is EarlySignal =>
      (signal.kind === 'forecast' && (signal.foretold ?? signal.failing) !== undefined) ||
      (signal.kind === 'anomaly' && (signal.carriers?.length ?? 0) > 0),
  );
  const newest = ours.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  return [...new Map(newest.map((signal) => [`${signal.detector} ${seriesIdOf(signal)}`, signal])).values()];
}

/** The newest signal of each message that is new in a log. */
export function spokenSignals(signals: readonly Signal[]): SpokenSignal[] {
  const ours = signals.filter(
    (signal): signal is SpokenSignal => signal.kind === 'anomaly' && (signal.messages?.length ?? 0) > 0,
  );
  const newest = ours.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  return [...new Map(newest.map((signal) => [signal.messages[0].template, signal])).values()];
}

/** The series that a signal is judged by: of several, the one that carries most. */
export const seriesIdOf = (signal: EarlySignal): string =>
  isCarried(signal) ? carrierOf(signal).series : signal.foretold.series;

export const isCarried = (signal: EarlySignal): signal is Carried =>
  signal.kind === 'anomaly' || signal.foretold === undefined;

export const carrierOf = (signal: Carried): Carrier =>
  signal.kind === 'anomaly' ? signal.carriers[0] : signal.failing.carriers[0]!;

export function judgeSign(signal: EarlySignal, series: WatchedSeries, points: Points, now: Seconds): Sign {
  if (!isCarried(signal)) return judgeForecast(signal, series, points, now);
  const sign = judgeCarrier(carrierOf(signal), signal.at, series, points);
  if (signal.kind !== 'anomaly') return whileItLasts(sign, signal.failing, now - Date.parse(signal.at) / 1000);
  const why = harmless(signal.carriers);
  return sign.kind === 'still' && why !== undefined ? { kind: 'gone', why: `${sign.why}: ${why}` } : sign;
}

/** A learned forecast is as good as what carries it: it is gone with that, or with its time. */
function whileItLasts(sign: Sign, failing: Failing, elapsed: Seconds): Sign {
  const { horizon, model } = failing;
  if (elapsed > horizon)
    return { kind: 'gone', why: `it did not fail within the ${horizon / 3600} hours that ${model} foretold` };
  return sign.kind === 'still' ? { ...sign, failing } : sign;
}

const NEWEST = 3;
/** A message that was not logged for so long is over. */
const SILENT: Seconds = minutes(5);

/** @param heard when a line of the message was logged, seconds since the epoch; undefined where the log could not be read */
export function judgeSpoken(
  { messages: [message], summary }: SpokenSignal,
  heard: readonly Seconds[] | undefined,
  now: Seconds,
): Sign {
  // What could not be read is no sign of health.
  if (!heard) return { kind: 'still', why: `${summary} The log could not be read again.` };
  const lately = heard.filter((at) => at > now - SILENT).length;
  return lately > 0
    ? { kind: 'still', why: `${lately} lines of ${SILENT / 60} minutes say "${message.template}"` }
    : { kind: 'gone', why: `nothing said "${message.template}" for ${SILENT / 60} minutes` };
}

function judgeForecast({ foretold, at }: Exhausting, series: WatchedSeries, points: Points, now: Seconds): Sign {
  const elapsed = now - Date.parse(at) / 1000;
  const aged = { ...foretold, ...shifted(foretold, elapsed) };
  const newest = points.slice(-NEWEST).map(([, value]) => value);
  const last = newest.at(-1);
  if (last === undefined)
    return { kind: 'unknown', why: `${series.metric.metric} has no points`, again: series.period, foretold: aged };
  if (isReached(foretold.limit, last))
    return {
      kind: 'still',
      why: `${series.metric.metric} is ${last}, its limit of ${foretold.limit.value} is reached`,
      foretold: { ...aged, inSeconds: 0, earliest: 0, latest: 0 },
    };
  // That it should be told was judged when it was told; here the usual level says whether it still rises.
  const fresh = foretoldBy(series, foretold.limit, points, now, {
    ...foretold,
    alertsPerWeek: Number.POSITIVE_INFINITY,
  });
  if (fresh) return { kind: 'still', why: `${series.metric.metric} ${sayForetold(fresh)}`, foretold: fresh };
  const value = median(newest);
  if (isOnCourse(foretold, value, elapsed, series.period))
    return {
      kind: 'still',
      why: `${series.metric.metric} is ${last}, about where the forecast has it by now`,
      foretold: { ...aged, inSeconds: timeLeft(foretold, value) },
    };
  return {
    kind: 'gone',
    why: `${series.metric.metric} is ${last} and no longer on its way to its limit of ${foretold.limit.value}`,
  };
}

/** At least half of the way that was foretold until now; a few periods are too early to say. One trend test may fail by chance. */
function isOnCourse({ value: then, slope }: Foretold, value: number, elapsed: Seconds, period: Seconds): boolean {
  return (value - then) / slope >= elapsed / 2 - NEWEST * period;
}

/** The forecast as it stands so much later, had nothing new been measured. */
function shifted({ inSeconds, earliest, latest }: Foretold, elapsed: Seconds) {
  const left = (time: Seconds): Seconds => Math.max(0, time - elapsed);
  return { inSeconds: left(inSeconds), earliest: left(earliest), latest: latest === null ? null : left(latest) };
}

function judgeCarrier(carrier: Carrier, at: string, series: WatchedSeries, points: Points): Sign {
  const since = points.filter(([time]) => time >= Date.parse(at) / 1000).map(([, value]) => value);
  const newest = since.slice(-NEWEST);
  if (newest.length < 2)
    return {
      kind: 'unknown',
      why: `${series.metric.metric} has no point yet after the one that alerted`,
      again: series.period,
    };
  const odd = newest.filter((value) => isOdd(carrier, value)).length;
  const now = sayCarrier({ ...carrier, value: newest.at(-1)! });
  return odd >= 2 ? { kind: 'still', why: now } : { kind: 'gone', why: `${now}: as usual again` };
}

/**
 * Nearer to the value that alerted than to what is usual. A value that is odd only for its hour or its company lies within
 * the usual range: it is believed while it stays on its side of the middle.
 */
export function isOdd({ value: alerted, usual: { low, high } }: Carrier, value: number): boolean {
  if (alerted > high) return value > (alerted + high) / 2;
  if (alerted < low) return value < (alerted + low) / 2;
  const middle = (low + high) / 2;
  return alerted >= middle ? value >= middle : value <= middle;
}
