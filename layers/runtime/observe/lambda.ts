import { GetAliasCommand } from '@aws-sdk/client-lambda';
import { lambdaOf, type Arn } from '../../core/arn.ts';
import type { Aws } from '../../core/aws.ts';
import type { AliasState } from '../../core/evidence.ts';
import type { Change } from '../../core/inventory.ts';

/** Reads where an alias points; where it pointed before comes from the recorded changes, for Lambda does not keep it. */
export async function lookAtAlias(arn: Arn, changes: readonly Change[], aws: Aws): Promise<AliasState> {
  const { functionName, alias } = lambdaOf(arn);
  const found = await aws.lambda.send(new GetAliasCommand({ FunctionName: functionName, Name: alias }));
  const previous = changes
    .filter(({ resource, kind, from }) => resource === arn && kind === 'alias-moved' && from !== undefined)
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .map(({ from = '', at }) => ({ version: from, until: at }));
  return {
    resource: arn,
    version: found.FunctionVersion ?? '',
    previous,
    routing: { ...found.RoutingConfig?.AdditionalVersionWeights },
  };
}
