import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeContinuousBackupsCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import {
  GetAliasCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
} from '@aws-sdk/client-lambda';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DeployedResource } from '../../../sandbox/contract.ts';
import { sharedAccount, type SharedAccount } from '../../support/sandbox.ts';

/** What the sandbox may stand in for. Another type here is a decision, written down with its reason. */
const standIns = [
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::ECS::Cluster',
  'AWS::ECS::Service',
  'AWS::ECS::TaskDefinition',
];

let account: SharedAccount;
let resources: readonly DeployedResource[];
const idOf = (type: string, logicalId = ''): string =>
  resources.find((each) => each.stackName === 'Fixture' && each.type === type && each.logicalId.startsWith(logicalId))
    ?.physicalId ?? '';

beforeAll(async () => {
  account = await sharedAccount();
  await account.deploy({ app: 'node test/sandbox/deploy/fixture-app.ts' });
  resources = await account.resources();
});

describe('cdk deploy into the local account', () => {
  it('differs from the original template only in types that the sandbox stands in for', async () => {
    const difference = await account.difference('Fixture');

    expect(Object.keys(difference.replaced).sort()).toEqual(standIns);
    expect(difference.added).toEqual(['LocalAccountValues']);
  });

  it('answers the template as it was deployed', async () => {
    const { TemplateBody = '' } = await new CloudFormationClient(account.client).send(
      new GetTemplateCommand({ StackName: 'Fixture' }),
    );

    expect(TemplateBody).toContain('AWS::ECS::Service');
    expect(TemplateBody).not.toContain('LocalAccountValues');
  });

  it('creates the service of the template, with the ARN that the rest of the stack was given', async () => {
    const ecs = new ECSClient(account.client);
    const { Parameter } = await new SSMClient(account.client).send(
      new GetParameterCommand({ Name: '/fixture/service' }),
    );
    const [, cluster = ''] = (Parameter?.Value ?? '').split('/');

    const { services = [] } = await ecs.send(
      new DescribeServicesCommand({ cluster, services: [Parameter?.Value ?? ''] }),
    );

    expect(services[0]).toMatchObject({ serviceArn: idOf('AWS::ECS::Service'), status: 'ACTIVE', desiredCount: 1 });
    expect(services[0]?.deploymentConfiguration?.deploymentCircuitBreaker).toEqual({ enable: true, rollback: true });
  });

  it('creates alarms with metric math and composite alarms', async () => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await new CloudWatchClient(account.client).send(
      new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );

    expect(MetricAlarms.find(({ AlarmName }) => AlarmName?.includes('Ratio'))?.Metrics).toHaveLength(3);
    expect(CompositeAlarms[0]?.AlarmRule).toContain(idOf('AWS::CloudWatch::Alarm', 'Busy'));
  });

  it('sets what the emulator drops: redrive, TTL, recovery, concurrency, dead letters, retention', async () => {
    const QueueUrl = idOf('AWS::SQS::Queue', 'Queue');
    const TableName = idOf('AWS::DynamoDB::GlobalTable');
    const FunctionName = idOf('AWS::Lambda::Function');
    const dynamo = new DynamoDBClient(account.client);
    const lambda = new LambdaClient(account.client);

    const { Attributes } = await new SQSClient(account.client).send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
    const { ContinuousBackupsDescription } = await dynamo.send(new DescribeContinuousBackupsCommand({ TableName }));
    const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    const { DeadLetterConfig, MemorySize } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const logGroupNamePrefix = idOf('AWS::Logs::LogGroup', 'WorkerLogs');
    const { logGroups } = await new CloudWatchLogsClient(account.client).send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix }),
    );

    expect(JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}')).toMatchObject({ maxReceiveCount: 3 });
    expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expires', TimeToLiveStatus: 'ENABLED' });
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
    expect(ReservedConcurrentExecutions).toBe(5);
    expect(DeadLetterConfig?.TargetArn).toContain('DeadLetters');
    expect(MemorySize).toBe(256);
    expect(logGroups?.[0]?.retentionInDays).toBe(7);
  });

  it('sets how a state machine logs, and how and whether a queue invokes', async () => {
    const lambda = new LambdaClient(account.client);
    const FunctionName = idOf('AWS::Lambda::Function');

    const { loggingConfiguration } = await new SFNClient(account.client).send(
      new DescribeStateMachineCommand({ stateMachineArn: idOf('AWS::StepFunctions::StateMachine') }),
    );
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
    const of = (queue: string) =>
      EventSourceMappings.find(({ EventSourceArn }) => EventSourceArn?.includes(`Fixture-${queue}`));

    expect(loggingConfiguration).toMatchObject({
      level: 'ERROR',
      includeExecutionData: true,
      destinations: [
        {
          cloudWatchLogsLogGroup: { logGroupArn: expect.stringContaining('MachineLogs') as string },
        },
      ],
    });
    expect(of('Queue')).toMatchObject({
      State: 'Enabled',
      BatchSize: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(of('DeadLetters')).toMatchObject({ State: 'Disabled' });
  });

  it('finds what is tagged, whoever answers for it', async () => {
    const tagging = new ResourceGroupsTaggingAPIClient(account.client);

    const { ResourceTagMappingList = [] } = await tagging.send(
      new GetResourcesCommand({ TagFilters: [{ Key: 'prunella:mode', Values: ['suggest'] }], ResourcesPerPage: 100 }),
    );
    const services = ResourceTagMappingList.map(({ ResourceARN = '' }) => ResourceARN.split(':').slice(2, 3)[0]);

    expect([...new Set(services)].sort()).toEqual(
      expect.arrayContaining(['cloudwatch', 'dynamodb', 'ecs', 'lambda', 'sqs', 'ssm', 'states']),
    );
  });
});

