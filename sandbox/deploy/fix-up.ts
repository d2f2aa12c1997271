import {
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { TagResourceCommand as TagTable } from '@aws-sdk/client-dynamodb';
import { PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  GetEventSourceMappingCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand as TagFunction,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  DescribeStateMachineCommand,
  type LoggingConfiguration,
  type SFNClient,
  TagResourceCommand as TagMachine,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SetQueueAttributesCommand, TagQueueCommand } from '@aws-sdk/client-sqs';
import { AddTagsToResourceCommand } from '@aws-sdk/client-ssm';
import type { AllEmulatorClients } from '../clients.ts';
import type { DeployedResource } from '../contract.ts';
import { camelCase } from '../ecs/adopt.ts';
import { arnOf, type Account } from './arns.ts';

type Fix = (resource: DeployedResource, clients: AllEmulatorClients, arn: string) => Promise<void>;

/**
 * What the emulator's CloudFormation drops silently, set again through the services' public APIs; one entry a type.
 * Each is idempotent: it reads first where setting twice would be refused.
 */
const fixes: Readonly<Record<string, Fix>> = {
  'AWS::SQS::Queue': fixQueue,
  'AWS::DynamoDB::Table': fixTable,
  'AWS::DynamoDB::GlobalTable': fixTable,
  'AWS::Lambda::Function': fixFunction,
  'AWS::Lambda::EventSourceMapping': fixEventSource,
  'AWS::StepFunctions::StateMachine': fixStateMachine,
  'AWS::Logs::LogGroup': fixLogGroup,
  'AWS::SSM::Parameter': fixParameter,
};

/**
 * Sets again what was dropped, for each of the resources.
 * @throws what the emulator refuses, with the resource's name
 */
export async function fixUp(
  resources: readonly DeployedResource[],
  clients: AllEmulatorClients,
  account: Account,
): Promise<void> {
  for (const resource of resources) {
    const arn = arnOf(resource, account);
    if (arn === undefined) continue;
    try {
      await fixes[resource.type]?.(resource, clients, arn);
    } catch (cause) {
      throw new Error(
        `${resource.type} ${resource.logicalId} of ${resource.stackName} could not be completed: ${String(cause)}`,
        { cause },
      );
    }
  }
}

async function fixQueue(
  { physicalId: QueueUrl, properties, tags }: DeployedResource,
  { sqs }: AllEmulatorClients,
): Promise<void> {
  if (hasEntries(tags)) await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { ...tags } }));
  if (properties['RedrivePolicy'] === undefined) return;
  const wanted = properties['RedrivePolicy'];
  const RedrivePolicy = typeof wanted === 'string' ? wanted : JSON.stringify(wanted);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }));
  if (Attributes?.['RedrivePolicy'] === RedrivePolicy) return;
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
}

async function fixTable(
  { physicalId: TableName, properties, tags }: DeployedResource,
  { dynamoDb }: AllEmulatorClients,
  arn: string,
): Promise<void> {
  const { AttributeName, Enabled } = recordOf(properties['TimeToLiveSpecification']);
  if (isTrue(Enabled) && typeof AttributeName === 'string') {
    const { TimeToLiveDescription } = await dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }));
    if (TimeToLiveDescription?.AttributeName !== AttributeName) {
      const TimeToLiveSpecification = { AttributeName, Enabled: true };
      await dynamoDb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    }
  }
  // A global table declares it per replica.
  const [replica] = Array.isArray(properties['Replicas']) ? (properties['Replicas'] as Record<string, unknown>[]) : [];
  const recovery = recordOf(
    properties['PointInTimeRecoverySpecification'] ?? replica?.['PointInTimeRecoverySpecification'],
  );
  if (isTrue(recovery['PointInTimeRecoveryEnabled'])) {
    const { ContinuousBackupsDescription: backups } = await dynamoDb.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    if (backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus !== 'ENABLED') {
      const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
      await dynamoDb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
    }
  }
  const all = { ...tags, ...keyValues(replica?.['Tags']) };
  if (hasEntries(all)) await dynamoDb.send(new TagTable({ ResourceArn: arn, Tags: listOf(all) }));
}

async function fixFunction(
  { physicalId: FunctionName, properties, tags }: DeployedResource,
  { lambda }: AllEmulatorClients,
  arn: string,
): Promise<void> {
  const reserved = properties['ReservedConcurrentExecutions'];
  if (reserved !== undefined) {
    await lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: Number(reserved) }),
    );
  }
  const { TargetArn } = recordOf(properties['DeadLetterConfig']);
  if (typeof TargetArn === 'string') {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, DeadLetterConfig: { TargetArn } }));
  }
  if (hasEntries(tags)) await lambda.send(new TagFunction({ Resource: arn, Tags: { ...tags } }));
}

/** What of a mapping may be changed once it exists. */
const mappingSettings = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'FilterCriteria',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'ScalingConfig',
] as const;

/** The emulator keeps texts where the API wants numbers, and takes a mapping that is off for one that is on. */
async function fixEventSource(
  { physicalId: UUID, properties }: DeployedResource,
  { lambda }: AllEmulatorClients,
): Promise<void> {
  const now = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
  const wanted = mappingSettings.flatMap((name) => {
    const value = withNumbers(properties[name]);
    return value === undefined || JSON.stringify(value) === JSON.stringify(now[name]) ? [] : [[name, value] as const];
  });
  const Enabled = properties['Enabled'] === undefined || isTrue(properties['Enabled']);
  if (wanted.length === 0 && Enabled === (now.State === 'Enabled')) return;
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...Object.fromEntries(wanted), Enabled }));
}

/** CloudFormation takes numbers as texts too. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return Number(value);
  if (Array.isArray(value) || value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNumbers(inner)]));
}

/** The emulator keeps the logging of a machine as the template spells it, which is not how the API does. */
async function fixStateMachine(
  { properties, tags }: DeployedResource,
  { sfn }: { readonly sfn: SFNClient },
  arn: string,
): Promise<void> {
  const logging = camelCase(properties['LoggingConfiguration']) as LoggingConfiguration | undefined;
  if (logging !== undefined) {
    const loggingConfiguration = { ...logging, includeExecutionData: isTrue(logging.includeExecutionData) };
    const now = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    if (JSON.stringify(now.loggingConfiguration) !== JSON.stringify(loggingConfiguration))
      await sfn.send(new UpdateStateMachineCommand({ stateMachineArn: arn, loggingConfiguration }));
  }
  const all = Object.entries(tags).map(([key, value]) => ({ key, value }));
  if (all.length > 0) await sfn.send(new TagMachine({ resourceArn: arn, tags: all }));
}

async function fixLogGroup(
  { physicalId: logGroupName, properties }: DeployedResource,
  { logs }: AllEmulatorClients,
): Promise<void> {
  const retentionInDays = Number(properties['RetentionInDays'] ?? 0);
  if (retentionInDays > 0) await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
}

async function fixParameter(
  { physicalId: ResourceId, tags }: DeployedResource,
  { ssm }: AllEmulatorClients,
): Promise<void> {
  if (hasEntries(tags))
    await ssm.send(new AddTagsToResourceCommand({ ResourceType: 'Parameter', ResourceId, Tags: listOf(tags) }));
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
const isTrue = (value: unknown): boolean => value === true || value === 'true';
const hasEntries = (tags: Readonly<Record<string, string>>): boolean => Object.keys(tags).length > 0;
const listOf = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function keyValues(list: unknown): Record<string, string> {
  if (!Array.isArray(list)) return {};
  return Object.fromEntries((list as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));
}
