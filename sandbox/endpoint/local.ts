import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError, type Caller, type LocalService } from '../contract.ts';
import { serviceModel } from './model.ts';
import { cborProtocol } from './protocols/cbor.ts';
import { jsonProtocol } from './protocols/json.ts';
import { queryProtocol } from './protocols/query.ts';
import type { Protocol, WireRequest } from './protocols/protocol.ts';
import { restJsonProtocol } from './protocols/rest-json.ts';
import type { Answer } from './forward.ts';

const json10 = jsonProtocol('1.0');
const json11 = jsonProtocol('1.1');

/** What a call of a local service came to, for those who watch. */
export interface LocalOutcome {
  readonly operation: string;
  readonly input: unknown;
  readonly output?: unknown;
  readonly answer: Answer;
  readonly error?: AwsError;
}

/**
 * Asked before an operation runs.
 * @param xml whether the caller speaks the Query protocol, whose errors have other names
 * @throws AwsError when the caller may not
 */
export type Authorise = (operation: string, input: unknown, xml: boolean) => Promise<void>;

interface Around {
  readonly root: string;
  readonly log: (line: string) => void;
}

/** Answers one request by a service of the sandbox, in the protocol it was asked in. Never throws. */
export async function answerLocally(
  { root, log }: Around,
  service: LocalService,
  request: WireRequest,
  caller: Caller,
  authorise: Authorise,
): Promise<LocalOutcome> {
  const model = serviceModel(root, service.signingName);
  const protocol = model.metadata.protocol === 'rest-json' ? restJsonProtocol(model) : protocolOf(request.headers);
  const requestId = randomUUID();
  let operation = '';
  let input: unknown;
  try {
    operation = protocol.operation(request);
    const run = service.operations[operation];
    if (run === undefined) {
      throw new AwsError(
        'NotImplemented',
        `the local account does not answer ${service.signingName}:${operation}`,
        501,
      );
    }
    input = protocol.decode(request, operation, model);
    await authorise(operation, input, protocol === queryProtocol);
    const output = await run(input, caller);
    return { operation, input, output, answer: protocol.encode(output, operation, requestId, model) };
  } catch (thrown) {
    const error = thrown instanceof AwsError ? thrown : internal(thrown, `${service.signingName}:${operation}`, log);
    return { operation, input, error, answer: protocol.encodeError(error, requestId, model) };
  }
}

function internal(thrown: unknown, what: string, log: (line: string) => void): AwsError {
  const reason = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  log(`${what} failed inside the local account: ${reason}`);
  return new AwsError('InternalFailure', reason.split('\n')[0] ?? reason, 500);
}

/** The protocol that a request is made in, of those that its headers tell. */
export function protocolOf(headers: IncomingHttpHeaders): Protocol {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return cborProtocol;
  const type = headers['content-type'] ?? '';
  if (type.includes('x-amz-json-1.0')) return json10;
  if (type.includes('x-amz-json')) return json11;
  return queryProtocol;
}
