import { logGamma } from '../../../layers/core/statistics/gamma.ts';
import type { Ratio, Seconds } from '../../../layers/core/units.ts';
import type { Event } from './input.ts';

/**
 * What happened within one span of a request on one resource, in the order of time: its operation first, then its log
 * templates and the operations it called.
 */
export interface Sequence {
  readonly node: string;
  readonly events: readonly string[];
}

/** A sequence with when it began, in seconds since the epoch. */
export interface TimedSequence extends Sequence {
  readonly at: Seconds;
}

/** Onsets that are tried within what it may be off by: finer ones change no answer, since requests take seconds. */
const SPLITS = 4;

const END = 'the end';
/** Half a count before anything is seen: Jeffreys' prior. */
const PRIOR = 0.5;
/** A step seen less often says nothing. */
const ENOUGH = 2;
/** An event is new where it is so many times as frequent as it was (as log lines are, see support/facts.ts). */
const NEW = 3;

const TROUBLE = /\b(?:error|fatal|panic|fail\w*)\b|error|exception/i;

/** How much each way to differ is a symptom. */
const WEIGHT = {
  /** Trouble is reported where there was none. */
  trouble: 1,
  /** It stops short of what always followed. */
  short: 1,
  /** It goes another way, as requests that ask for something else do. */
  other: 0.3,
  /** It goes further than it did, or trouble is gone. */
  better: 0,
} as const;

type Steps = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Steps of requests that changed: after event A on a resource came B, and now comes C. Each step is compared given A, so that
 * more or other requests alone make no difference. What a change is worth is the logarithm of its Bayes factor (two
 * Dirichlet-multinomial distributions against one), times the total variation between them, times what kind of change it is.
 * After the event patterns of Nezha (Yu et al., FSE 2023), which compare supports instead.
 *
 * @returns the changes of every resource, strongest first, none of strength 0
 */
export function sequenceEvents(before: readonly Sequence[], after: readonly Sequence[]): Event[] {
  const was = stepsOf(before);
  const is = stepsOf(after);
  const [often, oftener] = [was, is].map(sharesOf);
  const isNew = (node: string, event: string) => (oftener?.(node, event) ?? 0) >= NEW * (often?.(node, event) ?? 0);
  return [...is]
    .flatMap(([key, now]) => {
      const then = was.get(key);
      return then ? compare(key, then, now, isNew) : [];
    })
    .filter(({ strength }) => strength > 0)
    .sort((a, b) => b.strength - a.strength);
}

/**
 * The same where it is not sure when the trouble began: of each resource the strongest change over the onsets that are
 * possible, since what was normal in the meantime hides it, and what was not is no measure of it.
 *
 * @param past sequences of before, all normal
 * @param window sequences around the onset
 */
export function eventsAround(
  past: readonly Sequence[],
  window: readonly TimedSequence[],
  onset: Seconds,
  tolerance: Seconds,
): Event[] {
  const events = Array.from({ length: SPLITS }, (_, i) => onset - (tolerance * i) / (SPLITS - 1)).flatMap((split) =>
    sequenceEvents(
      [...past, ...window.filter(({ at }) => at < split)],
      window.filter(({ at }) => at >= split),
    ),
  );
  return [...Map.groupBy(events, ({ node }) => node).values()]
    .flatMap((all) => all.toSorted((a, b) => b.strength - a.strength)[0] ?? [])
    .sort((a, b) => b.strength - a.strength);
}

/** Counts of what follows what, by resource and event. The same event twice in a row counts once: logs repeat lines. */
function stepsOf(sequences: readonly Sequence[]): Steps {
  const steps = new Map<string, Map<string, number>>();
  for (const { node, events } of sequences) {
    const once = events.filter((event, i) => event !== events[i - 1]);
    once.forEach((event, i) => {
      const key = keyOf(node, event);
      const next = steps.get(key) ?? new Map<string, number>();
      steps.set(key, next);
      const follows = once[i + 1] ?? END;
      next.set(follows, (next.get(follows) ?? 0) + 1);
    });
  }
  return steps;
}

/** Of all that happens on a resource, the share that an event has. */
function sharesOf(steps: Steps): (node: string, event: string) => Ratio {
  const totals = new Map<string, number>();
  for (const [key, next] of steps) {
    const [node = ''] = key.split('\n', 1);
    totals.set(node, (totals.get(node) ?? 0) + sum([...next.values()]));
  }
  return (node, event) => sum([...(steps.get(keyOf(node, event))?.values() ?? [])]) / (totals.get(node) ?? 1);
}

const keyOf = (node: string, event: string): string => `${node}\n${event}`;

function compare(
  key: string,
  then: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
  isNew: (node: string, event: string) => boolean,
): Event[] {
  const names = [...new Set([...then.keys(), ...now.keys()])];
  const [x, y] = [then, now].map((steps) => names.map((name) => steps.get(name) ?? 0)) as [number[], number[]];
  const [n, m] = [sum(x), sum(y)];
  if (n < ENOUGH || m < ENOUGH) return [];
  const shift = names.map((name, i) => ({
    name,
    by: (y[i] ?? 0) / m - (x[i] ?? 0) / n,
    then: x[i] ?? 0,
    now: y[i] ?? 0,
  }));
  const gained = shift.reduce((best, one) => (one.by > best.by ? one : best));
  const lost = shift.reduce((best, one) => (one.by < best.by ? one : best));
  const variation: Ratio = shift.reduce((total, { by }) => total + Math.max(0, by), 0);
  const factor = evidence(x) + evidence(y) - evidence(x.map((count, i) => count + (y[i] ?? 0)));
  const [node = '', event = ''] = key.split('\n', 2);
  const strength = Math.max(0, factor) * variation * WEIGHT[kindOf(gained.name, lost.name)];
  return [
    {
      node,
      strength,
      way: wayOf(gained.name, isNew(node, gained.name)),
      what: `After "${short(event)}" comes "${short(gained.name)}" (${gained.now} of ${m}, before ${gained.then} of ${n}), not "${short(lost.name)}" (${lost.now}, before ${lost.then}).`,
    },
  ];
}

function kindOf(gained: string, lost: string): keyof typeof WEIGHT {
  if (TROUBLE.test(gained) && !TROUBLE.test(lost)) return 'trouble';
  if (TROUBLE.test(lost)) return 'better';
  if (gained === END) return 'short';
  return lost === END ? 'better' : 'other';
}

/** Names an error that was thrown, whatever the language. */
export const THROWN = /exception|\bthrow|traceback|\bpanic|unhandled|uncaught/i;

/**
 * An error leaves what was under way: what always followed is missing, and nothing is there in its place but word of the
 * error, or what came later anyway. A wrong answer is handed on to a branch of the code that is there for it.
 */
const wayOf = (gained: string, isNew: boolean): NonNullable<Event['way']> =>
  gained === END || !isNew || THROWN.test(gained) ? 'broken-off' : 'another';

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const short = (event: string): string => (event.length > 90 ? `${event.slice(0, 89)}…` : event);

/** Logarithm of the probability of the counts under a Dirichlet-multinomial distribution, up to what cancels out. */
function evidence(counts: readonly number[]): number {
  const prior = counts.length * PRIOR;
  return (
    logGamma(prior) -
    logGamma(sum(counts) + prior) +
    sum(counts.map((count) => logGamma(count + PRIOR) - logGamma(PRIOR)))
  );
}
