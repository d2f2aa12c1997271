/** How often one trouble would follow another if it had nothing to do with it. Pure. Times are seconds since the epoch. */
import { AT_ONCE } from '../../../layers/core/sequence.ts';
import { atLeast } from '../../../layers/core/statistics/trials.ts';
import { hours, type Ratio, type Seconds } from '../../../layers/core/units.ts';

export const DAY: Seconds = hours(24);
const HALF_DAY: Seconds = hours(12);
const HOUR: Seconds = hours(1);
/** What came again within so long is the same time. */
export const APART: Seconds = hours(2);

/** What is known of troubles at large. */
export interface Background {
  /** Of what is known: from the first trouble on. */
  readonly since: Seconds;
  readonly until: Seconds;
  /** How often others come in each hour of the day. */
  readonly hourly: readonly number[];
}

export const timeOfDay = (at: Seconds): Seconds => ((at % DAY) + DAY) % DAY;
const hourOf = (at: Seconds): number => Math.floor(timeOfDay(at) / HOUR);

/** Of these times, by the hour of the day. */
export function hourlyOf(times: readonly Seconds[]): number[] {
  const hourly = Array<number>(24).fill(0);
  for (const at of times) hourly[hourOf(at)]! += 1;
  return hourly;
}

/** Whether a lag is one of a sequence. */
export const isAfter = (lag: Seconds, within: Seconds): boolean => lag > AT_ONCE && lag <= within;

/**
 * Chance that at least so many of the first ones are followed within the window, if the next ones came where they came and the first
 * ones independently of them, in either of two ways: each on any day of its kind (weekday or weekend) at its time of the day
 * (Fisher's randomisation test), so that what comes by the clock is not news; or at any time of its own half day, as others come
 * by the hour (interval jitter: Amarasingham, Harrison, Hatsopoulos and Geman 2012), so that bad days are not news. Of the two the
 * greater chance counts, for each time by itself.
 * @param others at least `APART` from each other
 */
export function chanceOf(
  followed: number,
  ones: readonly Seconds[],
  others: readonly Seconds[],
  within: Seconds,
  background: Background,
): Ratio {
  const chances = ones.map((at) =>
    Math.max(shareOfDays(at, others, within, background), shareOfHalfDay(at, others, within, background)),
  );
  return atLeast(followed, chances);
}

/** Of the days like its own, those on which the next one came within the window after the same time of the day. */
function shareOfDays(at: Seconds, others: readonly Seconds[], within: Seconds, { since, until }: Background): Ratio {
  const own = isWeekend(at);
  const days = new Set<number>();
  for (const other of others) {
    const lag = timeOfDay(other - at);
    if (isAfter(lag, within) && isWeekend(other - lag) === own) days.add(Math.round((other - lag - at) / DAY));
  }
  let like = 0;
  for (let day = at - Math.floor((at - since) / DAY) * DAY; day + within <= until; day += DAY)
    if (isWeekend(day) === own) like += 1;
  return Math.min(1, days.size / Math.max(1, like));
}

/** In UTC. The epoch was a Thursday. */
const isWeekend = (at: Seconds): boolean => [2, 3].includes(Math.floor(at / DAY) % 7);

/** Of the half day that it came in, the part after which the next one came within the window. */
function shareOfHalfDay(at: Seconds, others: readonly Seconds[], within: Seconds, { hourly }: Background): Ratio {
  const from = Math.floor(at / HALF_DAY) * HALF_DAY;
  const to = from + HALF_DAY;
  const before = others.reduce(
    (sum, next) => sum + weightOf(Math.max(from, next - within), Math.min(to, next - AT_ONCE), hourly),
    0,
  );
  return Math.min(1, before / weightOf(from, to, hourly));
}

/** Before there was any, every hour was as likely. */
const TAKEN_FOR_GRANTED = 1;

/** Troubles from one instant to another. */
function weightOf(from: Seconds, to: Seconds, hourly: Background['hourly']): number {
  let weight = 0;
  for (let at = from; at < to;) {
    const end = Math.min(to, (Math.floor(at / HOUR) + 1) * HOUR);
    weight += ((hourly[hourOf(at)]! + TAKEN_FOR_GRANTED) * (end - at)) / HOUR;
    at = end;
  }
  return weight;
}
