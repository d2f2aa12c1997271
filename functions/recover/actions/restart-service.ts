import * as z from 'zod';
import { defineAction } from '../../../layers/core/action.ts';
import { ServiceArn } from '../../../layers/core/arn.ts';
import { minutes, seconds } from '../../../layers/core/units.ts';
import {
  deploymentSettled,
  describeService,
  freshTasks,
  refusalsWhileDeploying,
  startFreshTasks,
} from '../support/ecs.ts';

export const action = defineAction({
  name: 'restart-service',
  summary: 'Starts a fresh set of tasks with the same definition.',
  heals: [
    {
      resource: 'ecs-service',
      faults: ['memory-leak', 'connection-leak', 'deadlock', 'stale-connection', 'crash-loop'],
      prior: { alpha: 4, beta: 2 },
    },
    { resource: 'ecs-service', faults: ['bad-task'], prior: { alpha: 1, beta: 2 } },
  ],
  risk: 'R2',
  params: z.object({ service: ServiceArn }),
  destroysEvidence: true,
  settles: { typical: seconds(90), atMost: minutes(10) },
  cooldown: minutes(5),
  disruption: 0.05,
  afterwards: { kind: 'nothing' },

  propose: ({ resource }) => ({ service: resource.arn }),
  touches: ({ service }) => [service],
  writes: ({ service }) => [{ actions: ['ecs:UpdateService'], on: [service], tagged: true }],

  async preconditions({ service: arn }, aws) {
    const service = await describeService(arn, aws);
    const healthy = service.deploymentConfiguration?.minimumHealthyPercent ?? 100;
    const thin =
      healthy < 50 ? [`it may run below half its tasks while it deploys (minimumHealthyPercent ${healthy})`] : [];
    return [...refusalsWhileDeploying(service), ...thin];
  },
  intend: async ({ service }, aws) => [freshTasks(await describeService(service, aws), service)],
  apply: (mutation, aws) => startFreshTasks(mutation, aws),
  settled: ({ service }, aws) => deploymentSettled(service, aws),
});
