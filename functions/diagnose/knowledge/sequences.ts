/** Serial episodes: which trouble follows which, learned from the times at which past incidents began. Pure. */
import type { Arn } from '../../../layers/core/arn.ts';
import { AT_ONCE, type Sequence } from '../../../layers/core/sequence.ts';
import { betaQuantile, studentQuantile } from '../../../layers/core/statistics/beta.ts';
import { median } from '../../../layers/core/statistics/quantiles.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { hours, minutes, type Ratio, type Seconds } from '../../../layers/core/units.ts';
import { APART, chanceOf as chanceAsItComes, hourlyOf, isAfter, type Background } from './coincidence.ts';

/** One trouble of the past. */
export interface Occurrence {
  readonly incidentId: string;
  readonly resource: Arn;
  readonly fault: Fault;
  /** Its onset, seconds since the epoch. */
  readonly at: Seconds;
  /** A person or a healing says what it was. */
  readonly confirmed: boolean;
}

/** Twice may be chance. */
export const LEAST_TIMES = 3;
/** Chance of telling any sequence where there is none, each time it is learned; the same for times of the day. */
export const FALSELY: Ratio = 0.05;
/** How long after the first the next one may begin: no longer than what parts two times. */
const WINDOWS: readonly Seconds[] = [minutes(15), minutes(30), hours(1), APART];
/** What comes first as often as a third of the times that it comes after does not follow. */
const AFTER_TO_BEFORE = 3;
const MOST_INCIDENTS = 5;

/** One kind of trouble with the times that it came; what came again within two hours is the same time. */
interface Kind {
  readonly spells: readonly Occurrence[];
  /** Those of what is confirmed alone. */
  readonly confirmed: readonly Occurrence[];
  readonly hourly: readonly number[];
}

/**
 * Which trouble follows which, as serial episodes of two within a window (Mannila, Toivonen and Verkamo 1997), each time counted
 * once. A pair is told where it came three times or more, and is more than coincidence (coincidence.ts) at 5 % over all pairs and
 * windows that could be tested (Bonferroni); Ma and Hellerstein 2001 ask the same with one rate for all times.
 * @param until now, seconds since the epoch: what came less than a window before is not counted yet
 * @param chanceOf what coincidence is
 */
export function sequencesOf(
  all: readonly Occurrence[],
  until: Seconds,
  chanceOf = chanceAsItComes,
): { readonly sequences: Sequence[]; readonly tested: number } {
  const since = all.reduce((least, { at }) => Math.min(least, at), until);
  const kinds = kindsOf(all);
  const total = hourlyOf(kinds.flatMap(({ spells }) => timesOf(spells)));
  const pairs = kinds.flatMap((first) => kinds.flatMap((next) => pairOf(first, next, until)));
  const tested = pairs.reduce((sum, { windows }) => sum + windows.length, 0);
  const sequences = pairs.flatMap((pair): Sequence[] => {
    // These two may well come by the clock themselves.
    const hourly = total.map((count, hour) => count - pair.first.hourly[hour]! - pair.next.hourly[hour]!);
    const tests = testsOf(pair, { since, until, hourly }, chanceOf);
    const best = tests.toSorted((a, b) => a.chance - b.chance)[0];
    const chance = best && Math.min(1, best.chance * tested);
    return chance !== undefined && chance <= FALSELY ? [sequenceOf(best!, chance)] : [];
  });
  return { sequences: sequences.sort((a, b) => a.chance - b.chance || (a.lastAt > b.lastAt ? -1 : 1)), tested };
}

/** Kinds of trouble that came three times or more. */
function kindsOf(all: readonly Occurrence[]): Kind[] {
  const groups = Map.groupBy(all, ({ resource, fault }) => `${fault} ${resource}`);
  return [...groups.values()].flatMap((group): Kind[] => {
    const spells = spellsOf(group);
    if (spells.length < LEAST_TIMES) return [];
    const confirmed = spellsOf(group.filter((one) => one.confirmed));
    return [{ spells, confirmed, hourly: hourlyOf(timesOf(spells)) }];
  });
}

/** The first of each run that no two hours part. */
export function spellsOf(group: readonly Occurrence[]): Occurrence[] {
  const sorted = group.toSorted((a, b) => a.at - b.at);
  return sorted.filter(({ at }, n) => n === 0 || at - sorted[n - 1]!.at >= APART);
}

