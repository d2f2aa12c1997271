/** Lambda speaks REST: the operation is in the method and the path. Only the calls that change something are named. */
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
];

/** @returns the operation's name, or `undefined` when it only reads */
export function lambdaOperation(method: string, path: string): string | undefined {
  const { pathname } = new URL(path, 'http://local');
  return routes.find(([verb, pattern]) => verb === method && pattern.test(pathname))?.[2];
}

/** What Lambda's paths say of a call's input. */
export function lambdaInput(path: string): Readonly<Record<string, string>> {
  const { pathname } = new URL(path, 'http://local');
  const [, FunctionName, Name] = /\/functions\/([^/]+)(?:\/aliases\/([^/]+))?/.exec(pathname) ?? [];
  const UUID = /\/event-source-mappings\/([^/]+)/.exec(pathname)?.[1];
  return {
    ...(FunctionName !== undefined && { FunctionName: decodeURIComponent(FunctionName) }),
    ...(Name !== undefined && { Name: decodeURIComponent(Name) }),
    ...(UUID !== undefined && { UUID }),
  };
}
