import * as z from 'zod';
import { ServiceArn } from '../../../layers/core/arn.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineSource, Timestamp } from '../source.ts';

const EcsServiceAction = Envelope.extend({
  resources: z.tuple([ServiceArn], z.string()),
  detail: z.object({
    eventName: z.string(),
    createdAt: Timestamp.optional(),
    reason: z.string().default(''),
  }),
});

/** The service actions that say a service cannot get its tasks to run. */
const TROUBLE: ReadonlyMap<string, string> = new Map([
  ['SERVICE_TASK_START_IMPAIRED', 'ECS cannot start its tasks consistently'],
  ['SERVICE_TASK_PLACEMENT_FAILURE', 'ECS cannot place its tasks'],
  ['SERVICE_TASK_CONFIGURATION_FAILURE', 'ECS cannot place its tasks because of their configuration'],
]);

/** ECS tells what happens to a service as a whole. */
export const source = defineSource({
  name: 'ecs-service-action',
  pattern: { source: ['aws.ecs'], 'detail-type': ['ECS Service Action'] },
  event: EcsServiceAction,
  read({ id, time, resources: [service], detail: { eventName, createdAt, reason } }) {
    if (eventName === 'SERVICE_DESIRED_COUNT_UPDATED') return { kind: 'change', why: 'its desired count was changed' };
    const trouble = TROUBLE.get(eventName);
    if (!trouble) return { kind: 'ignored', why: `${eventName} is normal work` };
    return {
      kind: 'signal',
      signal: {
        kind: 'service-event',
        id,
        at: createdAt ?? time,
        summary: `${trouble}${reason ? `: ${reason}` : ''}.`,
        event: eventName,
        reason,
      },
      about: { resource: service },
      effect: 'opens',
    };
  },
});
