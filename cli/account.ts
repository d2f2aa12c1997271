import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { runningAccount } from '../sandbox/account-file.ts';
import { UsageError } from './command.ts';

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
  // The CDK and the CLI of AWS read the one, its SDKs the other.
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  if (!AWS_REGION && AWS_DEFAULT_REGION) process.env['AWS_REGION'] = AWS_DEFAULT_REGION;
  const name = aws ? awsName() : (useLocalAccount() ?? awsName());
  const outputs = await readOutputs(stack, name);
  for (const [output, variable] of Object.entries(OUTPUTS)) {
    const value = outputs.get(output);
    if (value === undefined)
      throw new UsageError(
        `stack ${stack} in ${name} has no output ${output}: it is not Prunella, or of another version; deploy this one with \`npx cdk deploy\``,
      );
    process.env[variable] = value;
  }
  return {
    name,
    answerFunction: process.env['ANSWER_FUNCTION'] ?? '',
    discoverFunction: process.env['DISCOVER_FUNCTION'] ?? '',
  };
}

function awsName(): string {
  const region = process.env['AWS_REGION'];
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  if (endpoint) return `the account behind ${endpoint}`;
  return region ? `AWS, Region ${region}` : 'AWS';
}

/** Takes over the local account's address when one is running; its name, else undefined. */
function useLocalAccount(): string | undefined {
  const account = runningAccount();
  const { AWS_ENDPOINT_URL } = process.env;
  if (account === undefined || (AWS_ENDPOINT_URL && AWS_ENDPOINT_URL !== account.endpoint)) return undefined;
  delete process.env['AWS_PROFILE']; // it would win over the keys
  delete process.env['AWS_SESSION_TOKEN'];
  Object.assign(process.env, account.env);
  return `the local account (${account.endpoint})`;
}

/** What CloudFormation answers about a stack that is not there; every other failure has its own remedy. */
const NO_STACK = /does not exist/;

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
    if (!(cause instanceof Error) || !NO_STACK.test(cause.message)) throw cause;
    const remedy = 'deploy it with `npx cdk deploy`, name another with --stack, or look in another Region (AWS_REGION)';
    throw new UsageError(`there is no stack ${stack} in ${where}: ${remedy}`, { cause });
  }
}
