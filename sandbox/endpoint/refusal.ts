import { randomUUID } from 'node:crypto';
import { AwsError } from '../contract.ts';
import type { Call } from './call.ts';
import type { Answer } from './forward.ts';
import { lambdaInput, lambdaOperation } from './lambda-paths.ts';
import { protocolOf } from './local.ts';
import { serviceModel } from './model.ts';
import { cborProtocol } from './protocols/cbor.ts';
import { decodeCbor } from './protocols/cbor-codec.ts';
import { queryProtocol } from './protocols/query.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Services that speak REST answer with HTTP 403, the others that speak JSON with 400. */
const REST = ['lambda', 'xray'];

/** Services that speak XML call it otherwise, and answer with HTTP 403. */
const XML_CODES: Readonly<Record<string, string>> = { sns: 'AuthorizationError' };

/** What a service answers to whom a right is missing. */
export function accessDenied(service: string, message: string, xml: boolean): AwsError {
  return xml
    ? new AwsError(XML_CODES[service] ?? 'AccessDenied', message, 403)
    : new AwsError('AccessDeniedException', message, REST.includes(service) ? 403 : 400);
}

/**
 * What a call that passes through asks for. Only members on which IAM's judgement hangs are of use: they are texts,
 * lists and maps, alike in every protocol.
 * @throws Error when the operation cannot be told
 */
export function askedFor(call: Call): { readonly operation: string; readonly input: Fields } {
  if (call.service === 'lambda') return askedOfLambda(call);
  const protocol = protocolOf(call.headers);
  const operation = protocol.operation(call);
  if (operation === '') throw new Error(`it is not known what ${call.method} ${call.path} asks ${call.service} for`);
  return { operation, input: inputOf(call, protocol) };
}

function inputOf({ body, path }: Call, protocol: ReturnType<typeof protocolOf>): Fields {
  if (protocol === queryProtocol) {
    const fields = new URLSearchParams(body.toString());
    return Object.fromEntries([...new URL(path, 'http://local').searchParams, ...fields]);
  }
  if (body.length === 0) return {};
  return (protocol === cborProtocol ? decodeCbor(body) : JSON.parse(body.toString())) as Fields;
}

function askedOfLambda({ method, path }: Call): { operation: string; input: Fields } {
  const operation = lambdaOperation(method, path);
  if (operation === undefined)
    throw new Error(
      `it is not known what ${method} ${path} asks Lambda for: add it to sandbox/endpoint/lambda-paths.ts`,
    );
  return { operation, input: lambdaInput(path) };
}

/** The refusal in the protocol that the call was made in. */
export function refusalAnswer(root: string, call: Call, message: string): Answer {
  const requestId = randomUUID();
  if (call.service === 'lambda') {
    const { code, status } = accessDenied('lambda', message, false);
    return {
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': code, 'x-amzn-requestid': requestId },
      body: Buffer.from(JSON.stringify({ Message: message })),
    };
  }
  const protocol = protocolOf(call.headers);
  const error = accessDenied(call.service, message, protocol === queryProtocol);
  return protocol.encodeError(error, requestId, serviceModel(root, call.service));
}
