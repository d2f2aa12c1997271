import type { ParameterHistory } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import type { Aws } from '../../../layers/core/aws.ts';
import { lookWith } from '../../../functions/changes/look.ts';
import { putVersion } from '../../../functions/recover/support/parameter.ts';
import { ARNS } from '../../support/fake-account.ts';

const awsOf = (send: (command: { input: object }) => unknown): Aws =>
  ({ ssm: { send: (command: { input: object }) => Promise.resolve(send(command)) } }) as unknown as Aws;

const version = (Version: number, more: Partial<ParameterHistory> = {}): ParameterHistory => ({
  Name: '/shop/limit',
  Version,
  Value: `value-${Version}`,
  Type: 'String',
  DataType: 'text',
  ...more,
});

test('an old value is put back under the tier, pattern and description that the parameter has now', async () => {
  const inputs: object[] = [];
  const versions = [
    version(1, { Tier: 'Standard' }),
    version(2, { Tier: 'Advanced', AllowedPattern: '.*', Description: 'd' }),
  ];

  await putVersion(
    ARNS.parameter,
    1,
    versions,
    awsOf(({ input }) => (inputs.push(input), {})),
  );

  expect(inputs).toEqual([
    {
      Name: '/shop/limit',
      Value: 'value-1',
      Type: 'String',
      KeyId: undefined,
      Overwrite: true,
      Tier: 'Advanced',
      DataType: 'text',
      AllowedPattern: '.*',
      Description: 'd',
    },
  ]);
});

test('the version of a parameter is found behind empty pages', async () => {
  const pages = [
    { NextToken: 'a' },
    { Parameters: [], NextToken: 'b' },
    { Parameters: [{ Version: 3, LastModifiedDate: new Date(0) }] },
  ];
  const asked: unknown[] = [];
  const aws = awsOf(({ input }) => {
    asked.push((input as { NextToken?: string }).NextToken);
    return pages[asked.length - 1];
  });

  const found = await lookWith(() => Promise.resolve(aws)).parameterVersionOf(ARNS.parameter);

  expect(found).toEqual({ version: 3, since: '1970-01-01T00:00:00.000Z' });
  expect(asked).toEqual([undefined, 'a', 'b']);
});
