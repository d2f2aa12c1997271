/** Lambda speaks REST: the operation is in the method and the path. Named are the calls that change something, and those that Prunella makes. */
const routes: readonly (readonly [string, RegExp, string])[] = [
  ['PUT', /^\/2015-03-31\/functions\/[^/]+\/aliases\/[^/]+$/, 'UpdateAlias'],
  ['POST', /^\/2015-03-31\/functions\/[^/]+\/aliases$/, 'CreateAlias'],
  ['DELETE', /^\/2015-03-31\/functions\/[^/]+\/aliases\/[^/]+$/, 'DeleteAlias'],
  ['POST', /^\/2015-03-31\/functions\/[^/]+\/versions$/, 'PublishVersion'],
  ['PUT', /^\/2015-03-31\/functions\/[^/]+\/code$/, 'UpdateFunctionCode'],
  ['PUT', /^\/2015-03-31\/functions\/[^/]+\/configuration$/, 'UpdateFunctionConfiguration'],
  ['PUT', /^\/2017-10-31\/functions\/[^/]+\/concurrency$/, 'PutFunctionConcurrency'],
  ['DELETE', /^\/2017-10-31\/functions\/[^/]+\/concurrency$/, 'DeleteFunctionConcurrency'],
  ['PUT', /^\/2015-03-31\/event-source-mappings\/[^/]+$/, 'UpdateEventSourceMapping'],
  ['POST', /^\/2015-03-31\/functions\/[^/]+\/invocations$/, 'Invoke'],
  ['GET', /^\/2015-03-31\/functions\/?$/, 'ListFunctions'],
  ['GET', /^\/2015-03-31\/functions\/[^/]+$/, 'GetFunction'],
  ['GET', /^\/2015-03-31\/functions\/[^/]+\/configuration$/, 'GetFunctionConfiguration'],
  ['GET', /^\/2015-03-31\/functions\/[^/]+\/aliases$/, 'ListAliases'],
  ['GET', /^\/2015-03-31\/functions\/[^/]+\/aliases\/[^/]+$/, 'GetAlias'],
  ['GET', /^\/2015-03-31\/event-source-mappings\/?$/, 'ListEventSourceMappings'],
  ['GET', /^\/2017-03-31\/tags\/[^/]+$/, 'ListTags'],
];

/** @returns the operation's name, or `undefined` when it is none of those */
export function lambdaOperation(method: string, path: string): string | undefined {
  const { pathname } = new URL(path, 'http://local');
  return routes.find(([verb, pattern]) => verb === method && pattern.test(pathname))?.[2];
}

/** What Lambda's paths say of a call's input. */
export function lambdaInput(path: string): Readonly<Record<string, string>> {
  const { pathname, searchParams } = new URL(path, 'http://local');
  const Qualifier = searchParams.get('Qualifier');
  const Resource = /^\/2017-03-31\/tags\/([^/]+)$/.exec(pathname)?.[1];
  const [, FunctionName, Name] = /\/functions\/([^/]+)(?:\/aliases\/([^/]+))?/.exec(pathname) ?? [];
  const UUID = /\/event-source-mappings\/([^/]+)/.exec(pathname)?.[1];
  return {
    ...(FunctionName !== undefined && { FunctionName: decodeURIComponent(FunctionName) }),
    ...(Name !== undefined && { Name: decodeURIComponent(Name) }),
    ...(UUID !== undefined && { UUID }),
    ...(Qualifier !== null && { Qualifier }),
    ...(Resource !== undefined && { Resource: decodeURIComponent(Resource) }),
  };
}
