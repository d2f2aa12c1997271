import * as z from 'zod';
import { ServiceArn } from '../../../layers/core/arn.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineSource, Timestamp } from '../source.ts';

const EcsDeployment = Envelope.extend({
  resources: z.tuple([ServiceArn], z.string()),
  detail: z.object({
    eventName: z.string(),
    deploymentId: z.string(),
    updatedAt: Timestamp.optional(),
    reason: z.string().default(''),
  }),
});

/** A deployment of a service began, reached a steady state, or failed. */
export const source = defineSource({
  name: 'ecs-deployment',
  pattern: { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'] },
  event: EcsDeployment,
  read({ id, time, resources: [service], detail }) {
    const { eventName, deploymentId, reason } = detail;
    if (eventName !== 'SERVICE_DEPLOYMENT_FAILED') return { kind: 'change', why: `${eventName} of ${deploymentId}` };
    return {
      kind: 'signal',
      signal: {
        kind: 'deployment-failed',
        id,
        at: detail.updatedAt ?? time,
        summary: `Deployment ${deploymentId} failed. ${reason}`.trim(),
        deployment: deploymentId,
        reason,
      },
      about: { resource: service },
      effect: 'opens',
    };
  },
});
