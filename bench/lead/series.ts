import type { Points } from '../../layers/core/watched-series.ts';
import type { Random } from '../../layers/core/statistics/random.ts';
import { hours, minutes, type Seconds } from '../../layers/core/units.ts';

export const PERIOD: Seconds = minutes(1);
const DAY: Seconds = hours(24);

/** Memory of a service in per cent of its limit, a point a minute. */
export interface Service {
  readonly points: Points;
  /** When it begins to leak, and when it reaches its limit; absent of one that does not leak. */
  readonly leak?: { readonly from: Seconds; readonly until: Seconds };
}

/**
 * Noise (some of it lingering), a daily season, a saw of garbage collection, and deployments, after which it starts low and
 * fills up. Amounts are drawn for each service.
 * @param days before a leak begins
 * @param life from the beginning of a leak to its end; absent: it does not leak
 */
export function serviceOf(random: Random, days: number, life?: Seconds): Service {
  const base = 15 + 40 * random();
  const noise = 0.2 + random();
  const lingers = random() < 0.5 ? 0.8 * random() : 0;
  const season = 6 * random();
  const phase = DAY * random();
  const saw = random() < 0.5 ? 10 * random() : 0;
  const sawPeriod = minutes(5 + 40 * random());
  const from = days * DAY;
  const deployments = Array.from({ length: Math.floor(3 * days * random()) }, () => from * random());
  const slope = life === undefined ? 0 : (100 - base) / life;
  const points: [Seconds, number][] = [];
  let wobble = 0;
  for (let at = 0; at < from + (life ?? 0) * 1.5; at += PERIOD) {
    wobble = lingers * wobble + noise * normal(random);
    const started = Math.max(-Infinity, ...deployments.filter((one) => one <= at));
    const filled = 1 - 0.4 * Math.exp(-(at - started) / minutes(12));
    const swings = season * Math.sin((2 * Math.PI * (at + phase)) / DAY) + saw * ((at % sawPeriod) / sawPeriod - 0.5);
    const value = (base + swings) * filled + wobble + slope * Math.max(0, at - from);
    points.push([at, Math.max(0, Math.min(100, value))]);
    if (value >= 100 && at > from) return { points, leak: { from, until: at } };
  }
  return { points };
}

/** Standard normal (Box and Muller 1958). */
const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
