import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { ECSClient, ListTasksCommand, RegisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { GetAliasCommand, LambdaClient, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { SFNClient, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { GetServiceGraphCommand, XRayClient } from '@aws-sdk/client-xray';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeployedResource, LocalService } from '../../../sandbox/contract.ts';
import { functionKey, sessionOf } from '../../../sandbox/endpoint/caller.ts';
import { Endpoint } from '../../../sandbox/endpoint/endpoint.ts';
import { Rights } from '../../../sandbox/iam/index.ts';
import type { RightsRecord } from '../../../sandbox/iam/used.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const account = { accountId: '111122223333', region: 'us-east-1' };
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:111122223333:${resource}`;
const SERVICE = arn('ecs', 'service/prod/api');
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

const deployed = (type: string, physicalId: string, properties: object, stackName = 'Healer'): DeployedResource => ({
  stackName,
  logicalId: physicalId.replace(/\W/g, ''),
  physicalId,
  type: `AWS::${type}`,
  properties: properties as Record<string, unknown>,
  tags: {},
});
const allow = (Action: string | string[], Resource: string | string[], Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const roleWith = (name: string, trusted: unknown, ...Statement: object[]): DeployedResource[] => [
  deployed('IAM::Role', name, {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: trusted }],
    },
  }),
  deployed('IAM::Policy', `${name}-policy`, { Roles: [name], PolicyDocument: { Statement } }),
];

const TAG = 'aws:ResourceTag/prunella:mode';
const resources: DeployedResource[] = [
  ...roleWith(
    'actor',
    { Service: 'lambda.amazonaws.com' },
    allow('sts:AssumeRole', [role('restart'), role('elsewhere')]),
    allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], arn('dynamodb', 'table/audit')),
    allow('sns:Publish', arn('sns', 'operators')),
    allow('states:SendTaskSuccess', arn('states', 'stateMachine:heal')),
    allow('lambda:GetAlias', arn('lambda', 'function:quote')),
    allow('ecs:ListTasks', '*', { ArnEquals: { 'ecs:cluster': arn('ecs', 'cluster/prod') } }),
  ),
  ...roleWith(
    'restart',
    { AWS: role('actor') },
    allow('ecs:UpdateService', arn('ecs', 'service/*'), { StringEquals: { [TAG]: ['approve', 'heal'] } }),
    allow('ecs:RegisterTaskDefinition', arn('ecs', 'task-definition/*')),
    allow('iam:PassRole', role('task'), { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }),
  ),
  ...roleWith('elsewhere', { AWS: role('somebody') }, allow('ssm:PutParameter', '*')),
  ...roleWith('reader', { AWS: role('actor') }, allow('xray:GetServiceGraph', '*')),
  deployed('Lambda::Function', 'actor-function', { Role: role('actor') }),
  deployed('Lambda::Function', 'shop-function', { Role: role('shop') }, 'Shop'),
  deployed('StepFunctions::StateMachine', arn('states', 'stateMachine:heal'), {}),
  deployed('DynamoDB::Table', 'audit', {
    ResourcePolicy: {
      PolicyDocument: {
        Statement: [{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'dynamodb:UpdateItem', Resource: '*' }],
      },
    },
  }),
];

const ecs: LocalService = {
  signingName: 'ecs',
  operations: {
    UpdateService: () => ({ service: {} }),
    ListTasks: () => ({ taskArns: [] }),
    RegisterTaskDefinition: () => ({ taskDefinition: {} }),
  },
  stop: async () => undefined,
};

const xray: LocalService = {
  signingName: 'xray',
  operations: { GetServiceGraph: () => ({ Services: [] }) },
  stop: async () => undefined,
};

let endpoint: Endpoint;
let emulator: Server;
let url: string;
let stateDir: string;
let rights: Rights;
let tags: Record<string, string>;
let reached: string[];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'prunella-rights-'));
  tags = { 'prunella:mode': 'heal' };
  reached = [];
  emulator = createServer((request, response) => {
    reached.push(String(request.headers['x-amz-target'] ?? request.url));
    const xml = request.headers['content-type']?.includes('form-urlencoded') === true;
    request.resume().on('end', () => response.end(xml ? '<PublishResponse><PublishResult/></PublishResponse>' : '{}'));
  });
  await new Promise<void>((resolve) => emulator.listen(0, '127.0.0.1', resolve));
  endpoint = new Endpoint({ root, accountId: account.accountId, log: () => undefined });
  endpoint.passTo(`http://127.0.0.1:${(emulator.address() as AddressInfo).port}`);
  endpoint.serve(ecs);
  endpoint.serve(xray);
  rights = new Rights(account, async (of) => (of === SERVICE ? tags : {}), endpoint.sessions, stateDir);
  rights.deploying('Healer', { Resources: {}, Metadata: { Prunella: { Version: '1' } } });
  rights.deploying('Shop', { Resources: {} });
  rights.adopt(resources);
  endpoint.guardBy(rights.judge);
  url = await endpoint.listen(0);
});

