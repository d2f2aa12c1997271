import {
  LOG_WINDOW,
  type Evidence,
  type LogTemplate,
  type ServiceState,
  type Series,
} from '../../../layers/core/evidence.ts';
import type { Change, Resource } from '../../../layers/core/inventory.ts';
import { isTrouble, type Signal, type StoppedTask } from '../../../layers/core/signal.ts';
import { isFailingStop, lifeOf } from '../../../layers/core/stops.ts';
import { seriesOf as watchedSeriesOf } from '../../../layers/core/watched-series.ts';
import * as statistics from '../../../layers/core/statistics/quantiles.ts';
import { addSeconds, minutes, secondsBetween, type Instant, type Seconds } from '../../../layers/core/units.ts';

/** What the rules ask of the evidence, in one place, so that each means the same by "since the onset". Pure. */

/** The incident's own resource. @throws Error when the evidence has none */
export function target({ resources, resource }: Evidence): Resource {
  const found = resources.find(({ arn }) => arn === resource) ?? resources[0];
  if (!found) throw new Error(`the evidence of ${resource} must hold its inventory record, got no resources`);
  return found;
}

export const serviceState = (evidence: Evidence): ServiceState | undefined =>
  evidence.services.find(({ resource }) => resource === evidence.resource);

/** The criteria whose alarms and probes told of the incident. */
export function criteriaThatRang(signals: readonly Signal[], { alarms }: Resource): Set<string> {
  const rang = new Set(signals.flatMap((one) => (one.kind === 'alarm' && one.state === 'ALARM' ? one.alarm : [])));
  const ofAlarms = alarms.filter(({ name }) => rang.has(name)).flatMap(({ criteria }) => criteria.map(({ id }) => id));
  return new Set([...ofAlarms, ...signals.flatMap((one) => (one.kind === 'probe' && isTrouble(one) ? one.probe : []))]);
}

/** Clocks, and events that are told a little late. */
const EVENT_SLACK: Seconds = 20;

/**
 * How exactly the onset is known. It is the start of a period in which the trouble began somewhere, so that its cause may
 * seem to come as much as that period after it.
 */
export function slack(evidence: Evidence): Seconds {
  const resource = target(evidence);
  const rang = criteriaThatRang(evidence.signals, resource);
  const ofAlarms = resource.alarms
    .flatMap(({ criteria }) => criteria)
    .filter(({ id }) => rang.has(id))
    .map(({ period }) => period);
  const periods = [...ofAlarms, ...evidence.signals.map((one) => periodTold(one, resource))].filter((time) => time > 0);
  return periods.length === 0 ? EVENT_SLACK : Math.max(EVENT_SLACK, Math.min(minutes(5), ...periods) + EVENT_SLACK / 2);
}

/** An anomaly is dated by the start of the point that is odd: the trouble began within so long after it. 0 of any other signal. */
export function periodTold(signal: Signal, resource: Resource): Seconds {
  if (signal.kind !== 'anomaly' || !signal.carriers) return 0;
  const carrying = new Set(signal.carriers.map(({ series }) => series));
  const watched = watchedSeriesOf(resource).filter(({ id }) => carrying.has(id));
  return Math.max(0, ...watched.map(({ period }) => period));
}

