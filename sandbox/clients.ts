import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Account } from './deploy/arns.ts';
import type { Emulator } from './emulator/emulator.ts';

/** Clients of the emulator itself, past the endpoint: what the sandbox does behind the account's back. */
export interface AllEmulatorClients {
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
  readonly dynamoDb: DynamoDBClient;
  readonly events: EventBridgeClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;
  readonly tagging: ResourceGroupsTaggingAPIClient;
}

/** @param account 12 digits and Region; the emulator keeps accounts apart by the access key */
export function emulatorClients({ url, token }: Emulator, { accountId, region }: Account): AllEmulatorClients {
  const config = {
    endpoint: url,
    region,
    credentials: { accessKeyId: accountId, secretAccessKey: 'local' },
    disableRequestCompression: true,
  };
  return {
    cloudFormation: new CloudFormationClient(config),
    cloudWatch: new CloudWatchClient(config),
    dynamoDb: new DynamoDBClient(config),
    events: withToken(new EventBridgeClient(config), token),
    lambda: new LambdaClient(config),
    logs: new CloudWatchLogsClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sfn: new SFNClient(config),
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
    ssm: new SSMClient(config),
    tagging: new ResourceGroupsTaggingAPIClient(config),
  };
}

/** Has each request carry the token that lets it put events of AWS services on the bus. */
function withToken(client: EventBridgeClient, token: string): EventBridgeClient {
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request?: { headers?: Record<string, string> } };
      if (request?.headers !== undefined) request.headers['x-sandbox-token'] = token;
      return next(args);
    },
    { step: 'build', name: 'sandboxToken' },
  );
  return client;
}
