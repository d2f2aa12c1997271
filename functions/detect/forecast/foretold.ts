/** A forecast of a watched series: how far it looks back, and what it says. */
import type { Foretold } from '../../../layers/core/signal.ts';
import { minutes, type Instant, type Seconds } from '../../../layers/core/units.ts';
import type { WatchPolicy } from '../../../layers/core/watch-policy.ts';
import { keptFor, type Points, type WatchedSeries } from '../../../layers/core/watched-series.ts';
import { foretell, LOOKED_BACK } from './foretell.ts';

/** Twice the longest stretch that a line is drawn through, to know what is its habit. */
const PERIODS = 240;

/** From when on the points of a series are read to foretell it: a day, or as many periods as make the longest line twice. */
export function forecastFrom(period: Seconds, now: Instant): Seconds {
  const back = period < minutes(1) ? keptFor(period) : Math.max(LOOKED_BACK, PERIODS * period);
  return Math.floor((Date.parse(now) / 1000 - back) / period) * period;
}

/** What is foretold of a series by these points, and whether it is to be told or only suspected. */
export function riseBy(
  { id, period }: Pick<WatchedSeries, 'id' | 'period'>,
  limit: Foretold['limit'],
  points: Points,
  now: Seconds,
  { horizon, alertsPerWeek }: Pick<WatchPolicy, 'horizon' | 'alertsPerWeek'>,
): { readonly foretold: Foretold; readonly told: boolean } | undefined {
  const timed = points.map(([at, value]) => ({ at, value }));
  const rise = foretell({ points: timed, now, limit, period, horizon, alertsPerWeek });
  const last = points.at(-1);
  if (!rise || !last) return undefined;
  const { trend, inSeconds, earliest, latest, probability } = rise.reaches;
  const foretold = {
    series: id,
    limit,
    value: last[1],
    slope: trend.slope,
    inSeconds,
    earliest,
    latest,
    probability: Math.min(1, Math.max(0, probability)),
    horizon,
  };
  return { foretold, told: rise.told };
}
