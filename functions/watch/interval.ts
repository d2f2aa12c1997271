import type { Arn } from '../../layers/core/arn.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { minutes, type Seconds } from '../../layers/core/units.ts';
import { LONGEST_INTERVAL } from '../../layers/core/watch-policy.ts';
import { seriesOf, type WatchedSeries } from '../../layers/core/watched-series.ts';
import { PRICES } from './prices.ts';
import { groupsOf, GROUPS_A_LOOK } from './groups.ts';
import { hasOwnPace } from './read.ts';
import { standsFor } from './series.ts';
import { LEARNED_FOR, LEAST_SERIES, togetherOf } from './service.ts';

/** A month has 365.25 / 12 days. */
export const MONTH: Seconds = 2_629_800;
/** Metrics have a point a minute, and the plan looks once a minute. */
export const SHORTEST: Seconds = minutes(1);
export const LONGEST: Seconds = LONGEST_INTERVAL;

/** Compressed, a detector's state takes up to so many kilobytes (measured: 86 KB after two weeks). */
const STATE_KB = 86;
/** GB-seconds that one series takes: 2 ms to unpack it and 8 ms to step it over a day and a half were measured, doubled, at 1.7 GB. */
const COMPUTE = 0.035;

/** GB-seconds of learning all metrics of a resource together from two weeks: 1.8 s were measured, at 1.7 GB. */
const LEARNING = 3.1;

/**
 * What one read of a resource costs in US dollars: its metrics, the states they are judged by, what is remembered of its logs
 * and written each time, its share of plan and queue. Reading logs itself costs nothing but the time it takes.
 */
export function costOfRead(series: readonly Pick<WatchedSeries, 'looksFor'>[], groups = 0): number {
  const states = series.filter(({ looksFor }) => looksFor === 'anomaly').length;
  const together = series.filter(({ looksFor }) => looksFor !== 'refusals').length >= LEAST_SERIES ? 1 : 0;
  const stored = ((states + together) * STATE_KB + (series.length - states) + groups * LOG_KB + RECORD_KB) / 4;
  return (
    series.length * PRICES.metric +
    stored * PRICES.readUnit +
    2 * (1 + groups * LOG_KB) * PRICES.writeUnit + // when it is due next, in a transaction like the rest
    ((series.length + together) * COMPUTE + groups * HEARING) * PRICES.gigabyteSecond +
    SHARE_OF_A_MESSAGE * (3 * PRICES.queueRequest + PRICES.invocation)
  );
}
const RECORD_KB = 4;
/** Compressed, what is remembered of a log with 150 templates and its sessions (measured: under 10 KB, and under 4 KB). */
const LOG_KB = 14;
/** GB-seconds of hearing a log: 0.05 s for a thousand lines of sessions were measured, doubled, at 1.7 GB. */
const HEARING = 0.17;
const SHARE_OF_A_MESSAGE = 0.1;

/** What there is to be watched. */
export interface Inventory {
  readonly resources: number;
  /** Series that are looked at for anomalies. */
  readonly anomalySeries: number;
  /** Resources whose metrics are judged together. */
  readonly together: number;
  /** Reads a month of series that have a pace of their own. */
  readonly slowReads: number;
  readonly probes: number;
}

export const inventoryOf = (resources: readonly Resource[]): Inventory => {
  const series = resources.map(seriesOf);
  return {
    resources: resources.length,
    anomalySeries: series.flat().filter(({ looksFor }) => looksFor === 'anomaly').length,
    together: series.filter((all) => togetherOf(all).length > 0).length,
    slowReads: series.flat().reduce((sum, one) => sum + (hasOwnPace(one) ? (2 * MONTH) / one.period : 0), 0),
    probes: resources.reduce((sum, { probes }) => sum + probes.length, 0),
  };
};

/**
 * What a month costs however seldom is read: states kept once in three days and models once a week, in a transaction; learning
 * these; the plan's tick; polling the queue; the probes.
 */
export function fixedCost({ resources, anomalySeries, together, slowReads, probes }: Inventory): number {
  const writes = anomalySeries * (MONTH / standsFor(minutes(5))) + together * (MONTH / LEARNED_FOR);
  const ticks = MONTH / 60;
  const listed = Math.ceil((resources * 0.5) / 4);
  return (
    writes * 2 * STATE_KB * PRICES.writeUnit +
    together * (MONTH / LEARNED_FOR) * LEARNING * PRICES.gigabyteSecond +
    ticks * (PRICES.invocation + 0.05 * PRICES.gigabyteSecond + listed * PRICES.readUnit) +
    POLLS_A_MONTH * PRICES.queueRequest +
    slowReads * (PRICES.metric + 2 * PRICES.writeUnit) + // each is remembered, in a transaction
    costOfProbes(probes)
  );
}

