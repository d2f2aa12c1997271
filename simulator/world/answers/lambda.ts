import type {
  GetAliasCommandInput,
  GetFunctionCommandInput,
  GetFunctionConfigurationCommandInput,
  ListAliasesCommandInput,
  ListFunctionsCommandInput,
  ListTagsCommandInput,
  UpdateAliasCommandInput,
} from '@aws-sdk/client-lambda';
import type { Fleet, FunctionState } from '../model/fleet.ts';
import { updateAlias } from '../model/writes.ts';
import { AwsError, paged, type Answers } from './answering.ts';

/** By name or ARN, with or without a qualifier. @throws ResourceNotFoundException */
function lambda(fleet: Fleet, text = ''): FunctionState {
  const found = fleet.functions.get(text.replace(/^.*:function:/, '').split(':')[0] ?? '');
  if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${text}`, 404);
  return found;
}

/** @throws ResourceNotFoundException */
function version(found: FunctionState, qualifier: string): string {
  const named = qualifier === found.spec.alias ? found.alias.version : qualifier;
  if (named !== '$LATEST' && !found.versions.has(named))
    throw new AwsError('ResourceNotFoundException', `Function not found: ${found.arn}:${qualifier}`, 404);
  return named;
}

const configurationView = ({ arn, spec }: FunctionState, qualifier = '$LATEST') => ({
  FunctionName: spec.name,
  FunctionArn: qualifier === '$LATEST' ? arn : `${arn}:${qualifier}`,
  Version: qualifier,
  Runtime: 'nodejs24.x',
  Environment: { Variables: {} },
  LoggingConfig: { LogGroup: `/aws/lambda/${spec.name}` },
});

const aliasView = ({ arn, spec, alias }: FunctionState) => ({
  AliasArn: `${arn}:${spec.alias}`,
  Name: spec.alias,
  FunctionVersion: alias.version,
  ...(Object.keys(alias.weights).length > 0
    ? { RoutingConfig: { AdditionalVersionWeights: { ...alias.weights } } }
    : {}),
  RevisionId: alias.revision,
});

function aliasOf(fleet: Fleet, functionName: string | undefined, name: string | undefined): FunctionState {
  const found = lambda(fleet, functionName);
  if (name === found.spec.alias) return found;
  throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${found.arn}:${name}`, 404);
}

export const answers: Answers = {
  /** Nothing is polled for a function here. */
  ListEventSourceMappings: () => ({ EventSourceMappings: [] }),

  GetAlias: ({ FunctionName, Name }: GetAliasCommandInput, { fleet }) => aliasView(aliasOf(fleet, FunctionName, Name)),

  UpdateAlias(input: UpdateAliasCommandInput, { fleet, by }) {
    const found = aliasOf(fleet, input.FunctionName, input.Name);
    if (input.RevisionId !== undefined && input.RevisionId !== found.alias.revision)
      throw new AwsError('PreconditionFailedException', 'The RevisionId provided does not match the latest.', 412);
    const weights = input.RoutingConfig?.AdditionalVersionWeights ?? found.alias.weights;
    for (const one of Object.keys(weights)) version(found, one);
    updateAlias(fleet, found, { version: version(found, input.FunctionVersion ?? found.alias.version), weights }, by);
    return aliasView(found);
  },

  GetFunction({ FunctionName, Qualifier = '$LATEST' }: GetFunctionCommandInput, { fleet }) {
    const found = lambda(fleet, FunctionName);
    return { Configuration: configurationView(found, version(found, Qualifier)), Tags: { ...found.tags } };
  },

  GetFunctionConfiguration({ FunctionName, Qualifier = '$LATEST' }: GetFunctionConfigurationCommandInput, { fleet }) {
    const found = lambda(fleet, FunctionName);
    return configurationView(found, version(found, Qualifier));
  },

  ListFunctions({ Marker, MaxItems = 50 }: ListFunctionsCommandInput, { fleet }) {
    const { items, next } = paged([...fleet.functions.values()], Marker, MaxItems, 'NextMarker');
    return { Functions: items.map((one) => configurationView(one)), ...next };
  },

  ListAliases({ FunctionName, Marker, MaxItems = 50 }: ListAliasesCommandInput, { fleet }) {
    const { items, next } = paged([lambda(fleet, FunctionName)], Marker, MaxItems, 'NextMarker');
    return { Aliases: items.map(aliasView), ...next };
  },

  ListTags: ({ Resource }: ListTagsCommandInput, { fleet }) => ({ Tags: { ...lambda(fleet, Resource).tags } }),
};
