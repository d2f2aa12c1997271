import { RegisterTaskDefinitionCommand, type ContainerDefinition, type TaskDefinition } from '@aws-sdk/client-ecs';
import type { Aws } from '../../../layers/core/aws.ts';
import { validTaskMemory } from './memory.ts';

/** The memory a task may use: the hard limit of its largest container, else the task's. MiB. */
export function memoryOf({ containerDefinitions = [], memory }: TaskDefinition): number {
  const limits = containerDefinitions.flatMap((container) => container.memory ?? []);
  return limits.length > 0 ? Math.max(...limits) : Number(memory ?? 0);
}

/** The same revision with `to` MiB for what reached its limit, or why there is no such revision. */
export function withMemory(revision: TaskDefinition, to: number): TaskDefinition | { unfit: string } {
  const from = memoryOf(revision);
  const containers = (revision.containerDefinitions ?? []).map((container): ContainerDefinition =>
    container.memory === from ? { ...container, memory: to } : container,
  );
  if (revision.memory === undefined) return { ...revision, containerDefinitions: containers };
  const others = containers.reduce((sum, container) => sum + (container.memory ?? 0), 0);
  const wanted = Math.max(Number(revision.memory), to, others);
  const memory = validTaskMemory(wanted, Number(revision.cpu ?? 0), mayRunOnFargate(revision));
  if (memory === undefined) return { unfit: `with ${revision.cpu} CPU units no task may have ${to} MiB` };
  return { ...revision, containerDefinitions: containers, memory: String(memory) };
}

/** A revision that asks for nothing may run on whatever ECS has found it to fit. */
const mayRunOnFargate = ({ requiresCompatibilities = [], compatibilities = [] }: TaskDefinition): boolean =>
  (requiresCompatibilities.length > 0 ? requiresCompatibilities : compatibilities).includes('FARGATE');

/** Registers a copy; what only AWS sets is left out. Answers the new revision's ARN. */
export async function registerCopy(revision: TaskDefinition, aws: Aws): Promise<string> {
  const {
    taskDefinitionArn: _arn,
    revision: _n,
    status: _s,
    requiresAttributes: _r,
    compatibilities: _c,
    registeredAt: _at,
    registeredBy: _by,
    deregisteredAt: _d,
    deleteRequestedAt: _del,
    ...rest
  } = revision;
  const { taskDefinition } = await aws.ecs.send(
    new RegisterTaskDefinitionCommand({
      ...rest,
      family: revision.family,
      containerDefinitions: revision.containerDefinitions,
    }),
  );
  if (!taskDefinition?.taskDefinitionArn)
    throw new Error(`ECS answered no ARN for the new revision of ${revision.family}`);
  return taskDefinition.taskDefinitionArn;
}