/** Lambda polls a quiet queue over five connections, each waiting twenty seconds. */
const POLLS_A_MONTH = (5 * MONTH) / 20;

/**
 * What probing costs a month. Fifty at once wait for their answers, for which half a second is taken; nothing is written or
 * published of a probe that is well.
 */
function costOfProbes(probes: number): number {
  const waited = 0.1 + Math.ceil(probes / 50) * 0.5;
  const listed = 2 * Math.ceil((probes * PROBE_KB) / 4 + 1);
  return (MONTH / 60) * (PRICES.invocation + 0.25 * waited * PRICES.gigabyteSecond + listed * PRICES.readUnit);
}
const PROBE_KB = 0.4;

export interface Watched {
  readonly arn: Arn;
  /** US dollars a read. */
  readonly cost: number;
  /** It has nothing new sooner; default SHORTEST. */
  readonly shortest?: Seconds;
  /** How much an hour of not knowing matters, beside other resources. */
  readonly risk: number;
}

/** What may happen there: more where nothing else tells of it, where others depend on it, and where something can be done. */
export function riskOf({ mode, alarms, metrics }: Resource, dependents: number): number {
  const acts = mode === 'heal' || mode === 'approve' ? 1 : mode === 'suggest' ? 0.5 : 0.25;
  const blind = alarms.length === 0 ? 2 : 1;
  const limited = metrics.some(({ limit }) => limit !== undefined) ? 2 : 1;
  return acts * blind * limited * Math.sqrt(1 + dependents);
}

/** What is watched of the inventory, and with what risk. Resources without a metric are left out. */
export function watchedOf(resources: readonly Resource[]): Watched[] {
  const dependents = new Map<Arn, number>();
  for (const { dependsOn } of resources)
    for (const arn of dependsOn) dependents.set(arn, (dependents.get(arn) ?? 0) + 1);
  return resources.flatMap((resource): Watched[] => {
    const series = seriesOf(resource);
    if (series.length === 0) return [];
    const risk = riskOf(resource, dependents.get(resource.arn) ?? 0);
    const groups = Math.min(GROUPS_A_LOOK, groupsOf(resource).length);
    const quick = series.filter((one) => !hasOwnPace(one)); // the others cost twice a period, whatever the interval is
    const cost = costOfRead(quick, groups);
    return [{ arn: resource.arn, cost, risk, ...(quick.length + groups === 0 ? { shortest: LONGEST } : {}) }];
  });
}

/**
 * How often each resource is read, so that a month costs `budget` and the risk-weighted time until something is seen is
 * least. That time is half the interval; of risk r and cost c the best interval is proportional to sqrt(c / r) (Lagrange; the
 * square-root rule, as for capacity in Kleinrock 1964). What the shortest or longest interval holds is settled first, and
 * the rest of the budget shared anew, until nothing changes. Pure.
 * @param budget US dollars a month for reading alone. What even the longest interval costs is spent in any case.
 */
export function intervals(watched: readonly Watched[], budget: number): Map<Arn, Seconds> {
  const settled = new Map<Arn, Seconds>();
  let open = [...watched];
  let left = budget / MONTH;
  while (open.length > 0) {
    const scale = open.reduce((sum, { cost, risk }) => sum + Math.sqrt(cost * risk), 0) / Math.max(left, 1e-300);
    const wished = open.map((one) => ({ one, interval: Math.sqrt(one.cost / one.risk) * scale }));
    // One bound at a time: settling the short ones leaves more for the others, settling the long ones less.
    const tooLong = wished.filter(({ interval }) => interval > LONGEST);
    const tooShort =
      tooLong.length > 0 ? [] : wished.filter(({ one, interval }) => interval < (one.shortest ?? SHORTEST));
    const bound = [...tooLong, ...tooShort];
    if (bound.length === 0) {
      for (const { one, interval } of wished) settled.set(one.arn, interval);
      break;
    }
    for (const { one } of bound) {
      const at = tooLong.length > 0 ? LONGEST : (one.shortest ?? SHORTEST);
      settled.set(one.arn, at);
      left -= one.cost / at;
    }
    open = open.filter(({ arn }) => !settled.has(arn));
  }
  return settled;
}

/** The interval of each resource of the inventory that has a metric, for a budget a month and hundred resources or part of them. */
export function planIntervals(resources: readonly Resource[], dollarsPerMonth: number): Map<Arn, Seconds> {
  const watched = watchedOf(resources);
  const budget = dollarsPerMonth * Math.ceil(watched.length / 100);
  return intervals(watched, Math.max(0, budget - fixedCost(inventoryOf(resources))));
}
