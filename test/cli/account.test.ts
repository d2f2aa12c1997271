import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../cli/account.ts';
import { announceAccount } from '../../sandbox/account-file.ts';

const OUTPUTS = {
  IncidentsTable: 'incidents-1',
  AuditTable: 'audit-1',
  KnowledgeTable: 'knowledge-1',
  ControlTable: 'control-1',
  HealMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal',
  TopicArn: 'arn:aws:sns:eu-west-1:111122223333:operators',
  AnswerFunctionName: 'answer-1',
  DiscoverFunctionName: 'discover-1',
  Policy: '{}',
};
const stack = (outputs: Readonly<Record<string, string>>) => ({
  Stacks: [
    {
      StackName: 'Prunella',
      CreationTime: new Date(0),
      StackStatus: 'CREATE_COMPLETE' as const,
      Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    },
  ],
});

const cloudFormation = mockClient(CloudFormationClient);
const before = { ...process.env };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prunella-cli-'));
  vi.stubEnv('PRUNELLA_SANDBOX', folder);
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves(stack(OUTPUTS));
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  rmSync(folder, { recursive: true, force: true });
});

const announce = (pid: number) =>
  announceAccount({
    endpoint: 'http://127.0.0.1:4',
    pid,
    env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4', AWS_REGION: 'us-east-1' },
  });

describe('connect', () => {
  it('gives this process the environment that the deployed functions have', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');

    const account = await connect({ stack: 'Prunella', aws: false });

    expect(account).toEqual({
      name: 'AWS, Region eu-west-1',
      answerFunction: 'answer-1',
      discoverFunction: 'discover-1',
    });
    expect(process.env).toMatchObject({
      INCIDENTS_TABLE: 'incidents-1',
      CONTROL_TABLE: 'control-1',
      PRUNELLA_POLICY: '{}',
    });
  });

  it('talks to the local account while one is up, whatever profile is chosen', async () => {
    vi.stubEnv('AWS_PROFILE', 'production');
    announce(process.pid);

    const { name } = await connect({ stack: 'Prunella', aws: false });

    expect(name).toBe('the local account (http://127.0.0.1:4)');
    expect(process.env['AWS_ENDPOINT_URL']).toBe('http://127.0.0.1:4');
    expect(process.env['AWS_PROFILE']).toBeUndefined();
  });

  it.each([
    ['--aws says so', process.pid, true],
    ['its process has ended', 2 ** 22 + 1, false],
  ])('talks to AWS when %s', async (_why, pid, aws) => {
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-central-1');
    announce(pid);

    const { name } = await connect({ stack: 'Prunella', aws });

    expect(name).toBe('AWS, Region eu-central-1');
    expect(process.env['AWS_REGION']).toBe('eu-central-1');
  });

  it('says how to deploy when there is no such stack', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(new Error('Stack with id Prunella does not exist'));

    await expect(connect({ stack: 'Prunella', aws: true })).rejects.toThrow(
      'there is no stack Prunella in AWS: deploy it with `npx cdk deploy`',
    );
  });

  it('does not take a failure of the call for a missing stack', async () => {
    cloudFormation
      .on(DescribeStacksCommand)
      .rejects(new Error('The security token included in the request is expired'));

    await expect(connect({ stack: 'Prunella', aws: true })).rejects.toThrow(/^The security token/);
  });

  it('refuses a stack that is not Prunella', async () => {
    const { ControlTable: _, ...others } = OUTPUTS;
    cloudFormation.on(DescribeStacksCommand).resolves(stack(others));

    await expect(connect({ stack: 'Other', aws: true })).rejects.toThrow(
      'stack Other in AWS has no output ControlTable',
    );
  });
});
