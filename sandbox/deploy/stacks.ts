import { type CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { type CloudWatchClient, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedResource } from '../contract.ts';
import { carrier, type Rewritten } from './rewrite.ts';

/** Clients of the emulator itself, past the endpoint. */
export interface EmulatorClients {
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
}

/** Waits until the emulator has finished with a stack; `undefined` when there is none of that name. */
export async function finished(clients: EmulatorClients, stackName: string): Promise<Stack | undefined> {
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    const stack = await describe(clients, stackName);
    if (stack?.StackStatus?.endsWith('_IN_PROGRESS') !== true || stack.StackStatus === 'REVIEW_IN_PROGRESS')
      return stack;
    await sleep(pause);
  }
}

async function describe({ cloudFormation }: EmulatorClients, stackName: string): Promise<Stack | undefined> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    return Stacks[0];
  } catch (error) {
    if (error instanceof Error && error.message.includes('does not exist')) return undefined;
    throw error;
  }
}

/** The resources of a deployed stack, with their properties as CloudFormation resolved them. */
export async function resolveStack(
  clients: EmulatorClients,
  stack: Stack,
  rewritten: Rewritten,
): Promise<DeployedResource[]> {
  const stackName = stack.StackName ?? '';
  const { DashboardBody: carried = '' } = await clients.cloudWatch.send(
    new GetDashboardCommand({ DashboardName: `${stackName}-${carrier}` }),
  );
  const stackTags = Object.fromEntries((stack.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const { holes } = rewritten;
  return rewritten.planned
    .filter(({ exists }) => holes.fill(exists, carried) === 'true')
    .map(({ logicalId, type, physicalId, properties: skeleton }) => {
      const properties = holes.fill(skeleton, carried) as Record<string, unknown>;
      const tags = { ...stackTags, ...tagsOf(properties['Tags']) };
      return { stackName, logicalId, type, physicalId: String(holes.fill(physicalId, carried)), properties, tags };
    });
}

/** Templates write tags as a list of Key and Value, or (SSM, Lambda layers, …) as a map. */
function tagsOf(tags: unknown): Record<string, string> {
  if (Array.isArray(tags)) {
    const entries = tags as { Key?: unknown; Value?: unknown }[];
    return Object.fromEntries(entries.map(({ Key, Value }) => [String(Key), String(Value ?? '')]));
  }
  if (tags === null || typeof tags !== 'object') return {};
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]));
}
