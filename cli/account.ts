import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { UsageError } from './command.ts';

/** Where `npm run sandbox -- up` writes how to reach the local account. */
const LOCAL_ACCOUNT = join(import.meta.dirname, '..', '.sandbox', 'account.json');
const LocalAccount = z.object({ endpoint: z.string(), pid: z.number().int(), env: z.record(z.string(), z.string()) });

/** The deployed stack's outputs that the command line needs, by the environment variable they become. */
const OUTPUTS = {
  IncidentsTable: 'INCIDENTS_TABLE',
  AuditTable: 'AUDIT_TABLE',
  KnowledgeTable: 'KNOWLEDGE_TABLE',
  ControlTable: 'CONTROL_TABLE',
  HealMachineArn: 'HEAL_ARN',
  TopicArn: 'TOPIC_ARN',
  AnswerFunctionName: 'ANSWER_FUNCTION',
  DiscoverFunctionName: 'DISCOVER_FUNCTION',
  Policy: 'PRUNELLA_POLICY',
} as const;

export interface Account {
  /** `the local account` or `AWS, Region eu-west-1`. */
  readonly name: string;
  readonly answerFunction: string;
  readonly discoverFunction: string;
}

export interface Choice {
  readonly stack: string;
  /** Talk to AWS although a local account is up. */
  readonly aws: boolean;
}

/**
 * Finds the deployed stack and sets this process' environment as the deployed functions have theirs, so that the
 * command line reads the same records through the same code.
 * @throws UsageError when no stack is deployed where it looks.
 */
export async function connect({ stack, aws }: Choice): Promise<Account> {
  const name = aws ? awsName() : (useLocalAccount() ?? awsName());
  const outputs = await readOutputs(stack, name);
  for (const [output, variable] of Object.entries(OUTPUTS)) {
    const value = outputs.get(output);
    if (value !== undefined) process.env[variable] = value;
  }
  return {
    name,
    answerFunction: process.env['ANSWER_FUNCTION'] ?? '',
    discoverFunction: process.env['DISCOVER_FUNCTION'] ?? '',
  };
}

function awsName(): string {
  const region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  if (endpoint) return `the account behind ${endpoint}`;
  return region ? `AWS, Region ${region}` : 'AWS';
}

/** Takes over the local account's address when one is running; its name, else undefined. */
function useLocalAccount(): string | undefined {
  if (process.env['AWS_ENDPOINT_URL'] || !existsSync(LOCAL_ACCOUNT)) return undefined;
  const { endpoint, pid, env } = LocalAccount.parse(JSON.parse(readFileSync(LOCAL_ACCOUNT, 'utf8')));
  if (!isRunning(pid)) return undefined;
  Object.assign(process.env, env);
  return `the local account (${endpoint})`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function readOutputs(stack: string, where: string): Promise<Map<string, string>> {
  try {
    const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return new Map(
      outputs.flatMap(({ OutputKey, OutputValue }) =>
        OutputKey && OutputValue ? [[OutputKey, OutputValue] as const] : [],
      ),
    );
  } catch (cause) {
    const remedy =
      'deploy it with `npx cdk deploy`, start a local account with `npm run sandbox -- up`, or name another with --stack';
    throw new UsageError(
      `found no stack ${stack} in ${where} (${cause instanceof Error ? cause.message : String(cause)}): ${remedy}`,
      { cause },
    );
  }
}
