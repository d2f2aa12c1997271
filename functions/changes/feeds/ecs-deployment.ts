import * as z from 'zod';
import { ServiceArn } from '../../../layers/core/arn.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineFeed, eventIds, instant } from '../feed.ts';

const EcsDeployment = Envelope.extend({
  resources: z.tuple([ServiceArn], z.string()),
  detail: z.object({ eventName: z.string(), deploymentId: z.string(), updatedAt: z.string().optional() }),
});

const PHASES = {
  SERVICE_DEPLOYMENT_IN_PROGRESS: ['deployment-started', 'started'],
  SERVICE_DEPLOYMENT_COMPLETED: ['deployment-completed', 'completed'],
  SERVICE_DEPLOYMENT_FAILED: ['deployment-failed', 'failed'],
} as const;

/** A deployment began, reached a steady state (its revision is one to go back to), or failed. The event names no revision. */
export const feed = defineFeed({
  name: 'ecs-deployment',
  detailType: 'ECS Deployment State Change',
  event: EcsDeployment,
  async read({ time, resources: [resource], detail }, look) {
    if (!Object.hasOwn(PHASES, detail.eventName)) return [];
    const [kind, phase] = PHASES[detail.eventName as keyof typeof PHASES];
    const to = await look.revisionOf(resource, detail.deploymentId);
    const at = instant(detail.updatedAt ?? time);
    return [{ resource, at, kind, eventId: eventIds.deployment(detail.deploymentId, phase), ...(to ? { to } : {}) }];
  },
});
