/**
 * What the sandbox and the product rely on in the emulator, which someone else writes. When one of these fails after an
 * update of the emulator, the product is not at fault.
 */
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { GetParameterHistoryCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedAccount, type SharedAccount } from '../../support/sandbox.ts';

let account: SharedAccount;
const unique = randomUUID().slice(0, 8);

beforeAll(async () => {
  account = await sharedAccount();
});

/** A queue that receives what a pattern matches on the default bus. */
async function listen(
  name: string,
  pattern: object,
): Promise<{ next(matching: (body: string) => boolean): Promise<Record<string, unknown>> }> {
  const sqs = new SQSClient(account.client);
  const events = new EventBridgeClient(account.client);
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-${unique}` }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await events.send(new PutRuleCommand({ Name: `${name}-${unique}`, EventPattern: JSON.stringify(pattern) }));
  const Targets = [{ Id: 'queue', Arn: Attributes?.['QueueArn'] }];
  await events.send(new PutTargetsCommand({ Rule: `${name}-${unique}`, Targets }));
  const next = async (matching: (body: string) => boolean): Promise<Record<string, unknown>> => {
    for (let attempt = 0; attempt < 10; attempt++) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2, MaxNumberOfMessages: 10 }),
      );
      for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      const found = Messages.find(({ Body = '' }: Message) => matching(Body));
      if (found?.Body !== undefined) return JSON.parse(found.Body) as Record<string, unknown>;
    }
    throw new Error(`nothing came to ${name} within 20 s`);
  };
  return { next };
}

describe('queues', () => {
  it('have addresses that lead through the endpoint', async () => {
    const { QueueUrl } = await new SQSClient(account.client).send(
      new CreateQueueCommand({ QueueName: `address-${unique}` }),
    );

    expect(QueueUrl).toBe(`${account.endpoint}/111122223333/address-${unique}`);
  });
});

describe('the default bus', () => {
  it('takes events in the name of an AWS service from nobody but the sandbox', async () => {
    const Entries = [{ Source: 'aws.cloudwatch', DetailType: 'CloudWatch Alarm State Change', Detail: '{}' }];

    const answer = await new EventBridgeClient(account.client).send(new PutEventsCommand({ Entries }));

    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] });
  });

  it('hands the event of an alarm to a queue, by pattern', async () => {
    const queue = await listen('alarm', { source: ['aws.cloudwatch'], detail: { alarmName: [{ prefix: unique }] } });
    const cloudwatch = new CloudWatchClient(account.client);

    const AlarmName = `${unique}-a`;
    const metric = {
      Namespace: 'Test',
      MetricName: unique,
      Period: 60,
      Statistic: 'Sum' as const,
      EvaluationPeriods: 1,
    };
    const condition = { Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' as const };
    await cloudwatch.send(new PutMetricAlarmCommand({ AlarmName, ...metric, ...condition }));
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }));
    const event = await queue.next((body) => body.includes(unique));

    expect(event).toMatchObject({
      source: 'aws.cloudwatch',
      account: '111122223333',
      region: 'us-east-1',
      detail: { alarmName: `${unique}-a` },
    });
  });

  it('is told of parameter writes that pass through the endpoint', async () => {
    const queue = await listen('parameter', { source: ['aws.ssm'] });
    const Name = `/relied/${unique}`;

    await new SSMClient(account.client).send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' }));
    const change = await queue.next((body) => body.includes(Name) && body.includes('Parameter Store Change'));

    expect(change['detail']).toEqual({ operation: 'Create', name: Name, type: 'String' });
  });

  it('is told when an execution ends', async () => {
    const queue = await listen('execution', {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
    });
    const sfn = new SFNClient(account.client);
    const definition = JSON.stringify({
      StartAt: 'End',
      States: { End: { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' } },
    });
    const roleArn = 'arn:aws:iam::111122223333:role/any';
    const { stateMachineArn = '' } = await sfn.send(
      new CreateStateMachineCommand({ name: `fails-${unique}`, definition, roleArn }),
    );

    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    const event = await queue.next((body) => body.includes('FAILED') && body.includes(executionArn ?? '-'));

    expect(event['detail']).toMatchObject({ status: 'FAILED', executionArn, stateMachineArn, error: 'Broken' });
  });
});

describe('parameters', () => {
  it('keep their history, a version each', async () => {
    const ssm = new SSMClient(account.client);
    const Name = `/history/${unique}`;
    await ssm.send(new PutParameterCommand({ Name, Value: 'one', Type: 'String' }));
    await ssm.send(new PutParameterCommand({ Name, Value: 'two', Overwrite: true }));

    const { Parameters = [] } = await ssm.send(new GetParameterHistoryCommand({ Name }));

    expect(Parameters.map(({ Version, Value }) => [Version, Value])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
  });
});

describe('sessions', () => {
  it('belong to the account of their role', async () => {
    const assumed = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/Act', RoleSessionName: unique });
    const { Credentials } = await new STSClient(account.client).send(assumed);
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };

    const identity = await new STSClient({ ...account.client, credentials }).send(new GetCallerIdentityCommand({}));
    const { QueueUrl } = await new SQSClient({ ...account.client, credentials }).send(
      new CreateQueueCommand({ QueueName: `session-${unique}` }),
    );

    expect(identity).toMatchObject({
      Account: '111122223333',
      Arn: `arn:aws:sts::111122223333:assumed-role/Act/${unique}`,
    });
    expect(QueueUrl).toContain('/111122223333/');
  });

  it('are named as who did it, when they change something', async () => {
    const queue = await listen('trail', { 'detail-type': ['AWS API Call via CloudTrail'] });
    const assumed = new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::111122223333:role/Act',
      RoleSessionName: `incident-${unique}`,
    });
    const { Credentials } = await new STSClient(account.client).send(assumed);
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };

    await new SSMClient({ ...account.client, credentials }).send(
      new PutParameterCommand({ Name: `/who/${unique}`, Value: 'v', Type: 'String' }),
    );
    const event = await queue.next((body) => body.includes(`/who/${unique}`));

    expect(event['detail']).toMatchObject({
      eventName: 'PutParameter',
      userIdentity: { arn: `arn:aws:sts::111122223333:assumed-role/Act/incident-${unique}` },
      requestParameters: { value: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    });
  });
});

describe('tables', () => {
  const TableName = `relied-${unique}`;
  const key = (pk: string): { pk: { S: string } } => ({ pk: { S: pk } });
  let dynamo: DynamoDBClient;

  beforeAll(async () => {
    dynamo = new DynamoDBClient(account.client);
    const AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' as const }];
    const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' as const }];
    await dynamo.send(
      new CreateTableCommand({ TableName, AttributeDefinitions, KeySchema, BillingMode: 'PAY_PER_REQUEST' }),
    );
  });

  it('carry a transaction through whole or not at all', async () => {
    const put = (pk: string): object => ({
      Put: { TableName, Item: key(pk), ConditionExpression: 'attribute_not_exists(pk)' },
    });
    await dynamo.send(new TransactWriteItemsCommand({ TransactItems: [put('taken')] as never }));

    const second = dynamo.send(new TransactWriteItemsCommand({ TransactItems: [put('free'), put('taken')] as never }));

    await expect(second).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key: key('free'), ConsistentRead: true }));
    expect(Item).toBeUndefined();
  });

  it('let one of twenty writers win a condition', async () => {
    const write = (owner: number): Promise<boolean> =>
      dynamo
        .send(
          new UpdateItemCommand({
            TableName,
            Key: key('lease'),
            UpdateExpression: 'SET #owner = :owner',
            ConditionExpression: 'attribute_not_exists(#owner)',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': { N: String(owner) } },
          }),
        )
        .then(
          () => true,
          () => false,
        );

    const won = await Promise.all(Array.from({ length: 20 }, (_, owner) => write(owner)));

    expect(won.filter(Boolean)).toHaveLength(1);
  });
});
