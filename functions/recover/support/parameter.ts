import { GetParameterHistoryCommand, PutParameterCommand, type ParameterHistory } from '@aws-sdk/client-ssm';
import { parseArn, type Arn } from '../../../layers/core/arn.ts';
import type { Aws } from '../../../layers/core/aws.ts';

/** The name SSM knows a parameter by: with its leading slash. */
export const nameOf = (arn: Arn) => parseArn(arn).resource.slice('parameter'.length);

/**
 * Every version, oldest first. Values stay in memory: they are compared and put back, never recorded.
 * @throws Error when the answer holds none
 */
export async function history(arn: Arn, aws: Aws): Promise<ParameterHistory[]> {
  const versions: ParameterHistory[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.ssm.send(
      new GetParameterHistoryCommand({ Name: nameOf(arn), WithDecryption: true, ...(NextToken ? { NextToken } : {}) }),
    );
    versions.push(...(page.Parameters ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  // A parameter has a version: of an empty answer every comparison of values would hold.
  if (versions.length === 0) throw new Error(`SSM answered no history of ${nameOf(arn)}`);
  return versions.sort((a, b) => (a.Version ?? 0) - (b.Version ?? 0));
}

/** Puts an old version's value as a new version. Written as `value of version N`: the value itself is never stored. */
export async function putVersion(
  arn: Arn,
  version: number,
  versions: readonly ParameterHistory[],
  aws: Aws,
): Promise<void> {
  const old = versions.find(({ Version }) => Version === version);
  if (old?.Value === undefined) throw new Error(`version ${version} of ${nameOf(arn)} is no longer in its history`);
  await aws.ssm.send(
    new PutParameterCommand({ Name: nameOf(arn), Value: old.Value, Type: old.Type, KeyId: old.KeyId, Overwrite: true }),
  );
}

export const valueAt = (versions: readonly ParameterHistory[], version: number) =>
  versions.find(({ Version }) => Version === version)?.Value;
