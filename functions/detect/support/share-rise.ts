import { hours, minutes, type Ratio, type Seconds } from '../../../layers/core/units.ts';

/** What ended within a minute: how many, and how many were odd in which way. */
export interface Bucket {
  /** Start of the minute, seconds since the epoch. */
  readonly at: Seconds;
  /** When the first of the odd ones ended; that of the minute where none is. */
  readonly first: Seconds;
  readonly seen: number;
  readonly odd: Readonly<Record<string, number>>;
}

/** What speaks for one alternative since it last spoke against it. */
interface Run {
  /** Logarithm of the likelihood ratio. */
  readonly weight: number;
  readonly since: Seconds;
  readonly seen: number;
  readonly odd: Readonly<Record<string, number>>;
  /** Minutes in which any was odd, and the last of them. */
  readonly minutes: number;
  readonly last: Seconds;
}

/** Plain JSON. */
export interface ShareState {
  /** Discounted counts. */
  readonly seen: number;
  readonly odd: number;
  /** How much more the counts of a minute vary than chance has it; 1 and more. */
  readonly spread: number;
  readonly runs: readonly Run[];
  /** When what goes on was told of; null while nothing is. */
  readonly told: Seconds | null;
}

export interface Rise {
  readonly since: Seconds;
  readonly seen: number;
  readonly odd: Readonly<Record<string, number>>;
  readonly usual: Ratio;
}

/** Alternatives: the odds are so many times the usual ones. */
const TIMES = [4, 16, 64];
/** A smaller share is nobody's trouble. */
const LEAST_SHARE: Ratio = 0.02;
/** A usual share below is not known from so many as are remembered. */
const LEAST_USUAL: Ratio = 0.001;
const MOST_USUAL: Ratio = 0.9;
/** One odd session is no incident, nor is what a task that was stopped cut short: it comes again and again. */
const LEAST_ODD = 5;
const LEAST_MINUTES = 3;
/** Before so many are judged nobody knows what is usual. */
const LEAST_SEEN = 250;
/** What goes on for so long is how things are. */
const LASTS: Seconds = hours(24);
/** After so many sessions the past counts half. */
const HALF_LIFE = 5_000;
/** Of minutes, for the spread; one minute alone says no more than this. */
const SPREAD_HALF_LIFE = 1_440;
const MOST_SPREAD = 1_000;
/** Ways of being odd that are counted apart. */
const WAYS = 8;
const WEEK: Seconds = 7 * 86_400;

const NO_RUN: Run = { weight: 0, since: 0, seen: 0, odd: {}, minutes: 0, last: 0 };

/** @param share that is thought to be usual; it weighs as much as 50 sessions */
export const startShare = (share: Ratio): ShareState => ({
  seen: 50,
  odd: 50 * share,
  spread: 1,
  runs: TIMES.map(() => NO_RUN),
  told: null,
});

const thresholdOf = (alertsPerWeek: number): number => Math.log((TIMES.length * WEEK) / minutes(1) / alertsPerWeek);

/** One minute alone brings it no nearer: to what a task that was stopped cut short, few others would have to be added. */
const mostOfAMinute = (alertsPerWeek: number): number => thresholdOf(alertsPerWeek) / (LEAST_MINUTES - 0.5);

/**
 * Whether odd ones are suspected of being no accident, by now, and not for so long that it is how things are: what is learned from
 * them would make them usual.
 */
export function isRaised(
  { runs, told }: Pick<ShareState, 'runs' | 'told'>,
  alertsPerWeek: number,
  now: Seconds,
): boolean {
  const { weight, since } = heaviest(runs);
  return weight >= mostOfAMinute(alertsPerWeek) && now - (told ?? since) < LASTS;
}

const heaviest = (runs: readonly Run[]): Run => runs.reduce((a, b) => (b.weight > a.weight ? b : a));

const total = (odd: Readonly<Record<string, number>>): number => Object.values(odd).reduce((sum, n) => sum + n, 0);

