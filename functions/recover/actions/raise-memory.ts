import * as z from 'zod';
import { ChangedMeanwhile, defineAction } from '../../../layers/core/action.ts';
import { Arn, parseArn, ServiceArn } from '../../../layers/core/arn.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import { minutes } from '../../../layers/core/units.ts';
import {
  deploymentSettled,
  describeRevision,
  describeService,
  familyOf,
  refusalsWhileDeploying,
  setRevision,
} from '../support/ecs.ts';
import { memoryOf, registerCopy, withMemory } from '../support/revision.ts';

/** What ran out needs more than it had, and nobody knows how much: twice is surely felt, and leaves room below the usual alarms. */
const FACTOR = 2;
const becomes = (memory: number, from: string) => `${from} with ${memory} MiB`;

/** True when the service runs a later revision of the same family with the memory that was intended. */
async function holds(current: string, from: string, memory: number, aws: Aws): Promise<boolean> {
  if (current === from || familyOf(current) !== familyOf(from)) return false;
  return memoryOf(await describeRevision(current, aws)) === memory;
}

/** A revision registered by an earlier try of the same intent is taken up, so that a retry leaves no second one. */
async function revisionWith(memory: number, from: string, aws: Aws): Promise<string> {
  const latest = await describeRevision(familyOf(from), aws);
  if (latest.taskDefinitionArn && (await holds(latest.taskDefinitionArn, from, memory, aws)))
    return latest.taskDefinitionArn;
  const copy = withMemory(await describeRevision(from, aws), memory);
  if ('unfit' in copy) throw new Error(copy.unfit);
  return registerCopy(copy, aws);
}

export const action = defineAction({
  name: 'raise-memory',
  summary: 'Gives each task twice as much memory, in a new revision.',
  heals: [
    { resource: 'ecs-service', faults: ['memory-limit'], prior: { alpha: 6, beta: 1 } },
    { resource: 'ecs-service', faults: ['memory-leak'], prior: { alpha: 1, beta: 2 } },
  ],
  risk: 'R2',
  params: z.object({ service: ServiceArn, from: Arn, memory: z.number().int().positive(), roles: z.array(Arn) }),
  destroysEvidence: true,
  settles: { typical: minutes(3), atMost: minutes(15) },
  cooldown: minutes(15),
  disruption: 0.1,
  afterwards: {
    kind: 'keep',
    advice: ({ memory }) =>
      `Set the memory limit to ${memory} MiB in the service's template, or the next deployment takes it back.`,
  },

  propose({ resource, evidence }) {
    const state = evidence.services.find((service) => service.resource === resource.arn);
    if (!state?.memory) return { unfit: 'the memory limit of the service could not be read' };
    return {
      service: resource.arn,
      from: state.revision,
      memory: Math.ceil(state.memory * FACTOR),
      roles: state.roles,
    };
  },
  touches: ({ service }) => [service],
  writes({ service, from, roles }) {
    const { partition, region, account } = parseArn(service);
    const family = `arn:${partition}:ecs:${region}:${account}:task-definition/${familyOf(from)}:*`;
    const pass = {
      actions: ['iam:PassRole'],
      on: roles,
      condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    };
    return [
      { actions: ['ecs:UpdateService'], on: [service], tagged: true },
      { actions: ['ecs:RegisterTaskDefinition'], on: [family] },
      ...(roles.length > 0 ? [pass] : []),
    ];
  },

  async preconditions({ service: arn, from, memory }, aws) {
    const service = await describeService(arn, aws);
    const reasons = refusalsWhileDeploying(service);
    if (service.taskDefinition !== from) reasons.push(`it runs ${service.taskDefinition}, no longer ${from}`);
    const copy = withMemory(await describeRevision(from, aws), memory);
    return 'unfit' in copy ? [...reasons, copy.unfit] : reasons;
  },
  intend: async ({ service, from, memory }) => [
    { resource: service, field: 'taskDefinition', was: from, becomes: becomes(memory, from) },
  ],
  async apply(mutation, aws, _id, { from, memory }) {
    const { taskDefinition = '' } = await describeService(mutation.resource, aws);
    if (await holds(taskDefinition, from, memory, aws)) return;
    if (taskDefinition !== from) throw new ChangedMeanwhile(mutation, taskDefinition);
    await setRevision(mutation.resource, await revisionWith(memory, from, aws), aws);
  },
  settled: ({ service }, aws) => deploymentSettled(service, aws),
  async undo(mutation, aws, _id, { from, memory }) {
    const { taskDefinition = '' } = await describeService(mutation.resource, aws);
    if (taskDefinition === from) return 'undone';
    if (!(await holds(taskDefinition, from, memory, aws))) return 'left-alone';
    await setRevision(mutation.resource, from, aws);
    return 'undone';
  },
});
