import { randomUUID } from 'node:crypto';

import { CloudWatchClient, GetMetricStatisticsCommand, type Dimension } from '@aws-sdk/client-cloudwatch';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { sharedAccount, type SharedAccount } from '../../support/sandbox.ts';
import { zipOf } from '../../../sandbox/scenarios/lib/zip.ts';

let account: SharedAccount;
let lambda: LambdaClient;
const name = `metered-${randomUUID().slice(0, 8)}`;
const Role = 'arn:aws:iam::111122223333:role/test';

const EMF =
  '{"_aws":{"CloudWatchMetrics":[{"Namespace":"NAME","Dimensions":[[]],"Metrics":[{"Name":"Sold"}]}]},"Sold":2}';
const GOOD = `exports.handler = async () => { console.log('${EMF.replace('NAME', name)}'); return {}; };`;
const THROWING = `exports.handler = async () => { throw new TypeError('bad revision'); };`;
const BROKEN = `throw new Error('cannot come up');`;

beforeAll(async () => {
  account = await sharedAccount();
  lambda = new LambdaClient(account.client);
});

/** Publishes a version with the given code. */
async function publish(code: string): Promise<string> {
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: zipOf('index.js', code) }));
  return (await lambda.send(new PublishVersionCommand({ FunctionName: name }))).Version!;
}

async function sum(namespace: string, metric: string, dimensions: Readonly<Record<string, string>>): Promise<number> {
  const Dimensions: Dimension[] = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const end = Math.ceil(Date.now() / 60_000) * 60_000 + 60_000;
  const { Datapoints = [] } = await new CloudWatchClient(account.client).send(
    new GetMetricStatisticsCommand({
      Namespace: namespace,
      MetricName: metric,
      Dimensions,
      Statistics: ['Sum'],
      Period: 600,
      StartTime: new Date(end - 600_000),
      EndTime: new Date(end),
    }),
  );
  return Datapoints[0]?.Sum ?? 0;
}

describe('function metrics', () => {
  it('count invocations and errors by alias, whoever invokes, and take EMF from the log', async () => {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role,
        Code: { ZipFile: zipOf('index.js', GOOD) },
      }),
    );
    const good = (await lambda.send(new PublishVersionCommand({ FunctionName: name }))).Version!;
    const { AliasArn } = await lambda.send(
      new CreateAliasCommand({ FunctionName: name, Name: 'live', FunctionVersion: good }),
    );
    const invoke = () =>
      lambda.send(new InvokeCommand({ FunctionName: name, Qualifier: 'live', Payload: Buffer.from('{}') }));
    const live = { FunctionName: name, Resource: `${name}:live` };
    await invoke();
    await runInStateMachine(AliasArn!);
    await vi.waitFor(async () => expect(await sum('AWS/Lambda', 'Invocations', live)).toBe(2), {
      timeout: 20_000,
      interval: 500,
    });
    expect(await sum('AWS/Lambda', 'Errors', live)).toBe(0);
    expect(await sum(name, 'Sold', {})).toBe(4);

    for (const code of [THROWING, BROKEN]) {
      await lambda.send(
        new UpdateAliasCommand({ FunctionName: name, Name: 'live', FunctionVersion: await publish(code) }),
      );
      await invoke();
    }

    await vi.waitFor(async () => expect(await sum('AWS/Lambda', 'Errors', live)).toBe(2), {
      timeout: 20_000,
      interval: 500,
    });
    expect(await sum('AWS/Lambda', 'Invocations', live)).toBe(4);
  }, 60_000);
});

async function runInStateMachine(functionArn: string): Promise<void> {
  const sfn = new SFNClient(account.client);
  const definition = JSON.stringify({
    StartAt: 'Run',
    States: {
      Run: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: functionArn, Payload: {} },
        End: true,
      },
    },
  });
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, roleArn: Role, definition }));
  await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  await vi.waitFor(
    async () => expect(await sum('AWS/States', 'ExecutionsSucceeded', { StateMachineArn: stateMachineArn! })).toBe(1),
    { timeout: 20_000, interval: 500 },
  );
}
