/** What the metrics of a service did lately: means that fade, one a metric. Plain JSON. */
import type { ServiceView } from '../../../layers/core/service-detector.ts';
import { minutes, type Ratio, type Seconds } from '../../../layers/core/units.ts';

export type Lately = ServiceView['lately'];

/**
 * A mean over several rows shows a small shift that lasts, which no single row does (EWMA of several variables at once: Lowry et
 * al. 1992), and the mean of sizes shows that a metric became restless (MacGregor and Harris 1993).
 */
const FADES_OVER = minutes(30);
/** Until which age a row matters at all: its weight is 1/400 then. */
export const LATELY: Seconds = 6 * FADES_OVER;

/** What is usual, which stands for what was not seen. @param levels of healthy time */
export function usualLately(levels: readonly ArrayLike<number>[]): Lately {
  const mean = (of: (value: number) => number) =>
    Array.from(levels[0] ?? [], (_, j) => levels.reduce((sum, level) => sum + of(level[j]!) / levels.length, 0));
  return { level: mean((value) => value), size: mean(Math.abs) };
}

/** The means with one more row in them. @param step how long a row is */
export function withLevel(before: Lately, level: ArrayLike<number>, step: Seconds): Lately {
  const keep: Ratio = Math.exp(-step / FADES_OVER);
  const faded = (means: ArrayLike<number>, of: (value: number) => number) =>
    Array.from(means, (mean, j) => keep * mean + (1 - keep) * of(level[j]!));
  return { level: faded(before.level, (value) => value), size: faded(before.size, Math.abs) };
}
