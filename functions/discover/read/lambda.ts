import {
  GetFunctionConfigurationCommand,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  type FunctionConfiguration,
} from '@aws-sdk/client-lambda';
import { lambdaOf, type Arn } from '../../../layers/core/arn.ts';
import { isAwsError, type Aws } from '../../../layers/core/aws.ts';
import type { EventSource, FunctionFacts, PartlyRead } from '../facts.ts';
import { everyPage, mapAtOnce } from '../pool.ts';

/** Lambda's control plane answers 15 calls a second. */
const AT_ONCE = 4;
/** From here on, listing all functions (50 a page) takes fewer calls than asking for each. */
const WORTH_LISTING = 5;

/**
 * Functions with their aliases. A function that no longer exists is left out; one that cannot be read keeps none of the
 * others from being read.
 * @throws Error when several were asked about and none could be read
 */
export async function readFunctions(aws: Aws, arns: readonly Arn[]): Promise<PartlyRead<FunctionFacts>> {
  const unread = new Map<Arn, string>();
  const configurations = await (arns.length < WORTH_LISTING ? askEach(aws, arns, unread) : listAll(aws, arns));
  const read = await mapAtOnce(configurations, AT_ONCE, async (configuration) => {
    const arn = configuration.FunctionArn!;
    return unlessUnread(arn, unread, async () => functionFacts(configuration, await aliasesOf(aws, arn)));
  });
  const found = read.flatMap((facts) => facts ?? []);
  const [why] = unread.values();
  if (found.length === 0 && unread.size > 1) throw new Error(`no function could be read: ${why}`);
  return { read: found, unread };
}

/** Undefined where the function is gone, or could not be read. */
async function unlessUnread<T>(arn: Arn, unread: Map<Arn, string>, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) unread.set(arn, String(error));
    return undefined;
  }
}

async function listAll(aws: Aws, arns: readonly Arn[]): Promise<FunctionConfiguration[]> {
  const wanted = new Set(arns);
  const all = await everyPage(async (Marker) => {
    const answer = await aws.lambda.send(new ListFunctionsCommand({ MaxItems: 50, ...(Marker ? { Marker } : {}) }));
    return { items: answer.Functions, next: answer.NextMarker };
  });
  return all.filter(({ FunctionArn }) => FunctionArn && wanted.has(FunctionArn));
}

async function askEach(aws: Aws, arns: readonly Arn[], unread: Map<Arn, string>): Promise<FunctionConfiguration[]> {
  const answers = await mapAtOnce(arns, AT_ONCE, (FunctionName) =>
    unlessUnread(FunctionName, unread, () => aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))),
  );
  return answers.flatMap((answer) => answer ?? []);
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