afterEach(async () => {
  rights.stop();
  await endpoint.close();
  emulator.closeAllConnections();
  emulator.close();
  await rm(stateDir, { recursive: true, force: true });
});

/** A client that signs with this access key. */
const as = (accessKeyId: string) => ({
  endpoint: url,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'local' },
  maxAttempts: 1,
});
const ACTOR = functionKey('actor-function');

/** The key of a session, as AssumeRole hands one out. */
function assumed(name: string, policy?: object): string {
  endpoint.sessions.remember('ASIASESSION', sessionOf(role(name), 'incident-1', policy && JSON.stringify(policy)));
  return 'ASIASESSION';
}

/** AWS's wording. */
const refusedText = (
  who: string,
  action: string,
  resource: string,
  why = `because no identity-based policy allows the ${action} action`,
) =>
  `User: arn:aws:sts::111122223333:assumed-role/${who} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
const refused = (...words: Parameters<typeof refusedText>): unknown =>
  expect.objectContaining({ message: refusedText(...words) });

describe('a function of the judged stack', () => {
  it('may do what its role grants, and nothing else, in each protocol', async () => {
    const who = 'actor/actor-function';
    await new SNSClient(as(ACTOR)).send(new PublishCommand({ TopicArn: arn('sns', 'operators'), Message: 'm' }));
    await new LambdaClient(as(ACTOR)).send(new GetAliasCommand({ FunctionName: 'quote', Name: 'live' }));
    await new SFNClient(as(ACTOR)).send(new SendTaskSuccessCommand({ taskToken: 't', output: '{}' }));
    expect(reached).toHaveLength(3);

    const others = arn('sns', 'others');
    await expect(
      new SNSClient(as(ACTOR)).send(new PublishCommand({ TopicArn: others, Message: 'm' })),
    ).rejects.toMatchObject({ name: 'AuthorizationErrorException', message: refusedText(who, 'sns:Publish', others) });
    await expect(
      new LambdaClient(as(ACTOR)).send(new GetAliasCommand({ FunctionName: 'other', Name: 'live' })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
    await expect(
      new SSMClient(as(ACTOR)).send(new PutParameterCommand({ Name: '/a', Value: 'v' })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: refusedText(who, 'ssm:PutParameter', arn('ssm', 'parameter/a')),
    });
    expect(reached).toHaveLength(3);
  });

  it('is judged on each part of a transaction, and a table’s own deny wins', async () => {
    const item = { TableName: 'audit', Item: { pk: { S: '1' } } };
    const update = { TableName: 'audit', Key: { pk: { S: '1' } }, UpdateExpression: 'SET a = :b' };
    const client = new DynamoDBClient(as(ACTOR));

    await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: item }] }));
    const updating = client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: item }, { Update: update }] }));

    await expect(updating).rejects.toEqual(
      refused(
        'actor/actor-function',
        'dynamodb:UpdateItem',
        arn('dynamodb', 'table/audit'),
        'with an explicit deny in a resource-based policy',
      ),
    );
  });

  it('asks X-Ray with the role that may, and not with its own', async () => {
    const ask = (key: string) =>
      new XRayClient(as(key)).send(new GetServiceGraphCommand({ StartTime: new Date(0), EndTime: new Date(1000) }));

    await expect(ask(assumed('reader'))).resolves.toMatchObject({ Services: [] });
    await expect(ask(ACTOR)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: refusedText('actor/actor-function', 'xray:GetServiceGraph', '*'),
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('meets conditions that its service answers', async () => {
    const client = new ECSClient(as(ACTOR));

    await client.send(new ListTasksCommand({ cluster: 'prod' }));

    await expect(client.send(new ListTasksCommand({ cluster: 'test' }))).rejects.toEqual(
      refused('actor/actor-function', 'ecs:ListTasks', '*'),
    );
  });

  it('assumes only roles that it may assume and that trust it', async () => {
    const client = new STSClient(as(ACTOR));
    const assume = (name: string) => client.send(new AssumeRoleCommand({ RoleArn: role(name), RoleSessionName: 's' }));

    await assume('restart').catch(() => undefined); // the emulator here answers nothing of use
    expect(reached).toHaveLength(1);
    await expect(assume('elsewhere')).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(assume('task')).rejects.toEqual(refused('actor/actor-function', 'sts:AssumeRole', role('task')));
    expect(reached).toHaveLength(1);
  });

  it('is told when it is not known how to judge a call, which is then not made', async () => {
    await expect(
      new LambdaClient(as(ACTOR)).send(new PublishVersionCommand({ FunctionName: 'quote' })),
    ).rejects.toThrow();

    expect(reached).toEqual([]);
  });
});

describe('a session of an action’s role', () => {
  const update = (key: string, service = SERVICE) =>
    new ECSClient(as(key)).send(new UpdateServiceCommand({ cluster: 'prod', service }));

  it('has what role and session policy both allow', async () => {
    const key = assumed('restart', { Statement: [allow('ecs:UpdateService', SERVICE)] });

    await update(key);

    const other = arn('ecs', 'service/prod/web');
    tags = { 'prunella:mode': 'heal' };
    await expect(update(key, 'web')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(update(key, other)).rejects.toEqual(refused('restart/incident-1', 'ecs:UpdateService', other));
    expect(rights.record().refused).toContainEqual(
      expect.objectContaining({ action: 'ecs:UpdateService', resource: other }),
    );
  });

  it('is refused once the tag that the role demands is gone', async () => {
    const key = assumed('restart', { Statement: [allow('ecs:UpdateService', SERVICE)] });
    tags = { 'prunella:mode': 'observe' };

    await expect(update(key)).rejects.toEqual(refused('restart/incident-1', 'ecs:UpdateService', SERVICE));
  });

  it('hands a role on only where that is granted', async () => {
    const client = new ECSClient(as(assumed('restart')));
    const register = (taskRoleArn: string) =>
      client.send(new RegisterTaskDefinitionCommand({ family: 'api', containerDefinitions: [], taskRoleArn }));

    await register(role('task'));

    await expect(register(role('admin'))).rejects.toEqual(refused('restart/incident-1', 'iam:PassRole', role('admin')));
  });
});

it('does not judge whoever operates the account, nor other stacks’ functions', async () => {
  for (const key of ['111122223333', functionKey('shop-function')]) {
    await new SSMClient(as(key)).send(new PutParameterCommand({ Name: '/a', Value: 'v' }));
  }

  expect(reached).toHaveLength(2);
});

it('keeps a file of what was used, and of grants that nothing used', async () => {
  await new SNSClient(as(ACTOR)).send(new PublishCommand({ TopicArn: arn('sns', 'operators'), Message: 'm' }));

  rights.stop();

  const record = JSON.parse(await readFile(join(stateDir, 'rights.json'), 'utf8')) as RightsRecord;
  expect(record.used).toEqual([
    {
      role: role('actor'),
      stackName: 'Healer',
      logicalId: 'actor',
      action: 'sns:Publish',
      resource: arn('sns', 'operators'),
    },
  ]);
  const unused = record.unused.find(({ logicalId }) => logicalId === 'actor')?.actions;
  expect(unused).toContain('dynamodb:PutItem');
  expect(unused).not.toContain('sns:Publish');
});