/**
 * Whether odd ones are a greater part of what ends than is usual: Page's cumulative sum (1954, Biometrika 41) of the
 * log-likelihood ratio of the share being greater, for three alternatives. In health a threshold of log A is passed once in A
 * minutes or less often (Lorden 1971, Ann. Math. Statist. 42), shared among the alternatives. Where odd ones come in bursts
 * counts weigh less, by how much more they vary than binomial ones (quasi-likelihood, Wedderburn 1974, Biometrika 61). What
 * is usual is learned as it goes, discounted, but not from what is suspected. It does not depend on how minutes are divided among looks, but for minutes cut in two.
 */
export function stepShare(
  state: ShareState,
  bucket: Bucket,
  alertsPerWeek: number,
): { state: ShareState; rise?: Rise } {
  if (!(bucket.seen > 0) || !Number.isFinite(bucket.at)) return { state };
  const odd = Math.min(bucket.seen, total(bucket.odd));
  const usual = Math.min(MOST_USUAL, Math.max(LEAST_USUAL, (state.odd + 1) / (state.seen + 2)));
  const threshold = thresholdOf(alertsPerWeek);
  const runs = state.runs.map((run, i) => {
    const odds = (TIMES[i]! * usual) / (1 - usual);
    const share = Math.max(LEAST_SHARE, odds / (1 + odds));
    const ratio = odd * Math.log(share / usual) + (bucket.seen - odd) * Math.log((1 - share) / (1 - usual));
    return grown(run, bucket, odd, Math.min(ratio / state.spread, mostOfAMinute(alertsPerWeek)), 3 * threshold);
  });
  const most = heaviest(runs);
  const often = total(most.odd);
  const isNews =
    state.told === null &&
    state.seen >= LEAST_SEEN &&
    most.weight >= threshold &&
    often >= LEAST_ODD &&
    most.minutes >= LEAST_MINUTES &&
    often >= LEAST_SHARE * most.seen;
  const told = isNews ? bucket.at : most.weight > 0 ? state.told : null;
  const { since, seen } = most;
  const next = { runs, told };
  const isUsual = !isRaised(next, alertsPerWeek, bucket.at);
  return {
    state: { ...state, ...(isUsual ? learned(state, bucket.seen, odd, usual) : {}), ...next },
    ...(isNews ? { rise: { since, seen, odd: most.odd, usual } } : {}),
  };
}

function grown(run: Run, { at, first, seen, odd: ways }: Bucket, odd: number, ratio: number, most: number): Run {
  const weight = Math.min(most, run.weight + ratio);
  if (!(weight > 0)) return NO_RUN;
  const isAnother = odd > 0 && at !== run.last;
  return {
    weight,
    since: run.weight > 0 ? Math.min(run.since, first) : first,
    seen: run.seen + seen,
    odd: added(run.odd, ways),
    minutes: run.minutes + (isAnother ? 1 : 0),
    last: odd > 0 ? at : run.last,
  };
}

/** The sum, of the ways that are most frequent. */
export function added(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum = new Map(Object.entries(a));
  for (const [way, n] of Object.entries(b)) sum.set(way, (sum.get(way) ?? 0) + n);
  return Object.fromEntries([...sum].sort(([, one], [, other]) => other - one).slice(0, WAYS));
}

function learned(
  state: ShareState,
  seen: number,
  odd: number,
  usual: Ratio,
): Pick<ShareState, 'seen' | 'odd' | 'spread'> {
  const keep = 0.5 ** (seen / HALF_LIFE);
  const expected = seen * usual;
  const varied = Math.min(MOST_SPREAD, (odd - expected) ** 2 / (expected * (1 - usual)));
  const share = 1 - 0.5 ** (1 / SPREAD_HALF_LIFE);
  return {
    seen: state.seen * keep + seen,
    odd: state.odd * keep + odd,
    spread: Math.max(1, (1 - share) * state.spread + share * varied),
  };
}
