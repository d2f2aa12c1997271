import { DescribeTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import * as z from 'zod';
import { defineAction } from '../../../layers/core/action.ts';
import { ecsServiceOf, parseArn, ServiceArn, TaskArn, type Arn } from '../../../layers/core/arn.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { Mutation } from '../../../layers/core/mutation.ts';
import { minutes, seconds } from '../../../layers/core/units.ts';
import { deploymentSettled, describeService, refusalsWhileDeploying } from '../support/ecs.ts';

const UNWELL = ['UNHEALTHY', 'unhealthy'];

async function statusOf(task: Arn, service: Arn, aws: Aws): Promise<{ group: string | undefined; status: string }> {
  const { tasks } = await aws.ecs.send(
    new DescribeTasksCommand({ cluster: ecsServiceOf(service).cluster, tasks: [task] }),
  );
  const found = tasks?.[0];
  const ending = found === undefined || found.desiredStatus === 'STOPPED' || found.lastStatus === 'STOPPED';
  return { group: found?.group, status: ending ? 'STOPPED' : 'RUNNING' };
}

const clusterArn = (service: Arn) => {
  const { partition, region, account } = parseArn(service);
  return `arn:${partition}:ecs:${region}:${account}:cluster/${ecsServiceOf(service).cluster}`;
};

export const action = defineAction({
  name: 'stop-bad-task',
  summary: 'Stops the one task that is unwell; the service replaces it.',
  heals: [{ resource: 'ecs-service', faults: ['bad-task'], prior: { alpha: 5, beta: 1 } }],
  risk: 'R1',
  params: z.object({ service: ServiceArn, task: TaskArn }),
  destroysEvidence: true,
  settles: { typical: seconds(60), atMost: minutes(5) },
  cooldown: minutes(5),
  disruption: 0.02,
  afterwards: { kind: 'nothing' },

  propose({ resource, evidence }) {
    const tasks = evidence.services.find((service) => service.resource === resource.arn)?.tasks ?? [];
    const unwell = tasks.filter(
      ({ health, targetHealth }) => UNWELL.includes(health ?? '') || UNWELL.includes(targetHealth ?? ''),
    );
    if (unwell.length !== 1 || tasks.length < 2)
      return { unfit: `one unwell task among several is needed, found ${unwell.length} of ${tasks.length}` };
    return { service: resource.arn, task: unwell[0]!.task };
  },
  touches: ({ service }) => [service],
  // Tasks carry the service's tags only with propagation, so the tag cannot be demanded here; the cluster can.
  writes: ({ service, task }) => [
    { actions: ['ecs:StopTask'], on: [task], condition: { ArnEquals: { 'ecs:cluster': clusterArn(service) } } },
  ],

  async preconditions({ service: arn, task }, aws) {
    const service = await describeService(arn, aws);
    const { group } = await statusOf(task, arn, aws);
    const reasons = refusalsWhileDeploying(service);
    if (group !== `service:${ecsServiceOf(arn).service}`)
      reasons.push(`task ${task} belongs to ${group ?? 'nothing that runs'}, not to the service`);
    const left = (service.runningCount ?? 0) - 1;
    if (left < (service.desiredCount ?? 0) / 2)
      reasons.push(`only ${left} of ${service.desiredCount} tasks would be left`);
    return reasons;
  },
  intend: async ({ service, task }) => [
    { resource: service, field: `task ${task}`, was: 'RUNNING', becomes: 'STOPPED' } satisfies Mutation,
  ],
  async apply({ resource }, aws, { incidentId }, { task }) {
    if ((await statusOf(task, resource, aws)).status === 'STOPPED') return;
    await aws.ecs.send(
      new StopTaskCommand({ cluster: ecsServiceOf(resource).cluster, task, reason: `prunella ${incidentId}` }),
    );
  },
  settled: ({ service }, aws) => deploymentSettled(service, aws),
});
