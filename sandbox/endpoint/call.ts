import type { IncomingHttpHeaders } from 'node:http';
import type { KnownCaller } from './caller.ts';
import type { Answer } from './forward.ts';

/** What is known of a call before its body has been read. */
export interface CallHead {
  /** The signing name, e.g. `ssm`; `''` for unsigned requests. */
  readonly service: string;
  /** The operation, where a header or the path names it; `undefined` for the Query protocol, whose body names it. */
  readonly operation: string | undefined;
  readonly method: string;
  readonly path: string;
}

/** A call with its body, decompressed. */
export interface Call extends CallHead {
  readonly headers: IncomingHttpHeaders;
  readonly caller: KnownCaller;
  readonly body: Buffer;
}

/**
 * Stands in the way of calls that pass through: may change the request, answer by itself, or act upon the answer.
 * Interceptors are asked in their order; each may pass on to the next with `next`.
 */
export interface Interceptor {
  /** Whether the call's body is to be held in memory for it. Everything else streams. */
  wants(head: CallHead): boolean;
  handle(call: Call, next: (call: Call) => Promise<Answer>): Promise<Answer>;
}

/** The form fields of a Query protocol body. */
export function formOf(call: Call): URLSearchParams {
  return new URLSearchParams(call.body.toString());
}

/** The operation, also where only the body names it. */
export function operationOf(call: Call): string {
  if (call.operation !== undefined) return call.operation;
  const inUrl = new URL(call.path, 'http://local').searchParams.get('Action');
  return inUrl ?? formOf(call).get('Action') ?? '';
}

/** The same call with another form as its body. */
export function withForm(call: Call, form: URLSearchParams): Call {
  return { ...call, body: Buffer.from(form.toString()) };
}
