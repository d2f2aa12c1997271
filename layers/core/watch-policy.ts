import * as z from 'zod';
import { hours, type Seconds } from './units.ts';

/** What watching may cost, and how often it may be wrong. Set at deploy as context `prunella:watch`. */
export const WatchPolicy = z.object({
  /** US dollars a month for each hundred resources or part of them. Buys latency: the interval between two reads follows from it. */
  dollarsPerMonth: z.number().positive().default(5),
  /** Alerts that a healthy series may give in a week, on average: of anomalies, and of forecasts. */
  alertsPerWeek: z.number().positive().default(1),
  /** Seconds: what lies further ahead is not foretold. */
  horizon: z.number().int().positive().default(hours(2)),
});
export type WatchPolicy = z.infer<typeof WatchPolicy>;

/** Whatever it costs, a resource is read as often as this: what is never read is not watched. */
export const LONGEST_INTERVAL: Seconds = hours(6);

export const DEFAULT_WATCH: WatchPolicy = WatchPolicy.parse({});
