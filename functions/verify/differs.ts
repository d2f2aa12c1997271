import type { ServiceState } from '../../layers/core/evidence.ts';
import type { RecordedMutation } from '../../layers/core/mutation.ts';

/**
 * Fields that are no longer what was set, read off the service itself: an event of someone else's change may be late or
 * lost. Fields that no service shows are left to the change feed.
 */
export function differsFromOurs(mutations: readonly RecordedMutation[], service: ServiceState | undefined): string[] {
  if (!service) return [];
  const now: Readonly<Record<string, string | number>> = {
    taskDefinition: service.revision,
    desiredCount: service.desired,
  };
  return mutations
    .filter(
      ({ state, resource, field, becomes }) =>
        state === 'applied' && resource === service.resource && isComparable(field, becomes),
    )
    .filter(({ field, becomes }) => now[field] !== becomes)
    .map(({ field, becomes }) => `${field} was set to ${String(becomes)} and is ${String(now[field])}`);
}

/** A revision is comparable when its whole ARN was written down; one that was described in words is not. */
const isComparable = (field: string, becomes: RecordedMutation['becomes']): boolean =>
  (field === 'taskDefinition' && /^arn:\S+:task-definition\/\S+:\d+$/.test(String(becomes))) ||
  (field === 'desiredCount' && typeof becomes === 'number');
