/** What comes by the clock: the same trouble at the same time of the day. Pure. */
import type { Daily } from '../../../layers/core/sequence.ts';
import { atLeast } from '../../../layers/core/statistics/trials.ts';
import { hours, minutes, type Ratio, type Seconds } from '../../../layers/core/units.ts';
import { DAY, timeOfDay } from './coincidence.ts';
import { FALSELY, LEAST_TIMES, spellsOf, type Occurrence } from './sequences.ts';

/** As long as what a job starts may take to show. */
const WIDTH: Seconds = minutes(30);
/** All other troubles within so long around it say how often trouble comes at that time of the day at all. */
const AROUND: Seconds = hours(4);
/** So many troubles at any time of the day are taken for granted, before there are others. */
const TAKEN_FOR_GRANTED = 5;

/** From one time of the day to the next time that it is another. */
const onwards = (from: Seconds, to: Seconds): Seconds => timeOfDay(to - from);

/**
 * Trouble that came at least three times within half an hour of the day, and more often than chance would have it at 5 % over all
 * kinds of trouble: of the windows that begin with one of its times the one that holds most (scan statistic, Naus 1965, bounded
 * by Bonferroni over the windows), against the share of all other troubles at about that time, so that office hours do not tell.
 */
export function dailyOf(all: readonly Occurrence[]): Daily[] {
  const kinds = [...Map.groupBy(all, ({ resource, fault }) => `${fault} ${resource}`).values()]
    .map((group) => ({ group, spells: spellsOf(group) }))
    .filter(({ spells }) => spells.length >= LEAST_TIMES);
  return kinds
    .flatMap(({ group, spells }): Daily[] => {
      const own = new Set(group);
      const daily = fullest(
        spells,
        all.filter((one) => !own.has(one)),
      );
      const chance = Math.min(1, daily.chance * kinds.length);
      return daily.times >= LEAST_TIMES && chance <= FALSELY ? [{ ...daily, chance }] : [];
    })
    .sort((a, b) => a.chance - b.chance || (a.lastAt > b.lastAt ? -1 : 1));
}

function fullest(spells: readonly Occurrence[], others: readonly Occurrence[]): Daily {
  const windows = spells.map((first) => {
    const within = spells.filter(({ at }) => onwards(first.at, at) <= WIDTH);
    const share = shareAround(first.at + WIDTH / 2, others);
    const rest = Array<Ratio>(spells.length - 1).fill(share);
    return { first, within, chance: Math.min(1, spells.length * atLeast(within.length - 1, rest)) };
  });
  const { first, within, chance } = windows.toSorted((a, b) => a.chance - b.chance || a.first.at - b.first.at)[0]!;
  const { resource, fault } = first;
  return {
    trouble: { resource, fault },
    came: spells.length,
    times: within.length,
    from: timeOfDay(first.at),
    to: timeOfDay(first.at + Math.max(...within.map(({ at }) => onwards(first.at, at)))),
    chance,
    lastAt: new Date(Math.max(...within.map(({ at }) => at)) * 1000).toISOString(),
  };
}

/**
 * That a trouble of any kind begins within a window about there, by the busiest of the hours before, around and after it: at nine
 * it is not the empty office of eight that counts. Never less than if all times of the day were alike.
 */
function shareAround(middle: Seconds, others: readonly Occurrence[]): Ratio {
  const shares = [0, AROUND / 2, AROUND].map((back) => {
    const near = others.filter(({ at }) => onwards(middle - back, at) <= AROUND).length;
    return (near + (TAKEN_FOR_GRANTED * AROUND) / DAY) / (others.length + TAKEN_FOR_GRANTED);
  });
  return Math.max(WIDTH / DAY, (Math.max(...shares) * WIDTH) / AROUND);
}
