import { StopTaskCommand } from '@aws-sdk/client-ecs';
import type { Break } from '../breaks.ts';
import { fullName } from '../running.ts';
import { anyTask, atMost, taskId, withService } from './service.ts';

export const stopTask: Break = {
  name: 'stop-task',
  usage: '<service>',
  summary: 'stops one task as a person would in the console: no fault, and no incident',
  async run(args, account) {
    atMost(args, 1, `stop-task ${stopTask.usage}`);
    return withService(account, args[0], async (service, ecs) => {
      const task = await anyTask(service, ecs);
      await ecs.send(new StopTaskCommand({ cluster: service.clusterArn, task, reason: 'stopped by an operator' }));
      return `Task ${taskId(task)} of ${fullName(service)} is being stopped.`;
    });
  },
};
