import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import { mockClient } from 'aws-sdk-client-mock';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { assumeForAction, awsFor, isNamed, readerAws } from '../../layers/runtime/aws.ts';
import { withRuntime, type Call, type Runtime } from '../../layers/runtime/runtime.ts';
import { sharedAccount } from '../support/sandbox.ts';
import { START, after, unique } from './samples.ts';

const parameter = (name: string): string => `arn:aws:ssm:eu-west-1:111122223333:parameter/${name}`;
const roleArn = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

beforeEach(() => vi.stubEnv('AWS_REGION', 'eu-west-1'));
afterEach(() => vi.unstubAllEnvs());

describe('awsFor', () => {
  test('gives the same clients for the same account and Region, others for another Region', () => {
    const aws = awsFor(parameter('a'));

    expect(awsFor(parameter('b')).ssm).toBe(aws.ssm);
    expect(awsFor('arn:aws:ssm:us-east-1:111122223333:parameter/a').ssm).not.toBe(aws.ssm);
    expect(awsFor('arn:aws:ssm:eu-west-1:444455556666:parameter/a').ssm).not.toBe(aws.ssm);
  });

  test("uses the ARN's Region, and the function's own where the ARN has none", async () => {
    const regionOf = (arn: string) => {
      const call: Runtime['call'] = async <T>({ region }: Call) => region as T;
      return withRuntime({ call }, () => awsFor(arn).ssm.send(new GetParameterCommand({ Name: 'a' })));
    };

    expect(await regionOf('arn:aws:ssm:us-east-1:111122223333:parameter/a')).toBe('us-east-1');
    expect(await regionOf('arn:aws:iam::111122223333:role/a')).toBe('eu-west-1');
  });
});

describe('isNamed', () => {
  test.each([
    [['ecs:UpdateService'], 'ecs', new UpdateServiceCommand({ service: 's' }), true],
    [['ecs:Update*'], 'ecs', new UpdateServiceCommand({ service: 's' }), true],
    [['ecs:UpdateService'], 'ecs', new DescribeServicesCommand({ services: [] }), false],
    [['ssm:UpdateService'], 'ecs', new UpdateServiceCommand({ service: 's' }), false],
    [['lambda:InvokeFunction'], 'lambda', new InvokeCommand({ FunctionName: 'f' }), true],
    [
      ['application-autoscaling:RegisterScalableTarget'],
      'autoscaling',
      new RegisterScalableTargetCommand({
        ServiceNamespace: 'ecs',
        ResourceId: 'r',
        ScalableDimension: 'ecs:service:DesiredCount',
      }),
      true,
    ],
  ] as const)('%j names the %s command: case %#', (actions, service, command, expected) => {
    expect(isNamed(actions, service, command as never)).toBe(expected);
  });
});

