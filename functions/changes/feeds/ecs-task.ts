import * as z from 'zod';
import { Arn, parseArn } from '../../../layers/core/arn.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineFeed, eventIds, instant } from '../feed.ts';

const EcsTask = Envelope.extend({
  detail: z.object({
    taskArn: Arn,
    clusterArn: Arn,
    group: z.string().default(''),
    lastStatus: z.string(),
    stopCode: z.string().optional(),
    stoppingAt: z.string().optional(),
    stoppedAt: z.string().optional(),
  }),
});

/** Someone stopped a task of a service. */
export const feed = defineFeed({
  name: 'ecs-task',
  detailType: 'ECS Task State Change',
  event: EcsTask,
  read({ time, detail: { taskArn, clusterArn, group, lastStatus, stopCode, stoppingAt, stoppedAt } }) {
    if (lastStatus !== 'STOPPED' || stopCode !== 'UserInitiated' || !group.startsWith('service:')) return [];
    return [
      {
        resource: serviceArn(clusterArn, group.slice('service:'.length)),
        at: instant(stoppingAt ?? stoppedAt ?? time),
        kind: 'task-stopped-by-hand',
        to: taskArn,
        eventId: eventIds.taskStopped(taskArn),
      },
    ];
  },
});

/** The ARN of a service by that of its cluster. */
export function serviceArn(cluster: Arn, name: string): Arn {
  const { partition, region, account, resource } = parseArn(cluster);
  return `arn:${partition}:ecs:${region}:${account}:service/${resource.replace(/^cluster\//, '')}/${name}`;
}
