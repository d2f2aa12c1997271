import type { Sample } from '../../../layers/core/detector.ts';
import type { Seconds } from '../../../layers/core/units.ts';
import { DAY } from './order.ts';
import { median } from './windows.ts';

/** What a series usually is at a time of day: the median over the last days' means of each half hour (UTC). */
export interface Season {
  readonly days: Float64Array;
  readonly count: Uint8Array;
  slot: number;
  sum: number;
  n: number;
}

const SLOTS = 48;
const KEPT = 10;
const WIDTH: Seconds = DAY / SLOTS;

export function startSeason(): Season {
  return { days: new Float64Array(SLOTS * KEPT), count: new Uint8Array(SLOTS), slot: -1, sum: 0, n: 0 };
}

/** The usual value at `at`, null before two days are known; then the sample joins the day that is under way. */
export function usual(season: Season, { at, value }: Sample): number | null {
  const slot = Math.floor(at / WIDTH) % SLOTS;
  const place = slot < 0 ? slot + SLOTS : slot;
  if (place !== season.slot) closeSlot(season, place);
  season.sum += value;
  season.n++;
  const known = Math.min(KEPT, season.count[place]!);
  return known < 2 ? null : median(season.days.slice(place * KEPT, place * KEPT + known).sort());
}

function closeSlot(season: Season, place: number): void {
  if (season.n > 0) {
    const { slot, count } = season;
    season.days[slot * KEPT + (count[slot]! % KEPT)] = season.sum / season.n;
    // Wraps between KEPT and 2 × KEPT: the oldest place is next, and "full" stays known in a byte.
    count[slot] = count[slot]! + 1 === 2 * KEPT ? KEPT : count[slot]! + 1;
  }
  season.slot = place;
  season.sum = 0;
  season.n = 0;
}