const timesOf = (some: readonly Occurrence[]): Seconds[] => some.map(({ at }) => at);

/** Two kinds of trouble that came often enough to be tested, in these windows. */
interface Pair {
  readonly first: Kind;
  readonly next: Kind;
  readonly ones: readonly Occurrence[];
  readonly others: readonly Occurrence[];
  readonly windows: readonly Seconds[];
}

/** On one resource only what is confirmed counts: the same trouble, diagnosed otherwise, is no other. */
function pairOf(first: Kind, next: Kind, until: Seconds): Pair[] {
  if (first === next) return [];
  const same = first.spells[0]!.resource === next.spells[0]!.resource;
  const [ones, others] = same ? [first.confirmed, next.confirmed] : [first.spells, next.spells];
  const third = ones[LEAST_TIMES - 1];
  if (!third || others.length < LEAST_TIMES) return [];
  const windows = WINDOWS.filter((within) => third.at + within <= until);
  return windows.length > 0 ? [{ first, next, ones, others, windows }] : [];
}

/** How a pair fared in one window. */
interface Test {
  readonly within: Seconds;
  readonly came: number;
  readonly times: readonly { readonly first: Occurrence; readonly next: Occurrence }[];
  readonly chance: Ratio;
}

/** In each window in which it came often enough, and in this order. Two hours part the others, so that one follows at most. */
function testsOf({ ones, others, windows }: Pair, background: Background, chanceOf: typeof chanceAsItComes): Test[] {
  const lags = ones.map((first) => ({
    first,
    next: others.find(({ at }) => isAfter(at - first.at, APART)),
    before: others.findLast(({ at }) => isAfter(first.at - at, APART)),
  }));
  if (lags.filter(({ next }) => next).length < LEAST_TIMES) return [];
  return windows.flatMap((within): Test[] => {
    const known = lags.filter(({ first }) => first.at + within <= background.until);
    const times = known.flatMap(({ first, next }) => (next && next.at - first.at <= within ? [{ first, next }] : []));
    const preceded = known.filter(({ first, before }) => before && first.at - before.at <= within).length;
    if (times.length < LEAST_TIMES || times.length < AFTER_TO_BEFORE * preceded) return [];
    const came = timesOf(known.map(({ first }) => first));
    const chance = chanceOf(times.length, came, timesOf(others), within, background);
    return [{ within, came: came.length, times, chance }];
  });
}

/** The uniform prior: before anything came, every share was as likely. */
const PRIOR = { alpha: 1, beta: 1 };

function sequenceOf({ times, came, within }: Test, chance: Ratio): Sequence {
  const { first, next } = times[0]!;
  const followed = times.length;
  const posterior = { alpha: PRIOR.alpha + followed, beta: PRIOR.beta + came - followed };
  const newest = times.toReversed();
  return {
    first: { resource: first.resource, fault: first.fault },
    next: { resource: next.resource, fault: next.fault },
    came,
    followed,
    within,
    probability: posterior.alpha / (posterior.alpha + posterior.beta),
    atLeast: betaQuantile(0.05, posterior),
    lag: lagOf(
      times.map((one) => one.next.at - one.first.at),
      within,
    ),
    chance,
    lastAt: new Date(newest[0]!.next.at * 1000).toISOString(),
    incidents: newest
      .slice(0, MOST_INCIDENTS)
      .map((one) => ({ first: one.first.incidentId, next: one.next.incidentId })),
  };
}

/**
 * The median, and where the next lag lies with 90 %: the prediction interval of a lognormal sample, since delays are positive and
 * skewed and three of them say little of the tails (Hahn and Meeker 1991, §4.2.3, on logarithms), within what was looked at.
 */
function lagOf(lags: readonly Seconds[], within: Seconds): Sequence['lag'] {
  const n = lags.length;
  const logs = lags.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / n;
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (n - 1));
  const reach = studentQuantile(0.95, n - 1) * deviation * Math.sqrt(1 + 1 / n);
  const middle = median(lags);
  return {
    median: middle,
    low: Math.max(AT_ONCE, Math.min(middle, Math.exp(mean - reach))),
    high: Math.min(within, Math.max(middle, Math.exp(mean + reach))),
  };
}
