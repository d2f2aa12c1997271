import type { Evidence } from '../../../layers/core/evidence.ts';
import { epoch } from '../../../layers/core/points.ts';
import { ownSeries } from './facts.ts';

/** Calls of one kind that AWS refused, by its own count. */
export interface RefusedCalls {
  readonly metric: string;
  readonly before: number;
  readonly after: number;
}

/** What AWS counts as refused, before the onset and since; the period in which it began counts as since. */
export function refusedCalls(evidence: Evidence): RefusedCalls[] {
  const onset = epoch(evidence.window.onset);
  return ownSeries(evidence, /Throttle/).map(({ metric, points, period }) => {
    const of = (some: (at: number) => boolean) =>
      points.filter(([at]) => some(at)).reduce((sum, [, value]) => sum + value, 0);
    return { metric, before: of((at) => at + period <= onset), after: of((at) => at + period > onset) };
  });
}
