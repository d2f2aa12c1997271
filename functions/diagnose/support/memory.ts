import type { Evidence } from '../../../layers/core/evidence.ts';
import { isOutOfMemory } from '../../../layers/core/stops.ts';
import type { Instant } from '../../../layers/core/units.ts';
import { criteriaThatRang, failedTasks, seriesOf, target } from './facts.ts';
import { steepestRise, type Stretch } from './trend.ts';

const MEMORY = /memory/i;
/** Percentage points that are more than a warm-up. */
const RISE = 15;

export interface MemoryTrend extends Stretch {
  /** When it began to rise. */
  readonly since: Instant;
}

/** The steepest steady rise of memory in use, in per cent of the limit. */
export function memoryTrend(evidence: Evidence, arn = evidence.resource): MemoryTrend | undefined {
  return seriesOf(evidence, arn, MEMORY)
    .flatMap(({ points }): MemoryTrend[] => {
      const rise = steepestRise(points.map(([, value]) => value));
      const since = points[rise?.foot ?? -1]?.[0];
      return rise === undefined || since === undefined
        ? []
        : [{ ...rise, since: new Date(since * 1000).toISOString() }];
    })
    .filter(({ tau, from, to }) => tau >= 0.6 && to - from >= RISE)
    .sort((a, b) => b.to - b.from - (a.to - a.from))[0];
}

/** True when all that was told of is memory: alarms on it, or tasks that ran out of it. */
export function isAboutMemory(evidence: Evidence): boolean {
  const resource = target(evidence);
  const rang = criteriaThatRang(evidence.signals, resource);
  const criteria = resource.alarms.flatMap((alarm) => alarm.criteria).filter(({ id }) => rang.has(id));
  const stops = failedTasks(evidence);
  const measured = criteria.every(({ queries }) =>
    queries.some((query) => 'metric' in query && MEMORY.test(query.metric)),
  );
  return criteria.length + stops.length > 0 && measured && stops.every(isOutOfMemory);
}
