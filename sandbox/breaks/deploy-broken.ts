import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type ContainerDefinition,
  type ECSClient,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import type { Break } from '../breaks.ts';
import { COMMAND_LABEL } from '../ecs/environment.ts';
import { Refusal } from '../refusal.ts';
import { fullName, type KnownService } from '../running.ts';
import { atMost, withService } from './service.ts';

/** It logs why, and ends with 1 after five seconds: long enough to be seen running, too short to become healthy. */
const BROKEN = "console.error('Error: the release does not start'); setTimeout(() => process.exit(1), 5000)";

export const deployBroken: Break = {
  name: 'deploy-broken',
  usage: '<service>',
  summary: 'deploys a revision of its own task definition that exits with 1 after 5 s',
  async run(args, account) {
    atMost(args, 1, `deploy-broken ${deployBroken.usage}`);
    return withService(account, args[0], async (service, ecs) => {
      const { family, revision, arn } = await registerBroken(service, ecs);
      const { clusterArn: cluster, serviceName } = service;
      await ecs.send(new UpdateServiceCommand({ cluster, service: serviceName, taskDefinition: arn }));
      return `${fullName(service)} is being deployed with ${family}:${revision}, whose tasks exit with 1 after 5 s.`;
    });
  },
};

/** The next revision differs from the one in use by its first essential container's command alone, as bad code would. */
async function registerBroken(
  service: KnownService,
  ecs: ECSClient,
): Promise<{ family: string; revision: number; arn: string }> {
  const describe = new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition, include: ['TAGS'] });
  const { taskDefinition: now, tags } = await ecs.send(describe);
  const containers = now?.containerDefinitions ?? [];
  const victim = containers.find(({ essential }) => essential !== false);
  if (!now?.family || !victim)
    throw new Refusal(`the task definition of ${fullName(service)} has no essential container to break`);
  const input: RegisterTaskDefinitionCommandInput = {
    family: now.family,
    containerDefinitions: containers.map((container) => (container === victim ? broken(container) : container)),
    cpu: now.cpu,
    memory: now.memory,
    networkMode: now.networkMode,
    requiresCompatibilities: now.requiresCompatibilities,
    runtimePlatform: now.runtimePlatform,
    volumes: now.volumes,
    taskRoleArn: now.taskRoleArn,
    executionRoleArn: now.executionRoleArn,
    ...(tags && tags.length > 0 ? { tags } : {}),
  };
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(input));
  const { family = now.family, revision = 0, taskDefinitionArn: arn = '' } = taskDefinition ?? {};
  return { family, revision, arn };
}

function broken(container: ContainerDefinition): ContainerDefinition {
  const command = ['node', '-e', BROKEN];
  return {
    ...container,
    command,
    dockerLabels: { ...container.dockerLabels, [COMMAND_LABEL]: JSON.stringify(command) },
  };
}
