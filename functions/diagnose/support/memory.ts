import type { Evidence } from '../../../layers/core/evidence.ts';
import { ownSeries } from './facts.ts';
import { steepestRise, type Stretch } from './trend.ts';

const MEMORY = /memory/i;
/** Percentage points that are more than a warm-up. */
const RISE = 15;

/** The steepest steady rise of memory in use, in per cent of the limit. */
export function memoryTrend(evidence: Evidence): Stretch | undefined {
  return ownSeries(evidence, MEMORY)
    .flatMap(({ points }) => steepestRise(points.map(([, value]) => value)) ?? [])
    .filter(({ tau, from, to }) => tau >= 0.6 && to - from >= RISE)
    .sort((a, b) => b.to - b.from - (a.to - a.from))[0];
}
