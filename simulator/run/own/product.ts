import { breaking, callFaults, isPossible, type CallFault } from './call-faults.ts';
import type { CleanIncident } from './incidents.ts';
import { trial, type Trial } from './trial.ts';

/** A call that a clean incident makes: where something can be made to go wrong. */
export interface Point {
  readonly incident: CleanIncident;
  /** `Verify ecs.DescribeServices` */
  readonly pair: string;
  readonly nth: number;
}

export interface Injection extends Point {
  readonly fault: CallFault;
}

export interface Injected extends Injection {
  /** False: the run never came to this call. */
  readonly done: boolean;
  readonly ending: string;
  readonly broken: readonly string[];
}

export const serviceOf = ({ pair }: Pick<Point, 'pair'>): string => pair.split(' ')[1]!.split('.')[0]!;

/**
 * Every pair of state and call that the incidents make, at its first call, in the incident that makes the fewest calls;
 * one that changes what is healed at each of its calls, in every incident.
 */
export function pointsOf(clean: readonly { readonly incident: CleanIncident; readonly trial: Trial }[]): Point[] {
  const dearest = (one: (typeof clean)[number]) => [...one.trial.pairs.values()].reduce((sum, n) => sum + n, 0);
  const firsts = new Map<string, Point>();
  const changes: Point[] = [];
  for (const { incident, trial } of clean.toSorted((a, b) => dearest(a) - dearest(b))) {
    for (const [pair, times] of trial.pairs) {
      if (trial.mutating.has(pair)) for (let nth = 1; nth <= times; nth += 1) changes.push({ incident, pair, nth });
      else if (!firsts.has(pair)) firsts.set(pair, { incident, pair, nth: 1 });
    }
  }
  return [...firsts.values(), ...changes];
}

/** Every fault at every point. */
export const product = (points: readonly Point[]): Injection[] =>
  points.flatMap((point) =>
    callFaults.filter((fault) => isPossible(fault, serviceOf(point))).map((fault) => ({ ...point, fault })),
  );

/** Every point once, and every fault at least once at each service: what is run where the whole product takes too long. */
export function covering(points: readonly Point[]): Injection[] {
  const chosen: Injection[] = [];
  for (const [service, own = []] of Object.entries(Object.groupBy(points, serviceOf))) {
    const possible = callFaults.filter((fault) => isPossible(fault, service));
    for (let n = 0; n < Math.max(own.length, possible.length); n += 1)
      chosen.push({ ...own[n % own.length]!, fault: possible[n % possible.length]! });
  }
  return chosen;
}

/** Runs one incident with one call gone wrong. */
export async function inject(injection: Injection): Promise<Injected> {
  const { interfere, done } = breaking(injection.pair, injection.nth, injection.fault);
  const { ending, violations } = await trial(injection.incident, { interfere });
  return {
    ...injection,
    done: done(),
    ending,
    broken: violations.map(({ invariant, what }) => `${invariant}: ${what}`),
  };
}

export const describeInjection = ({ fault, nth, pair, incident }: Injection): string =>
  `${fault} at ${pair} #${nth} where ${incident.name}`;

/** `pairs × faults`, and how the incidents ended. */
export function summaryOf(injected: readonly Injected[]): string {
  const pairs = new Set(injected.map(({ pair }) => pair)).size;
  const faults = new Set(injected.map(({ fault }) => fault)).size;
  const endings = Object.entries(Object.groupBy(injected, ({ ending }) => ending))
    .map(([ending, all = []]) => `${String(all.length).padStart(6)}  ${ending}`)
    .sort()
    .toReversed();
  return [
    `${pairs} pairs of state and call × ${faults} faults: ${injected.length} injected`,
    ...endings,
    `${String(injected.filter(({ broken }) => broken.length > 0).length).padStart(6)}  with a broken invariant`,
  ].join('\n');
}
