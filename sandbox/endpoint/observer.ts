import { operationOf, type Call, type CallHead, type Interceptor } from './call.ts';
import type { KnownCaller } from './caller.ts';
import type { LocalCall } from './endpoint.ts';
import { lambdaInput } from './lambda-paths.ts';

/** A call that changed something, or was refused to: by the emulator or by a service of the sandbox. */
export interface ObservedCall {
  /** The signing name, e.g. `ssm`. */
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The answer's body, where it is JSON. */
  readonly output: Readonly<Record<string, unknown>>;
  readonly caller: KnownCaller;
  readonly userAgent: string;
  readonly error?: { readonly code: string; readonly message: string };
}

export type CallListener = (call: ObservedCall) => void;

/** Writes that pass through to the emulator and that others want to know of. */
const watched: Readonly<Record<string, readonly string[]>> = {
  ssm: [
    'PutParameter',
    'DeleteParameter',
    'DeleteParameters',
    'LabelParameterVersion',
    'AddTagsToResource',
    'RemoveTagsFromResource',
  ],
  secretsmanager: ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage', 'RotateSecret'],
  lambda: [
    'UpdateAlias',
    'CreateAlias',
    'DeleteAlias',
    'PublishVersion',
    'UpdateFunctionCode',
    'UpdateFunctionConfiguration',
    'PutFunctionConcurrency',
    'DeleteFunctionConcurrency',
    'UpdateEventSourceMapping',
  ],
  dynamodb: ['UpdateTable'],
  events: ['PutRule', 'EnableRule', 'DisableRule'],
  states: ['UpdateStateMachine', 'StopExecution'],
  sqs: ['SetQueueAttributes', 'PurgeQueue'],
};

/** Passes writes on unchanged and tells of them afterwards. */
export function observer(listener: CallListener): Interceptor {
  return {
    wants: ({ service, operation }: CallHead) =>
      operation !== undefined && watched[service]?.includes(operation) === true,
    async handle(call, next) {
      const answer = await next(call);
      const output = jsonOf(answer.body);
      const observed = {
        service: call.service,
        operation: operationOf(call),
        input: inputOf(call),
        output,
        caller: call.caller,
        userAgent: call.headers['user-agent'] ?? '',
      };
      if (answer.status < 300) listener(observed);
      else if (answer.status < 500)
        listener({ ...observed, error: errorOf(answer.headers['x-amzn-errortype'], output) });
      return answer;
    },
  };
}

/** Reads and measurements of a local service are no changes. */
const reads = /^(Describe|List|Get|BatchGet|Poll|Put(MetricData|TraceSegments)$|Discover|Submit|Execute)/;

/** The same for the services that the sandbox answers itself. */
export function observeLocal(listener: CallListener): (call: LocalCall) => void {
  return ({ service, operation, input, caller, userAgent, error, output }) => {
    if (
      operation === '' ||
      reads.test(operation) ||
      error?.code === 'NotImplemented' ||
      error?.code === 'InternalFailure'
    )
      return;
    const observed = { service, operation, caller, userAgent, input: asRecord(input), output: asRecord(output) };
    listener(error === undefined ? observed : { ...observed, error });
  };
}

function inputOf(call: Call): Readonly<Record<string, unknown>> {
  return call.service === 'lambda' ? { ...lambdaInput(call.path), ...jsonOf(call.body) } : jsonOf(call.body);
}

function errorOf(
  header: string | string[] | undefined,
  output: Readonly<Record<string, unknown>>,
): { code: string; message: string } {
  const type = typeof header === 'string' ? header : String(output['__type'] ?? 'Unknown');
  const code = type.split(':')[0]?.split('#').at(-1) ?? type;
  return { code, message: String(output['message'] ?? output['Message'] ?? '') };
}

function jsonOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(body.toString() || '{}'));
  } catch {
    return {};
  }
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
