/** Serial episodes: which trouble follows which, learned from the times at which past incidents began. Pure. */
import type { Arn } from '../../../layers/core/arn.ts';
import { AT_ONCE, type Sequence } from '../../../layers/core/sequence.ts';
import { betaQuantile, studentQuantile } from '../../../layers/core/statistics/beta.ts';
import { median } from '../../../layers/core/statistics/quantiles.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { hours, minutes, type Ratio, type Seconds } from '../../../layers/core/units.ts';
import { APART, chanceOf, hourlyOf, isAfter, type Background } from './coincidence.ts';

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
 * once. A pair is told where it came three times or more, and is more than coincidence (`chanceOf`) at 1 % over all pairs and
 * windows that could be tested (Bonferroni); Ma and Hellerstein 2001 ask the same with one rate for all times.
 * @param until now, seconds since the epoch: what came less than a window before is not counted yet
 */
export function sequencesOf(
  all: readonly Occurrence[],
  until: Seconds,
): { readonly sequences: Sequence[]; readonly tested: number } {
  const since = all.reduce((least, { at }) => Math.min(least, at), until);
  const kinds = kindsOf(all);
  const total = hourlyOf(kinds.flatMap(({ spells }) => spells.map(({ at }) => at)));
  const pairs = kinds.flatMap((first) =>
    kinds.flatMap((next) => {
      if (first === next) return [];
      // These two may well come by the clock themselves.
      const hourly = total.map((count, hour) => count - first.hourly[hour]! - next.hourly[hour]!);
      return testsOf(first, next, { since, until, hourly });
    }),
  );
  const tested = pairs.reduce((sum, tests) => sum + tests.length, 0);
  const sequences = pairs.flatMap((tests): Sequence[] => {
    const best = tests.reduce((a, b) => (b.chance < a.chance ? b : a));
    const chance = Math.min(1, best.chance * tested);
    const isTold =
      best.pairs.length >= LEAST_TIMES && best.pairs.length >= AFTER_TO_BEFORE * best.preceded && chance <= FALSELY;
    return isTold ? [sequenceOf(best, chance)] : [];
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
    return [{ spells, confirmed, hourly: hourlyOf(spells.map(({ at }) => at)) }];
  });
}

/** The first of each run that no two hours part. */
export function spellsOf(group: readonly Occurrence[]): Occurrence[] {
  const sorted = group.toSorted((a, b) => a.at - b.at);
  return sorted.filter(({ at }, n) => n === 0 || at - sorted[n - 1]!.at >= APART);
}

/** How a pair fared in one window. */
interface Test {
  readonly within: Seconds;
  readonly came: number;
  readonly pairs: readonly { readonly first: Occurrence; readonly next: Occurrence }[];
  /** Times that the next one began as shortly before the first. */
  readonly preceded: number;
  readonly chance: Ratio;
}

/** In each window; none where too little is known. On one resource only what is confirmed counts: the same trouble, diagnosed otherwise, is no other. */
function testsOf(first: Kind, next: Kind, background: Background): readonly [Test, ...Test[]][] {
  const same = first.spells[0]!.resource === next.spells[0]!.resource;
  const [ones, others] = same ? [first.confirmed, next.confirmed] : [first.spells, next.spells];
  if (others.length < LEAST_TIMES) return [];
  const tests = WINDOWS.flatMap((within): Test[] => {
    const known = ones.filter(({ at }) => at + within <= background.until);
    return known.length < LEAST_TIMES ? [] : [test(known, others, within, background)];
  });
  const [one, ...more] = tests;
  return one ? [[one, ...more]] : [];
}

function test(
  ones: readonly Occurrence[],
  others: readonly Occurrence[],
  within: Seconds,
  background: Background,
): Test {
  const pairs = ones.flatMap((first) => {
    const next = others.find(({ at }) => isAfter(at - first.at, within));
    return next ? [{ first, next }] : [];
  });
  const preceded = ones.filter((one) => others.some(({ at }) => isAfter(one.at - at, within))).length;
  const times = (some: readonly Occurrence[]): Seconds[] => some.map(({ at }) => at);
  const chance =
    pairs.length < LEAST_TIMES ? 1 : chanceOf(pairs.length, times(ones), times(others), within, background);
  return { within, came: ones.length, pairs, preceded, chance };
}

/** The uniform prior: before anything came, every share was as likely. */
const PRIOR = { alpha: 1, beta: 1 };

function sequenceOf({ pairs, came, within }: Test, chance: Ratio): Sequence {
  const { first, next } = pairs[0]!;
  const followed = pairs.length;
  const posterior = { alpha: PRIOR.alpha + followed, beta: PRIOR.beta + came - followed };
  const newest = pairs.toReversed();
  return {
    first: { resource: first.resource, fault: first.fault },
    next: { resource: next.resource, fault: next.fault },
    came,
    followed,
    within,
    probability: posterior.alpha / (posterior.alpha + posterior.beta),
    atLeast: betaQuantile(0.05, posterior),
    lag: lagOf(
      pairs.map((pair) => pair.next.at - pair.first.at),
      within,
    ),
    chance,
    lastAt: new Date(newest[0]!.next.at * 1000).toISOString(),
    incidents: newest
      .slice(0, MOST_INCIDENTS)
      .map((pair) => ({ first: pair.first.incidentId, next: pair.next.incidentId })),
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
