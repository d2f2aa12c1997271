import type { Criterion, MetricQuery } from '../../../layers/core/criterion.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { targetsOf, type Resource } from '../../../layers/core/inventory.ts';
import { epoch, readingOf, slots, type Reading } from '../../../layers/core/points.ts';
import type { Ratio, Seconds } from '../../../layers/core/units.ts';

/** What a resource served since the onset, by the metric on which most requests failed. */
export interface Served {
  readonly requests: number;
  /** At most `requests`; may be a fraction where it comes from a share. */
  readonly failed: number;
  /** Requests a second before the onset; undefined where none were counted then. */
  readonly usualRate: number | undefined;
  /** The time that was counted. */
  readonly over: Seconds;
}

/** How long a resource was bad since the onset, by the target metric that was bad longest. */
export interface BadTime {
  readonly bad: Seconds;
  /** The time in which it could be judged. */
  readonly over: Seconds;
}

const FAILURES = /error|fault|5xx|fail/i;

/** A share of one of its metrics by another, in percent or not. */
const IS_SHARE = /\//;
const IS_PERCENT = /\b100(?:\.0+)?\b/;

/** Undefined where none of its target metrics counts failed requests. Pure. */
export function servedBy(resource: Resource, evidence: Evidence): Served | undefined {
  const all = targetsOf(resource).flatMap((criterion) => {
    const failedShare = shareFailed(criterion);
    return failedShare ? (countServed(readingOf(criterion, evidence.series), failedShare, evidence) ?? []) : [];
  });
  return all.sort((a, b) => b.failed - a.failed || b.requests - a.requests)[0];
}

/** How to read the share of failed requests off a value and the requests of the same period. */
type ShareFailed = (value: number, requests: number) => Ratio;

/** Undefined for metrics that do not speak of failed requests: a latency says of no request whether it was too slow. */
function shareFailed({ queries, returns, traffic }: Criterion): ShareFailed | undefined {
  const query = queries.find(({ id }) => id === returns);
  if (!query || !traffic) return undefined;
  if ('expression' in query) {
    const isFailures = queries.some((one) => 'metric' in one && FAILURES.test(one.metric));
    if (!isFailures || !IS_SHARE.test(query.expression)) return undefined;
    const whole = IS_PERCENT.test(query.expression) ? 100 : 1;
    return (value) => value / whole;
  }
  if (!FAILURES.test(query.metric)) return undefined;
  if (query.stat === 'Average') return (value) => value;
  // Of a metric that is published for failures only, its own samples are no requests.
  if (query.stat !== 'Sum' || countsItself(query, traffic)) return undefined;
  return (value, requests) => value / requests;
}

const countsItself = (query: { readonly metric: string }, traffic: MetricQuery): boolean =>
  'metric' in traffic && traffic.metric === query.metric;

/** Less than this is no request: traffic may be published as a rate, and a rate of next to nothing is nothing. */
const LEAST = 1e-6;

function countServed(
  { values, traffic = new Map(), criterion }: Reading,
  share: ShareFailed,
  { window }: Evidence,
): Served | undefined {
  const { period } = criterion;
  const [from, onset, to] = [epoch(window.from), epoch(window.onset), epoch(window.to)];
  const counts = [...traffic].filter(([, count]) => count >= LEAST);
  const since = counts.filter(([at]) => at + period > onset && at < to);
  const before = counts.filter(([at]) => at >= from && at + period <= onset);
  if (since.length === 0) return undefined;
  const failedIn = ([at, count]: readonly [Seconds, number]): number =>
    count * Math.min(1, Math.max(0, share(values.get(at) ?? 0, count)));
  return {
    requests: since.reduce((sum, [, count]) => sum + count, 0),
    failed: since.reduce((sum, period) => sum + failedIn(period), 0),
    usualRate:
      before.length > 0 ? before.reduce((sum, [, count]) => sum + count, 0) / (before.length * period) : undefined,
    over: since.length * period,
  };
}

/** Undefined where no period since the onset could be judged. Pure. */
export function badTimeOf(resource: Resource, evidence: Evidence): BadTime | undefined {
  const { onset, to } = evidence.window;
  const all = targetsOf(resource).flatMap((criterion): BadTime[] => {
    const judged = slots(readingOf(criterion, evidence.series), onset, to).filter(
      ({ state }) => state === 'good' || state === 'bad',
    );
    if (judged.length === 0) return [];
    const bad = judged.filter(({ state }) => state === 'bad').length;
    return [{ bad: bad * criterion.period, over: judged.length * criterion.period }];
  });
  return all.sort((a, b) => b.bad - a.bad || b.over - a.over)[0];
}
