import type { Points } from '../../layers/core/watched-series.ts';
import type { Random } from '../../layers/core/statistics/random.ts';
import { hours, minutes, type Ratio, type Seconds } from '../../layers/core/units.ts';
import { normal } from '../../simulator/world/chance.ts';

export const PERIOD: Seconds = minutes(1);
const DAY: Seconds = hours(24);

/** Memory of a service in per cent of its limit, a point a minute. */
export interface Service {
  readonly points: Points;
  /** When it begins to leak, and when it reaches its limit; absent of one that does not leak. */
  readonly leak?: { readonly from: Seconds; readonly until: Seconds };
}

/** A deployment: it starts low, and fills up to what its version needs. */
interface Release {
  readonly at: Seconds;
  readonly low: Ratio;
  readonly fills: Seconds;
  readonly needs: Ratio;
}

/** More tasks share the load for a while, each of which needs less. */
interface ScaleOut {
  readonly from: Seconds;
  readonly until: Seconds;
  readonly less: Ratio;
}

/**
 * Noise (some of it lingering), a daily season, a saw of garbage collection, deployments of versions that need more or less, and
 * scale-outs. Amounts are drawn for each service.
 * @param days before a leak begins
 * @param life from the beginning of a leak to its end; absent: it does not leak
 */
export function serviceOf(random: Random, days: number, life?: Seconds): Service {
  const base = 15 + 40 * random();
  const from = days * DAY;
  const [level, wobble] = [levelOf(random, base, from), wobbleOf(random)];
  const slope = life === undefined ? 0 : (100 - base) / life;
  const points: [Seconds, number][] = [];
  for (let at = 0; at < from + (life ?? 0) * 1.5; at += PERIOD) {
    const value = level(at) + wobble() + slope * Math.max(0, at - from);
    points.push([at, Math.max(0, Math.min(100, value))]);
    if (value >= 100 && at > from) return { points, leak: { from, until: at } };
  }
  return { points };
}

function levelOf(random: Random, base: number, until: Seconds): (at: Seconds) => number {
  const season = 6 * random();
  const phase = DAY * random();
  const saw = random() < 0.5 ? 10 * random() : 0;
  const sawPeriod = minutes(5 + 40 * random());
  const releases = several(random, (3 * until) / DAY, (): Release => {
    const [low, needs] = [0.2 + 0.4 * random(), 0.85 + 0.3 * random()];
    return { at: until * random(), low, fills: minutes(3 + 37 * random()), needs };
  }).sort((a, b) => b.at - a.at);
  const scaleOuts = several(random, (2 * until) / DAY, (): ScaleOut => {
    const from = until * random();
    return { from, until: from + hours(1 + 5 * random()), less: 0.05 + 0.15 * random() };
  });
  return (at) => {
    const release = releases.find((one) => one.at <= at);
    const filled = release ? release.needs * (1 - release.low * Math.exp((release.at - at) / release.fills)) : 1;
    const shared = 1 - (scaleOuts.find((one) => one.from <= at && at < one.until)?.less ?? 0);
    const swings = season * Math.sin((2 * Math.PI * (at + phase)) / DAY) + saw * ((at % sawPeriod) / sawPeriod - 0.5);
    return (base + swings) * filled * shared;
  };
}

/** From none to `most`. */
const several = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: Math.floor(most * random()) }, make);

function wobbleOf(random: Random): () => number {
  const noise = 0.2 + random();
  const lingers = random() < 0.5 ? 0.8 * random() : 0;
  let wobble = 0;
  return () => (wobble = lingers * wobble + noise * normal(random));
}
