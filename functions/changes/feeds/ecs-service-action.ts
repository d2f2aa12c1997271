import * as z from 'zod';
import { ServiceArn } from '../../../layers/core/arn.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineFeed, instant } from '../feed.ts';

const EcsServiceAction = Envelope.extend({
  resources: z.tuple([ServiceArn], z.string()),
  detail: z.object({
    eventName: z.string(),
    createdAt: z.string().optional(),
    desiredCount: z.number().int().optional(),
  }),
});

/** The number of tasks was changed, by a person or an autoscaler. */
export const feed = defineFeed({
  name: 'ecs-service-action',
  detailType: 'ECS Service Action',
  event: EcsServiceAction,
  async read({ id, time, resources: [resource], detail }, look) {
    if (detail.eventName !== 'SERVICE_DESIRED_COUNT_UPDATED') return [];
    const count = detail.desiredCount ?? (await look.desiredCountOf(resource));
    const at = instant(detail.createdAt ?? time);
    return [
      { resource, at, kind: 'scaled', eventId: id, ...(count === undefined ? {} : { to: `desiredCount=${count}` }) },
    ];
  },
});
