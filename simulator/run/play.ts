import { randomFor } from '../../sandbox/load/random.ts';
import { addSeconds, hours, type Instant } from '../../layers/core/units.ts';
import { shops } from '../world/spec.ts';
import { Account } from './account.ts';
import { carriedFrom, NOTHING, type Carried } from './carry.ts';
import { ALL, episode, HEAD_START, type Drawn, type Episode } from './episode.ts';
import { Invariants, type Violation } from './invariants.ts';

/** Which episode of which run, and what the account remembered when it began: all it takes to play it again. */
export interface Which {
  readonly seed: number;
  /** From 1. */
  readonly n: number;
  readonly carried: Carried;
  /** Default all there are: those that came since would make another episode of a kept one. */
  readonly drawn?: Drawn;
}

export interface Played {
  readonly account: Account;
  readonly episode: Episode;
  readonly violations: readonly Violation[];
  readonly carried: Carried;
}

const START = '2026-03-02T00:00:00.000Z';

/** When an episode begins: each of the shop's resources falls ill about once a day, at any time of day. */
export function beginOf(seed: number, n: number): Instant {
  const fleet = shops();
  const every = hours(24) / (fleet.services.length + fleet.functions.length);
  const late = Math.round(randomFor(seedOf(seed, n), 'begin')() * (every - LONGEST));
  return addSeconds(START, n * every + late);
}
/** Longer than an episode: the next one never begins before the last one has ended. */
const LONGEST = hours(3.5);

const seedOf = (seed: number, n: number): number => seed * 1_000_003 + n;

/** Plays one episode in an account of its own, watched by the invariants. @param healing false: nobody heals */
export async function play({ seed, n, carried, drawn = ALL }: Which, healing = true): Promise<Played> {
  const bound: { invariants?: Invariants } = {};
  const account = await Account.open({
    seed: seedOf(seed, n),
    start: addSeconds(beginOf(seed, n), healing ? 0 : HEAD_START),
    fleet: shops(),
    carried,
    healing,
    world: { habits: seed },
    async between({ answer }) {
      const answered = await answer();
      await bound.invariants?.look();
      return answered;
    },
  });
  const invariants = (bound.invariants = new Invariants(account));
  const played = await episode(account, n, randomFor(seedOf(seed, n), 'episode'), drawn);
  await invariants.atRest(beginOf(seed, n));
  return { account, episode: played, violations: invariants.violations, carried: carriedFrom(account.tables) };
}

/** What an episode came to, with and without healing. */
export interface Pair {
  readonly which: Which;
  readonly healed: Played;
  readonly unhealed: Episode;
}

/** A run: each episode begins with what was learned in those before it, and is played again with nobody healing. */
export async function* playAll(seed: number): AsyncGenerator<Pair> {
  let carried = NOTHING;
  for (let n = 1; ; n += 1) {
    const which = { seed, n, carried };
    const healed = await play(which);
    const unhealed = await play({ seed, n, carried: NOTHING }, false);
    carried = healed.carried;
    yield { which, healed, unhealed: unhealed.episode };
  }
}
