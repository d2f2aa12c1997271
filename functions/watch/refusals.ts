import { median } from '../../layers/core/statistics/quantiles.ts';
import { hours, minutes, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { Points, WatchedSeries } from '../../layers/core/watched-series.ts';
import type { KeptSeries } from '../../layers/runtime/kb/knowledge.ts';
import type { Seen } from './series.ts';

/** Calls that AWS refused, again and again. */
export interface Refused {
  /** When the first of them was. */
  readonly at: Seconds;
  /** How many in a period, as a rule. */
  readonly value: number;
  /** In so many of the newest periods, and how many these are. */
  readonly periods: number;
  readonly of: number;
}

/** What a client tries again after a moment succeeds: single refusals are how AWS sheds a burst, and nobody is hurt. */
const OFTEN = 3;
const NEWEST = 5;
/** What was told is not told again while it goes on, and not for so long after. */
const QUIET: Seconds = hours(2);
/** The plan may look late: what ended before that is over. */
const STILL: Seconds = minutes(15);

/**
 * Whether calls are refused again and again: in three of five minutes, of which the newest is not long ago. Pure.
 * @param points without gaps: 0 where nothing was refused (`readSeries`)
 */
export function stepRefusals(series: WatchedSeries, kept: KeptSeries | undefined, points: Points, now: Instant): Seen {
  const found = lastRefused(points, Date.parse(now) / 1000 - STILL - 2 * series.period);
  if (!found) return { series };
  const told = kept?.quietUntil !== undefined && found.at < kept.quietUntil;
  // Written once an hour at most, while it goes on.
  if (told && secondsBetween(kept.keptAt, now) < QUIET / 2) return { series };
  const last = points.at(-1)?.[0] ?? found.at;
  const keep = { version: (kept?.version ?? 0) + 1, last, keptAt: now, quietUntil: last + QUIET };
  return { series, keep, ...(told ? {} : { refused: found }) };
}

/** The newest five periods with three or more refusals that end after `since`. */
function lastRefused(points: Points, since: Seconds): Refused | undefined {
  for (let end = points.length; end > 0; end -= 1) {
    const newest = points.slice(Math.max(0, end - NEWEST), end);
    if ((newest.at(-1)?.[0] ?? 0) < since) return undefined;
    const refused = newest.filter(([, value]) => value > 0);
    const [first] = refused;
    if (first && refused.length >= OFTEN)
      return {
        at: first[0],
        value: median(refused.map(([, value]) => value)),
        periods: refused.length,
        of: newest.length,
      };
  }
  return undefined;
}
