/** Signs of trouble that has not come yet, or that no limit names: are they still there, on fresh points? Pure. */
import { isReached, timeLeft } from '../../../layers/core/prediction.ts';
import type { Carrier, Failing, Foretold, OddMessage, Signal } from '../../../layers/core/signal.ts';
import { median } from '../../../layers/core/statistics/quantiles.ts';
import { minutes, type Seconds } from '../../../layers/core/units.ts';
import type { Points, WatchedSeries } from '../../../layers/core/watched-series.ts';
import { riseBy } from '../forecast/foretold.ts';
import { sayForetold } from '../forecast/say.ts';
import { harmless } from './harmless.ts';
import { sayCarrier } from './say.ts';

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
/** A message that a log was told to say, and what was told of it. */
export interface Spoken {
  readonly message: OddMessage;
  readonly summary: string;
}

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

/** Every message that logs were told to say, as it was told last. */
export function spokenIn(signals: readonly Signal[]): Spoken[] {
  const oldestFirst = signals.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const told = oldestFirst.flatMap((signal) =>
    signal.kind === 'anomaly' ? (signal.messages ?? []).map((message) => ({ message, summary: signal.summary })) : [],
  );
  return [...new Map(told.map((one) => [`${one.message.group} ${one.message.template}`, one])).values()];
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
  const at = Date.parse(signal.at) / 1000;
  if (signal.kind !== 'anomaly') {
    // When it was told, points counted that were two periods old (`readSeries`): those after them are news.
    const sign = judgeCarrier(carrierOf(signal), at - 2 * series.period + 1, series, points);
    return whileItLasts(sign, signal.failing, now - at);
  }
  const sign = judgeCarrier(carrierOf(signal), at, series, points);
  const why = harmless(signal.carriers);
  return sign.kind === 'still' && why !== undefined ? { kind: 'gone', why: `${sign.why}: ${why}` } : sign;
}

/** With less time than this nothing is waited for. */
const SHORT: Seconds = minutes(30);

/**
 * As `judgeSign`, for who is asked first and need not hurry: what starts, and a saw, rise like a leak for some minutes, and where
 * a limit is surely far away a sixth of the time shows which it is.
 */
export function judgePatiently(signal: EarlySignal, series: WatchedSeries, points: Points, now: Seconds): Sign {
  const sign = judgeSign(signal, series, points, now);
  if (isCarried(signal) || sign.kind !== 'still') return sign;
  const { inSeconds, earliest } = signal.foretold;
  const waits = Date.parse(signal.at) / 1000 + inSeconds / 6 - now;
  if (earliest <= SHORT || waits <= 0) return sign;
  return {
    ...sign,
    kind: 'unknown',
    why: `${sign.why}; there is time to see whether it goes on so`,
    again: Math.ceil(waits),
  };
}

/** A learned forecast is as good as what carries it: it is gone with that, or with its time. */
function whileItLasts(sign: Sign, failing: Failing, elapsed: Seconds): Sign {
  const { horizon, model } = failing;
  if (elapsed > horizon)
    return { kind: 'gone', why: `it did not fail within the ${horizon / 3600} hours that ${model} foretold` };
  return sign.kind === 'still' ? { ...sign, failing } : sign;
}

const NEWEST = 3;
/** After so long it is looked at again, however seldom it is measured. */
const LOOK_AGAIN: Seconds = minutes(15);
const again = ({ period }: WatchedSeries): Seconds => Math.min(period, LOOK_AGAIN);
/** A message that was not logged for so long is over. */
const SILENT: Seconds = minutes(5);

/** @param heard when a line of the message was logged, seconds since the epoch; undefined where the log could not be read */
export function judgeSpoken({ message, summary }: Spoken, heard: readonly Seconds[] | undefined, now: Seconds): Sign {
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
  const { metric } = series.metric;
  if (last === undefined)
    return { kind: 'unknown', why: `${metric} has no points`, again: again(series), foretold: aged };
  if (isReached(foretold.limit, last))
    return {
      kind: 'still',
      why: `${metric} is ${last}, its limit of ${foretold.limit.value} is reached`,
      foretold: { ...aged, inSeconds: 0, earliest: 0, latest: 0 },
    };
  // That it should be told was judged when it was told; here the usual level says whether it still rises.
  const fresh = riseBy(series, foretold.limit, points, now, { ...foretold, alertsPerWeek: Number.POSITIVE_INFINITY });
  if (fresh?.told) return { kind: 'still', why: `${metric} ${sayForetold(fresh.foretold)}`, foretold: fresh.foretold };
  const value = median(newest);
  if (isOnCourse(foretold, value, elapsed, series.period))
    return {
      kind: 'still',
      why: `${metric} is ${last}, about where the forecast has it by now`,
      foretold: { ...aged, inSeconds: timeLeft(foretold, value) },
    };
  return {
    kind: 'gone',
    why: `${metric} is ${last} and no longer on its way to its limit of ${foretold.limit.value}`,
  };
}

/** At least half of the way that was foretold until now; a few periods are too early to say. One trend test may fail by chance. */
function isOnCourse({ value: then, slope }: Foretold, value: number, elapsed: Seconds, period: Seconds): boolean {
  return slope !== 0 && (value - then) / slope >= elapsed / 2 - NEWEST * period;
}

/** The forecast as it stands so much later, had nothing new been measured. */
function shifted({ inSeconds, earliest, latest }: Foretold, elapsed: Seconds) {
  const left = (time: Seconds): Seconds => Math.max(0, time - elapsed);
  return { inSeconds: left(inSeconds), earliest: left(earliest), latest: latest === null ? null : left(latest) };
}

function judgeCarrier(carrier: Carrier, from: Seconds, series: WatchedSeries, points: Points): Sign {
  const since = points.filter(([time]) => time >= from).map(([, value]) => value);
  const newest = since.slice(-NEWEST);
  if (newest.length < 2)
    return {
      kind: 'unknown',
      why: `${series.metric.metric} has no point yet after the one that alerted`,
      again: again(series),
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
