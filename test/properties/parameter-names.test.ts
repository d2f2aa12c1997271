import { ParameterNotFound } from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lookWith } from '../../functions/changes/look.ts';
import { history, putVersion } from '../../functions/recover/support/parameter.ts';
import type { Aws, AwsCommand } from '../../layers/core/aws.ts';
import { ParameterArn } from '../../layers/core/arn.ts';

/** Names as SSM allows them: letters, digits, `.`, `-`, `_`, up to 15 levels, and outside any path with or without a slash. */
const word = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,12}$/);
const name = fc.oneof(
  word,
  fc.array(word, { minLength: 1, maxLength: 15 }).map((words) => `/${words.join('/')}`),
);
/** AWS writes one slash, whether the name begins with one or not. */
const arnOf = (parameter: string) =>
  `arn:aws:ssm:eu-west-1:111122223333:parameter${parameter.startsWith('/') ? '' : '/'}${parameter}`;

interface Asked {
  readonly Name: string;
  readonly ParameterFilters?: readonly { readonly Values: readonly string[] }[];
}

/** A store with one parameter; it knows it by its own name only, as SSM does. */
function storeOf(parameter: string) {
  const written: string[] = [];
  const version = { Name: parameter, Version: 1, Value: 'old', Type: 'String', LastModifiedDate: new Date(0) };
  const answers: Readonly<Record<string, (input: Asked) => unknown>> = {
    GetParameterHistoryCommand: ({ Name }) => (Name === parameter ? { Parameters: [version] } : undefined),
    PutParameterCommand: ({ Name }) => (written.push(Name), Name === parameter ? {} : undefined),
    DescribeParametersCommand: ({ ParameterFilters }) => ({
      Parameters: ParameterFilters?.[0]?.Values.includes(parameter) ? [version] : [],
    }),
  };
  const send = (command: AwsCommand<unknown>) => {
    const answer = answers[command.constructor.name]?.(command.input as Asked);
    return answer ? Promise.resolve(answer) : Promise.reject(new ParameterNotFound({ message: 'no', $metadata: {} }));
  };
  return { aws: { ssm: { send } } as unknown as Aws, written };
}

test('every parameter is found again by its ARN, and written under its own name, never beside it', async () => {
  await fc.assert(
    fc.asyncProperty(name, async (parameter) => {
      const { aws, written } = storeOf(parameter);
      const arn = ParameterArn.parse(arnOf(parameter));

      const versions = await history(arn, aws);
      await putVersion(arn, 1, versions, aws);
      const seen = await lookWith(() => Promise.resolve(aws)).parameterVersionOf(arn);

      expect(versions).toHaveLength(1);
      expect(written).toEqual([parameter]);
      expect(seen).toEqual({ version: 1, since: '1970-01-01T00:00:00.000Z' });
    }),
  );
});