describe('assumeForAction', () => {
  const grant = (name: string) => [{ actions: ['ssm:PutParameter'], on: [parameter(name)] }];

  function mocked() {
    const sts = mockClient(STSClient);
    const ssm = mockClient(SSMClient);
    let session = 0;
    sts.on(AssumeRoleCommand).callsFake(({ RoleArn }: { RoleArn: string }) => ({
      Credentials: {
        AccessKeyId: `${RoleArn.split('/')[1]}-${++session}`,
        SecretAccessKey: 's',
        SessionToken: 't',
        Expiration: new Date(Date.parse(START) + 900_000),
      },
    }));
    const signedBy: string[] = [];
    ssm.onAnyCommand().callsFake(async (_, getClient: () => SSMClient) => {
      signedBy.push((await getClient().config.credentials()).accessKeyId);
      return {};
    });
    return { sts, signedBy, restore: () => [sts, ssm].forEach((mock) => mock.restore()) };
  }

  test('assumes the role with the grants and the incident, and reads with the read-only role', async () => {
    const name = unique('parameter');
    vi.stubEnv('ACTION_ROLES', JSON.stringify({ 'restore-parameter': roleArn('writer') }));
    vi.stubEnv('READER_ROLE_ARN', roleArn(unique('reader')));
    const { sts, signedBy, restore } = mocked();

    await withRuntime({ now: () => START }, async () => {
      const aws = await assumeForAction('restore-parameter', grant(name), '01JD3Q8Z3M7N5V6XK2B4C9D8EF');
      await aws.ssm.send(new GetParameterCommand({ Name: name }));
      await aws.ssm.send(new PutParameterCommand({ Name: name, Value: 'v' }));
      await aws.ssm.send(new DeleteParameterCommand({ Name: name }));
    });

    const assumed = sts.commandCalls(AssumeRoleCommand).map(({ args: [{ input }] }) => input);
    restore();
    expect(signedBy.map((key) => key.split('-')[0])).toEqual(['reader', 'writer', 'reader']);
    expect(assumed).toHaveLength(2);
    expect(assumed[0]).not.toHaveProperty('Policy');
    expect(assumed[1]).toMatchObject({ RoleArn: roleArn('writer'), RoleSessionName: '01JD3Q8Z3M7N5V6XK2B4C9D8EF' });
    expect(JSON.parse(assumed[1]!.Policy!)).toMatchObject({
      Statement: [{ Effect: 'Allow', Action: ['ssm:PutParameter'], Resource: [parameter(name)] }],
    });
  });

  test('never shares the session of one incident with another', async () => {
    const name = unique('parameter');
    vi.stubEnv('ACTION_ROLES', JSON.stringify({ 'restore-parameter': roleArn('writer') }));
    const { signedBy, restore } = mocked();

    for (const incidentId of [
      '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
      '01JD3Q8Z3M7N5V6XK2B4C9D8EG',
      '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
    ]) {
      const aws = await withRuntime({ now: () => START }, () =>
        assumeForAction('restore-parameter', grant(name), incidentId),
      );
      await withRuntime({ now: () => START }, () => aws.ssm.send(new PutParameterCommand({ Name: name, Value: 'v' })));
    }

    restore();
    expect(signedBy[0]).not.toBe(signedBy[1]);
    expect(signedBy[2]).toBe(signedBy[0]);
  });

  test('says which roles there are when the action has none', async () => {
    vi.stubEnv('ACTION_ROLES', JSON.stringify({ 'restart-service': roleArn('writer') }));

    await expect(assumeForAction('scale-out', [], 'id')).rejects.toThrow(
      'action scale-out has no role: deploy with it switched on (ACTION_ROLES has restart-service)',
    );
  });

  test('asks STS again before the credentials end, and keeps no failure', async () => {
    vi.stubEnv('READER_ROLE_ARN', roleArn(unique('reader')));
    const { sts, restore } = mocked();
    sts
      .on(AssumeRoleCommand)
      .rejectsOnce(Object.assign(new Error('denied'), { name: 'AccessDenied' }))
      .resolves({
        Credentials: { AccessKeyId: 'k', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date(after(900)) },
      });
    const { assumedRole } = await import('../../layers/runtime/assumed-role.ts');
    const credentials = assumedRole({ role: roleArn(unique('reader')), sessionName: 'x' });
    const ask = (now: string) => withRuntime({ now: () => now }, credentials);

    await expect(ask(START)).rejects.toThrow('denied');
    await Promise.all([ask(START), ask(after(1)), ask(after(779))]);
    await ask(after(781));

    const calls = sts.commandCalls(AssumeRoleCommand).length;
    restore();
    expect(calls).toBe(3);
  });
});

test('the read-only role is assumed for real, against the local account', async () => {
  const account = await sharedAccount();
  for (const [name, value] of Object.entries(account.env)) vi.stubEnv(name, value);
  vi.stubEnv('READER_ROLE_ARN', roleArn(unique('reader')));
  const name = `/${unique('parameter')}`;
  await new SSMClient(account.client).send(new PutParameterCommand({ Name: name, Value: 'v', Type: 'String' }));
  const arn = `arn:aws:ssm:${account.client.region}:111122223333:parameter${name}`;

  const aws = await readerAws(arn);
  const { Parameter } = await aws.ssm.send(new GetParameterCommand({ Name: name }));
  const identity = await new STSClient(account.client).send(new GetCallerIdentityCommand({}));

  expect(Parameter?.Value).toBe('v');
  expect(identity.Account).toMatch(/^\d{12}$/);
});
