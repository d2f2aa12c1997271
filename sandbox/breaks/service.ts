import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import type { RunningAccount } from '../account-file.ts';
import { Refusal } from '../refusal.ts';
import { configOf, findService, fullName, type KnownService } from '../running.ts';

/** Does something to the service that is named, with a client that is closed afterwards. @throws Refusal as `findService` does */
export async function withService<T>(
  account: RunningAccount,
  name: string | undefined,
  work: (service: KnownService, ecs: ECSClient) => Promise<T>,
): Promise<T> {
  const ecs = new ECSClient(configOf(account));
  try {
    return await work(await findService(ecs, name), ecs);
  } finally {
    ecs.destroy();
  }
}

/** The ARN of one of its running tasks. @throws Refusal when none runs */
export async function anyTask(service: KnownService, ecs: ECSClient): Promise<string> {
  const { clusterArn: cluster, serviceName } = service;
  const { taskArns } = await ecs.send(new ListTasksCommand({ cluster, serviceName, desiredStatus: 'RUNNING' }));
  const [task] = taskArns ?? [];
  if (task === undefined) throw new Refusal(`${fullName(service)} runs no task at this moment`);
  return task;
}

export const taskId = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** @throws Refusal when there are more arguments than the break takes */
export function atMost(args: readonly string[], most: number, usage: string): void {
  if (args.length > most) throw new Refusal(`supply ${usage}, got ${args.join(' ')}`);
}
