import type { Evidence } from '../../../layers/core/evidence.ts';
import { isOutOfMemory } from '../../../layers/core/stops.ts';
import { minutes, type Instant, type Seconds } from '../../../layers/core/units.ts';
import { criteriaThatRang, failedTasks, seriesOf, target } from './facts.ts';
import { STILL_LEVEL, steepestRise, type Stretch } from './trend.ts';

const MEMORY = /memory/i;
/** Percentage points that are more than a warm-up. */
const RISE = 15;

/** An older reading says nothing of how it was just before. */
const RECENT: Seconds = minutes(3);

export interface MemoryTrend extends Stretch {
  /** When it began to rise. */
  readonly since: Instant;
}

/** The steepest steady rise of memory in use, in per cent of the limit. */
export function memoryTrend(evidence: Evidence, arn = evidence.resource): MemoryTrend | undefined {
  return seriesOf(evidence, arn, MEMORY)
    .flatMap(({ points }): MemoryTrend[] => {
      const rise = steepestRise(points.map(([, value]) => value));
      if (rise === undefined) return [];
      const time = (index: number) => points[index]?.[0] ?? 0;
      const foot = time(rise.foot);
      // At its foot a tenth of the rise is done, which took about a tenth of its time.
      const early = foot - (STILL_LEVEL / (1 - STILL_LEVEL)) * (time(rise.foot + rise.points - 1) - foot);
      const since = Math.round(Math.max(early, time(rise.level)));
      return [{ ...rise, since: new Date(since * 1000).toISOString() }];
    })
    .filter(({ tau, from, to }) => tau >= 0.6 && to - from >= RISE)
    .sort((a, b) => b.to - b.from - (a.to - a.from))[0];
}

/** Memory in use just before the first task ran out of it, in per cent of the limit: how far a leak had come. */
export function memoryBefore(evidence: Evidence): number | undefined {
  const first = failedTasks(evidence).find(isOutOfMemory);
  if (!first) return undefined;
  const at = Date.parse(first.stoppedAt) / 1000;
  const last = seriesOf(evidence, evidence.resource, MEMORY)
    .filter(({ metric }) => !metric.startsWith('samples of '))
    .flatMap(({ points, period }) => points.filter(([time]) => time + period <= at).slice(-1))
    .filter(([time]) => time >= at - RECENT)
    .sort(([a], [b]) => b - a)[0];
  return last?.[1];
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
