import type { Aws } from '../../core/aws.ts';
import type { Criterion } from '../../core/criterion.ts';
import type { ServiceState } from '../../core/evidence.ts';
import type { Resource } from '../../core/inventory.ts';
import { readingOf, type Reading } from '../../core/points.ts';
import type { StoppedTask } from '../../core/signal.ts';
import type { Instant } from '../../core/units.ts';
import { lookAtService } from './ecs.ts';
import { readMetrics } from './metrics.ts';

/** One look at a resource: its criteria's raw metrics, and the resource itself. */
export interface Look {
  readonly at: Instant;
  readonly readings: readonly Reading[];
  /** Of an ECS service; absent for other types, and where it could not be read (then `gaps` says so). */
  readonly service?: ServiceState;
  readonly stopped: readonly StoppedTask[];
  readonly gaps: readonly string[];
}

/** Never throws for what AWS refuses: a part that could not be read is a gap. */
export async function lookAt(
  resource: Resource,
  criteria: readonly Criterion[],
  from: Instant,
  now: Instant,
  aws: Aws,
): Promise<Look> {
  const [metrics, service] = await Promise.all([
    readMetrics(criteria, from, now, aws),
    resource.type === 'ecs-service'
      ? lookAtService(resource.arn, aws).catch((error: unknown) => ({
          failed: `${resource.arn} could not be read: ${String(error)}`,
        }))
      : undefined,
  ]);
  const readings = criteria.map((criterion) => readingOf(criterion, metrics.series));
  if (service === undefined) return { at: now, readings, stopped: [], gaps: metrics.gaps };
  if ('failed' in service) return { at: now, readings, stopped: [], gaps: [...metrics.gaps, service.failed] };
  return {
    at: now,
    readings,
    service: service.state,
    stopped: service.stopped,
    gaps: [...metrics.gaps, ...service.gaps],
  };
}