/** Changes of one resource that others made in the time before the onset, newest first. */
export function changesBefore(
  evidence: Evidence,
  arn: string,
  within: Seconds,
  kinds: readonly Change['kind'][],
): Change[] {
  const { onset } = evidence.window;
  const [from, to] = [addSeconds(onset, -within), addSeconds(onset, slack(evidence))];
  return evidence.changes
    .filter(
      ({ resource, kind, at, incidentId }) =>
        resource === arn && kinds.includes(kind) && at >= from && at <= to && !incidentId,
    )
    .sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** So long before the onset is still around it. */
const AROUND: Seconds = minutes(10);

/**
 * Tasks of the resource that failed around or after the onset, oldest first. What failed before an earlier incident was
 * healed speaks of that one.
 */
export function failedTasks(evidence: Evidence): StoppedTask[] {
  const around = addSeconds(evidence.window.onset, -AROUND);
  const since = [around, ...healedBefore(evidence)].sort().at(-1) ?? around;
  return evidence.stoppedTasks
    .filter((task) => task.resource === evidence.resource && task.stoppedAt >= since && isFailingStop(task))
    .sort((a, b) => (a.stoppedAt < b.stoppedAt ? -1 : 1));
}

/** When other incidents changed the resource. */
const healedBefore = ({ changes, incidentId, resource }: Evidence): Instant[] =>
  changes
    .filter((one) => one.resource === resource && one.incidentId !== undefined && one.incidentId !== incidentId)
    .map(({ at }) => at);

/**
 * How long tasks lived, shortest first: of those that started around or after the onset, where there are any. One that
 * had run well for long when the trouble came says nothing of how soon its successors end.
 */
export function livesOf(tasks: readonly StoppedTask[], { window }: Evidence): Seconds[] {
  const since = addSeconds(window.onset, -AROUND);
  const lately = tasks.filter(({ startedAt }) => startedAt !== undefined && startedAt >= since);
  return (lately.length > 0 ? lately : tasks).flatMap((task) => lifeOf(task) ?? []).sort((a, b) => a - b);
}

/**
 * Troubled log lines that were not there before the onset, or come three times as often since: what lasts for longer than the
 * log was read before it has more lines of everything.
 */
export function newTrouble({ logs, window, resource: own }: Evidence, resource = own): LogTemplate[] {
  const longer = Math.max(1, secondsBetween(window.onset, window.to) / LOG_WINDOW);
  return logs.filter((one) => one.resource === resource && one.after >= longer * Math.max(2, 3 * one.before));
}

export const seriesOf = ({ series }: Evidence, arn: string, metric: RegExp): Series[] =>
  series.filter((one) => one.resource === arn && metric.test(one.metric));

export const ownSeries = (evidence: Evidence, metric: RegExp): Series[] =>
  seriesOf(evidence, evidence.resource, metric);

/** Mean of a series before and after an instant; undefined where there is no point. */
export function around({ points }: Series, at: Instant): { before: number | undefined; after: number | undefined } {
  const split = Date.parse(at) / 1000;
  return {
    before: mean(points.filter(([time]) => time < split).map(([, value]) => value)),
    after: mean(points.filter(([time]) => time >= split).map(([, value]) => value)),
  };
}

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface Load {
  readonly before: number;
  readonly after: number;
  readonly ratio: number;
  readonly metric: string;
}

/** One sample a request; of processor, memory, hosts or age there is one a task and period, however few requests come. */
const PER_REQUEST = /latency|duration|time|error|fault|request|invocation/i;
export const countsRequests = (metric: string): boolean =>
  !metric.startsWith('samples of ') || PER_REQUEST.test(metric);

/** Fewer periods before the onset say nothing about what is usual: the first after a start are half empty. */
const USUAL = 3;

/** What a consumer takes from its queue says nothing of how much is asked of it: what failed is taken again. */
const takesFromQueue = (evidence: Evidence): boolean =>
  ownSeries(evidence, /^ApproximateAgeOfOldestMessage$/).length > 0;

/**
 * How the number of requests in a period changed at the onset: of the series that speak of requests, the one that grew
 * most. Medians, so that a half-empty period or a burst does not pass for what is usual.
 */
export function load(evidence: Evidence): Load | undefined {
  const requests = takesFromQueue(evidence)
    ? ownSeries(evidence, /^NumberOfMessagesSent\b/)
    : [
        ...evidence.series.filter(
          (one) =>
            one.resource === evidence.resource && one.criterion.endsWith('#traffic') && countsRequests(one.metric),
        ),
        ...ownSeries(evidence, /^(?:RequestCount|Requests|Invocations)\b/),
      ];
  const onset = Date.parse(evidence.window.onset) / 1000;
  const changes = requests.flatMap(({ points, period, metric }): Load[] => {
    // The period in which it began is part quiet, part busy: it belongs to neither side.
    const earlier = points.filter(([at]) => at + period <= onset).map(([, value]) => value);
    const before = median(earlier);
    const after = median(points.filter(([at]) => at >= onset).map(([, value]) => value));
    if (before === undefined || after === undefined || before <= 0 || earlier.length < USUAL) return [];
    return [{ before, after, ratio: after / before, metric }];
  });
  return changes.sort((a, b) => b.ratio - a.ratio)[0];
}

/** Undefined of nothing. */
export const median = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : statistics.median(values);

/** A duration a person can read: `40 s`, `12 min`. */
export const spoken = (time: Seconds): string =>
  Math.abs(time) < 120 ? `${Math.round(time)} s` : `${Math.round(time / 60)} min`;

/** `12 min before the onset`, or `5 s after the onset`. */
export function whenSpoken(at: Instant, { window }: Evidence): string {
  const before = secondsBetween(at, window.onset);
  return before >= 0
    ? `${spoken(before)} before the onset`
    : `${spoken(-before)} after the onset, within its uncertainty`;
}

/** A revision as a person says it: `orders:7`. */
export const revisionName = (revision: string | undefined): string =>
  revision?.replace(/^.*task-definition\//, '') ?? 'an unknown revision';

export const round = (value: number): number => Math.round(value * 10) / 10;

/** Weights add up, but never to certainty. */
export const atMost = (weight: number): number => Math.min(0.95, Math.max(0, Math.round(weight * 1000) / 1000));
