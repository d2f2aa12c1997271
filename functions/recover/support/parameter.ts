import { GetParameterHistoryCommand, PutParameterCommand, type ParameterHistory } from '@aws-sdk/client-ssm';
import { parseArn, type Arn } from '../../../layers/core/arn.ts';
import { isAwsError, type Aws } from '../../../layers/core/aws.ts';

/** A parameter's name as a person reads it: with its leading slash. */
export const nameOf = (arn: Arn) => parseArn(arn).resource.slice('parameter'.length);

/** The names SSM may know it by: outside any path there is a leading slash in the ARN also where the name has none. */
export function namesOf(arn: Arn): readonly [string, ...string[]] {
  const name = nameOf(arn);
  return name.lastIndexOf('/') === 0 ? [name.slice(1), name] : [name];
}

/**
 * Every version, oldest first. Values stay in memory: they are compared and put back, never recorded.
 * @param decrypted whether secure values are needed in clear: to put one back, never only to look
 * @throws Error when the answer holds none
 */
export async function history(arn: Arn, aws: Aws, decrypted = false): Promise<ParameterHistory[]> {
  const [first, other] = namesOf(arn);
  try {
    return await historyOf(first, aws, decrypted);
  } catch (error) {
    if (other === undefined || !isAwsError(error, 'ParameterNotFound')) throw error;
    return historyOf(other, aws, decrypted);
  }
}

async function historyOf(Name: string, aws: Aws, decrypted: boolean): Promise<ParameterHistory[]> {
  const versions: ParameterHistory[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.ssm.send(
      new GetParameterHistoryCommand({ Name, WithDecryption: decrypted, ...(NextToken ? { NextToken } : {}) }),
    );
    versions.push(...(page.Parameters ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  // A parameter has a version: of an empty answer every comparison of values would hold.
  if (versions.length === 0) throw new Error(`SSM answered no history of ${Name}`);
  return versions.sort((a, b) => (a.Version ?? 0) - (b.Version ?? 0));
}

/**
 * Puts an old version's value as a new version. Written as `value of version N`: the value itself is never stored. The rest
 * stays as it is now: without its tier an advanced parameter is taken for one of the account's default, which SSM refuses to
 * go back to; without its pattern it has none any more.
 */
export async function putVersion(
  arn: Arn,
  version: number,
  versions: readonly ParameterHistory[],
  aws: Aws,
): Promise<void> {
  const old = versions.find(({ Version }) => Version === version);
  const { Tier, AllowedPattern, Description, DataType } = versions.at(-1) ?? {};
  if (old?.Value === undefined) throw new Error(`version ${version} of ${nameOf(arn)} is no longer in its history`);
  await aws.ssm.send(
    new PutParameterCommand({
      Name: old.Name ?? nameOf(arn),
      Value: old.Value,
      Type: old.Type,
      KeyId: old.KeyId,
      Overwrite: true,
      Tier,
      DataType,
      // Text that is empty is refused.
      ...(AllowedPattern ? { AllowedPattern } : {}),
      ...(Description ? { Description } : {}),
    }),
  );
}

export const valueAt = (versions: readonly ParameterHistory[], version: number) =>
  versions.find(({ Version }) => Version === version)?.Value;
