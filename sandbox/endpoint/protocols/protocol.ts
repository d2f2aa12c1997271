import type { IncomingHttpHeaders } from 'node:http';
import type { AwsError } from '../../contract.ts';
import type { ServiceModel } from '../model.ts';
import type { Answer } from '../forward.ts';

/** A request as a protocol needs it. */
export interface WireRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly body: Buffer;
}

/** One of AWS's wire protocols: how an operation, its input, its output and its errors look in HTTP. */
export interface Protocol {
  operation(request: WireRequest): string;
  /** Members as in the service model; timestamps are `Date`s whatever the protocol. */
  decode(request: WireRequest, operation: string, model: ServiceModel): unknown;
  encode(output: unknown, operation: string, requestId: string, model: ServiceModel): Answer;
  encodeError(error: AwsError, requestId: string, model: ServiceModel): Answer;
}
