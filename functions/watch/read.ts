import { hours, minutes, type Instant, type Seconds } from '../../layers/core/units.ts';
import { isSlow, keptFor, type WatchedSeries } from '../../layers/core/watched-series.ts';
import type { KeptSeries } from '../../layers/runtime/kb/knowledge.ts';
import { forecastFrom } from '../detect/forecast/foretold.ts';
import { LOOKED_BACK as OF_A_MODEL } from '../detect/failure/view.ts';

const DAY: Seconds = hours(24);
/** Refused calls of before are over. */
const REFUSALS_BACK: Seconds = hours(1);

/** A detector that begins learns from so much of the past. */
function warmUp(period: Seconds): Seconds {
  if (period < minutes(1)) return keptFor(period);
  return period < minutes(5) ? 3 * DAY : 14 * DAY;
}

/**
 * From when on a series is read: a forecast looks back a day or more, a detector to the last point it has seen, and at least as
 * far as a failure model looks; points that were seen before cost nothing.
 */
export function readFrom({ looksFor, period }: WatchedSeries, last: Seconds | null | undefined, now: Instant): Seconds {
  if (looksFor === 'forecast') return forecastFrom(period, now);
  const at = Date.parse(now) / 1000;
  const whole = (from: Seconds): Seconds => Math.floor(from / period) * period;
  if (looksFor === 'refusals') return whole(at - REFUSALS_BACK);
  const earliest = at - warmUp(period);
  if (last === null || last === undefined) return whole(earliest);
  return whole(Math.max(Math.min(last + period, at - OF_A_MODEL), earliest));
}

/** A slow forecast has nothing new at most looks of its resource: it is read twice a period. */
export const hasOwnPace = (series: WatchedSeries): boolean => isSlow(series) && series.looksFor === 'forecast';

/** Whether a series is read at this look. */
export function isItsTurn(series: WatchedSeries, kept: KeptSeries | undefined, now: Instant): boolean {
  if (!hasOwnPace(series) || !kept) return true;
  return Date.parse(now) - Date.parse(kept.keptAt) >= (1000 * series.period) / 2;
}
