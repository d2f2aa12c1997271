import type { AwsClient } from '../core/aws.ts';
import { runtime, type Call, type Callee } from './runtime.ts';

/**
 * A client whose calls go through the runtime, so that tests and the simulator can answer or break them. The real client
 * is made when it is first needed.
 */
export function through(
  service: Callee,
  make: () => AwsClient,
  whence: Pick<Call, 'region' | 'session'> = {},
): AwsClient {
  let made: AwsClient | undefined;
  return { send: (command) => runtime().call({ service, command, ...whence }, () => (made ??= make()).send(command)) };
}

/**
 * The operation's name, from the model that every SDK v3 command carries: class names do not survive minification.
 * @throws Error when it is no command of the SDK
 */
export function operationOf(command: object): string {
  // A command of the document client wraps the one that is sent.
  const sent = 'clientCommand' in command ? (command.clientCommand as object) : command;
  const schema = 'schema' in sent ? sent.schema : undefined;
  const operation: unknown = Array.isArray(schema) ? schema[2] : undefined;
  if (typeof operation === 'string') return operation;
  throw new Error('supply a command of the AWS SDK v3, got an object without its model');
}
