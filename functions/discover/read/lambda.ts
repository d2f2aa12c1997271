import {
  GetFunctionConfigurationCommand,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  type FunctionConfiguration,
} from '@aws-sdk/client-lambda';
import { lambdaOf, type Arn } from '../../../layers/core/arn.ts';
import { isAwsError, type Aws } from '../../../layers/core/aws.ts';
import type { EventSource, FunctionFacts } from '../facts.ts';
import { everyPage, mapAtOnce } from '../pool.ts';

/** Lambda's control plane answers 15 calls a second. */
const AT_ONCE = 4;
/** From here on, listing all functions (50 a page) takes fewer calls than asking for each. */
const WORTH_LISTING = 5;

/** Functions with their aliases. A function that no longer exists is left out. */
export async function readFunctions(aws: Aws, arns: readonly Arn[]): Promise<FunctionFacts[]> {
  const configurations = await (arns.length < WORTH_LISTING ? askEach(aws, arns) : listAll(aws, arns));
  return mapAtOnce(configurations, AT_ONCE, async (configuration) =>
    functionFacts(configuration, await aliasesOf(aws, configuration.FunctionArn!)),
  );
}

async function listAll(aws: Aws, arns: readonly Arn[]): Promise<FunctionConfiguration[]> {
  const wanted = new Set(arns);
  const all = await everyPage(async (Marker) => {
    const answer = await aws.lambda.send(new ListFunctionsCommand({ MaxItems: 50, ...(Marker ? { Marker } : {}) }));
    return { items: answer.Functions, next: answer.NextMarker };
  });
  return all.filter(({ FunctionArn }) => FunctionArn && wanted.has(FunctionArn));
}

async function askEach(aws: Aws, arns: readonly Arn[]): Promise<FunctionConfiguration[]> {
  const answers = await mapAtOnce(arns, AT_ONCE, async (FunctionName) => {
    try {
      return [await aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))];
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return [];
      throw error;
    }
  });
  return answers.flat();
}

async function aliasesOf(aws: Aws, arn: Arn): Promise<FunctionFacts['aliases']> {
  const aliases = await everyPage(async (Marker) => {
    const answer = await aws.lambda.send(new ListAliasesCommand({ FunctionName: arn, ...(Marker ? { Marker } : {}) }));
    return { items: answer.Aliases, next: answer.NextMarker };
  });
  return aliases.flatMap(({ AliasArn, FunctionVersion }) =>
    AliasArn ? [{ arn: AliasArn, ...(FunctionVersion ? { version: FunctionVersion } : {}) }] : [],
  );
}

/** What Lambda polls for any function: 100 a page, so one list is cheaper than asking for each. */
export async function readEventSources(aws: Aws): Promise<EventSource[]> {
  const mappings = await everyPage(async (Marker) => {
    const answer = await aws.lambda.send(new ListEventSourceMappingsCommand({ ...(Marker ? { Marker } : {}) }));
    return { items: answer.EventSourceMappings, next: answer.NextMarker };
  });
  return mappings.flatMap(({ FunctionArn, EventSourceArn, State }) =>
    FunctionArn && EventSourceArn && State !== 'Disabled' ? [{ function: FunctionArn, source: EventSourceArn }] : [],
  );
}

/** Pure: what the inventory needs of a function. */
export function functionFacts(configuration: FunctionConfiguration, aliases: FunctionFacts['aliases']): FunctionFacts {
  const arn = configuration.FunctionArn!;
  return {
    arn,
    aliases,
    logGroup: configuration.LoggingConfig?.LogGroup ?? `/aws/lambda/${lambdaOf(arn).functionName}`,
    environment: Object.entries(configuration.Environment?.Variables ?? {}).map(([name, value]) => ({ name, value })),
  };
}