describe('functions in the local account', () => {
  it('are told what AWS tells them', async () => {
    const FunctionName = idOf('AWS::Lambda::Function');
    const lambda = new LambdaClient(account.client);

    const { Payload, ExecutedVersion } = await lambda.send(
      new InvokeCommand({ FunctionName, Qualifier: 'live', Payload: JSON.stringify({ kind: 'test' }) }),
    );
    const told = JSON.parse(Payload?.transformToString() ?? '{}') as Record<string, unknown>;

    expect(ExecutedVersion).toBe('1');
    expect(told).toMatchObject({
      functionName: FunctionName,
      memoryLimitInMB: '256',
      executionEnv: 'AWS_Lambda_nodejs24.x',
      endpoint: account.endpoint,
    });
    expect(told['invokedFunctionArn']).toContain(`:function:${FunctionName}:live`);
    expect(told['awsRequestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(told['remaining']).toBeLessThanOrEqual(10_000);
  });

  it('are called by state machines through an alias', async () => {
    const sfn = new SFNClient(account.client);
    const { executionArn = '' } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: idOf('AWS::StepFunctions::StateMachine'), input: '{}' }),
    );

    const end = await until(async () => {
      const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === 'RUNNING' ? undefined : execution;
    });

    expect(end.status).toBe('SUCCEEDED');
    expect(end.output).toContain('AWS_Lambda_nodejs24');
  });
});

describe('a second deploy', () => {
  it('updates the service that changed, with the next revision, and leaves the rest alone', async () => {
    const service = idOf('AWS::ECS::Service');
    const FunctionName = idOf('AWS::Lambda::Function');

    await account.deploy({ app: 'node test/sandbox/deploy/fixture-app.ts', context: { tasks: '2' } });
    const { services = [] } = await new ECSClient(account.client).send(
      new DescribeServicesCommand({ cluster: service.split('/')[1], services: [service] }),
    );
    const alias = await new LambdaClient(account.client).send(new GetAliasCommand({ FunctionName, Name: 'live' }));

    expect(services[0]).toMatchObject({
      desiredCount: 2,
      taskDefinition: expect.stringMatching(/fixture:2$/) as string,
    });
    expect(alias.FunctionVersion).toBe('1');
  });
});

describe('a deploy that changes a function', () => {
  it('publishes a version and points the alias to it, with its tags and its invokers', async () => {
    const FunctionName = idOf('AWS::Lambda::Function');
    const lambda = new LambdaClient(account.client);

    await account.deploy({ app: 'node test/sandbox/deploy/fixture-app.ts', context: { tasks: '2', release: '2' } });
    const alias = await lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
    const { Payload, ExecutedVersion } = await lambda.send(
      new InvokeCommand({ FunctionName, Qualifier: 'live', Payload: JSON.stringify({ kind: 'test' }) }),
    );
    const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    const { Tags } = await lambda.send(new ListTagsCommand({ Resource: `${alias.AliasArn?.replace(/:live$/, '')}` }));

    expect(alias.FunctionVersion).toBe('2');
    expect(ExecutedVersion).toBe('2');
    expect(JSON.parse(Payload?.transformToString() ?? '{}')).toMatchObject({ release: '2' });
    expect(ReservedConcurrentExecutions).toBe(5);
    expect(Tags).toMatchObject({ 'prunella:mode': 'suggest' });
  });
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(100);
  }
}
