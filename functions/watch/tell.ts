import { shortName, type Arn } from '../../layers/core/arn.ts';
import {
  newsId,
  REFUSALS,
  type Carrier,
  type Foretold,
  type OddMessage,
  type OddSessions,
  type Signal,
} from '../../layers/core/signal.ts';
import { addSeconds, percent, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { WatchedSeries } from '../../layers/core/watched-series.ts';
import { sayCarrier, short } from '../detect/early/say.ts';
import { sayForetold } from '../detect/forecast/say.ts';
import type { OddMessages, OddSessionsSince } from './logs.ts';
import type { Refused } from './refusals.ts';
import type { Odd, Seen } from './series.ts';
import { TOGETHER, type OddTogether } from './service.ts';

/** More would not be read. */
const CARRIERS_AT_MOST = 5;

/**
 * What is told of one resource: one anomaly for all that stands out at once, and each forecast by itself; where no metric tells
 * anything by itself, how they stand to each other. Pure.
 */
export function signalsOf(resource: Arn, seen: readonly Seen[], together?: OddTogether): Signal[] {
  const odd = seen.filter((one) => one.odd !== undefined);
  const foretold = seen.flatMap(({ series, foretold: told, reached }) => [
    ...(told ? [forecastSignal(resource, series, told)] : []),
    ...(reached ? [forecastSignal(resource, series, { at: reached.since, what: reached.what })] : []),
  ]);
  const refused = seen.flatMap(({ series, refused: what }) => (what ? [refusedSignal(resource, series, what)] : []));
  const told = [...foretold, ...refused];
  if (odd.length > 0) return [anomalySignal(resource, odd, seen), ...told];
  return together && told.length === 0 ? [togetherSignal(resource, together)] : told;
}

function togetherSignal(resource: Arn, { at, score, carriers }: OddTogether): Signal {
  const most = carriers.slice(0, CARRIERS_AT_MOST);
  const said = most.map(({ share, ...carrier }) => `${sayCarrier(carrier)} (carries ${percent(share)})`);
  return {
    kind: 'anomaly',
    id: newsId('anomaly', resource, TOGETHER, at),
    at: instant(at),
    resource,
    summary: `The metrics of ${shortName(resource)} stand to each other as they never did: ${said.join(', ')}.`,
    detector: 'service-model',
    score,
    carriers: most.map(({ series, value, usual }) => ({ series, value, usual })),
  };
}

function refusedSignal(resource: Arn, { id, metric }: WatchedSeries, { at, value, periods, of }: Refused): Signal {
  return {
    kind: 'anomaly',
    id: newsId('anomaly', resource, id, at),
    at: instant(at),
    resource,
    summary: `AWS refuses calls to ${shortName(resource)}: ${metric.metric} was ${short(value)} a minute, in ${periods} of the last ${of} minutes.`,
    detector: REFUSALS,
    score: 1,
    carriers: [{ series: id, value, usual: { low: 0, high: 0 } }],
  };
}

function anomalySignal(resource: Arn, odd: readonly Seen[], seen: readonly Seen[]): Signal {
  const first = odd.map((one) => one.odd!).sort((a, b) => a.at - b.at)[0]!;
  const carriers = carriersOf(odd, seen);
  const said = carriers.map(sayCarrier).join(', ');
  return {
    kind: 'anomaly',
    id: newsId('anomaly', resource, ...odd.map(({ series }) => series.id), first.at),
    at: instant(first.at),
    resource,
    summary: `${shortName(resource)} behaves as it never did: ${said}.`,
    detector: 'calibrated-ensemble',
    score: Math.min(1, Math.max(0, first.score)),
    carriers,
  };
}

/** What alerted, then what lies outside of its usual range at the same time, farthest first. */
function carriersOf(odd: readonly Seen[], seen: readonly Seen[]): Carrier[] {
  const alerted = odd.map(({ series, odd: what }) => carrierOf(series, what!));
  const others = seen
    .filter((one) => !odd.includes(one) && one.now !== undefined && distance(one.now) > 0)
    .sort((a, b) => distance(b.now!) - distance(a.now!))
    .map(({ series, now }) => carrierOf(series, now!));
  return [...alerted, ...others].slice(0, CARRIERS_AT_MOST);
}

const carrierOf = ({ id }: WatchedSeries, { value, usual }: Odd): Carrier => ({
  series: id,
  value,
  usual: { ...usual },
});

/** How far outside of the usual range, in widths of it. */
function distance({ value, usual: { low, high } }: Odd): number {
  const outside = Math.max(0, low - value, value - high);
  return outside / Math.max(high - low, 1e-9 * Math.max(1, Math.abs(high)));
}

/** What a log says that it never said, or far more often than usual. Pure. */
export function messageSignal(resource: Arn, { at, detector, messages }: OddMessages): Signal {
  const said = messages.map(sayMessage);
  return {
    kind: 'anomaly',
    id: newsId('anomaly', resource, messages[0]?.group ?? '', at),
    at: instant(at),
    resource,
    summary: `${shortName(resource)} logs ${said.join('; ')}.`,
    detector,
    score: 1,
    messages: [...messages],
  };
}

export const sayMessage = ({ template, lines, usual }: OddMessage): string =>
  usual === 0
    ? `what it never did, ${lines} lines of it: "${template}"`
    : `"${template}" ${lines} times a minute, usual is ${usual}`;

/** Of what a log tells of requests, more is odd than usual. Pure. */
export function sessionsSignal(resource: Arn, { at, sessions }: OddSessionsSince): Signal {
  const [first] = sessions;
  const said = sessions.map(saySessions).join('; ');
  return {
    kind: 'anomaly',
    id: newsId('anomaly', resource, first?.group ?? '', SESSIONS, at),
    at: instant(at),
    resource,
    summary: `In the log of ${shortName(resource)}, since ${instant(at).slice(11, 16)}: ${said}; usual is ${percent(first?.usual ?? 0)}.`,
    detector: SESSIONS,
    score: 1,
    sessions: [...sessions],
  };
}
const SESSIONS = 'sessions';

/** `12 of 80 requests said "reserving stock" without going on to "order placed"`. */
export function saySessions({ by: { field }, oddity, odd, of, oneIn }: OddSessions): string {
  const sample = oneIn > 1 ? ` (one in ${oneIn} was followed)` : '';
  const which = `${odd} of ${of} ${field === undefined ? 'requests' : `sessions by ${field}`}${sample}`;
  const quoted = (some: readonly string[]): string => some.map((one) => `"${one}"`).join(', ');
  switch (oddity.how) {
    case 'lacks':
      return `${which} said "${oddity.after}" without going on to ${quoted(oddity.without)}`;
    case 'repeats':
      return `${which} said ${quoted(oddity.again)} more than once`;
    case 'order':
      return `${which} said "${oddity.then}" right after "${oddity.first}"`;
  }
}

function forecastSignal(
  resource: Arn,
  { id, metric }: WatchedSeries,
  { at, what }: { readonly at: Seconds; readonly what: Foretold },
): Signal {
  return {
    kind: 'forecast',
    id: newsId('forecast', resource, id, at),
    at: instant(at),
    resource,
    summary: `${metric.metric} of ${shortName(resource)} ${sayForetold(what)}.`,
    detector: 'exhaustion',
    expectedAt: addSeconds(instant(at), what.inSeconds),
    foretold: what,
  };
}

const instant = (at: Seconds): Instant => new Date(at * 1000).toISOString();
