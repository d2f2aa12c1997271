import { errorShapeName } from './json.ts';
import { decodeCbor, encodeCbor } from './cbor-codec.ts';
import { datesIn } from './json.ts';
import type { Answer } from '../forward.ts';
import type { Protocol } from './protocol.ts';

/** Smithy RPC v2 CBOR: what botocore speaks to CloudWatch. The operation stands at the end of the path. */
export const cborProtocol: Protocol = {
  operation: ({ path }) => new URL(path, 'http://local').pathname.split('/').at(-1) ?? '',

  decode({ body }, operation, model) {
    const input = body.length === 0 ? {} : decodeCbor(body);
    const ref = model.operations[operation]?.input;
    return ref === undefined ? input : datesIn(model, ref, input);
  },

  encode: (output, _operation, requestId) => cbor(200, requestId, output ?? {}),

  encodeError(error, requestId, model) {
    const answer = cbor(error.status, requestId, {
      __type: errorShapeName(model, error.code),
      message: error.message,
      ...error.members,
    });
    const sender = error.status < 500 ? 'Sender' : 'Receiver';
    if (model.metadata.awsQueryCompatible) answer.headers['x-amzn-query-error'] = `${error.code};${sender}`;
    return answer;
  },
};

function cbor(status: number, requestId: string, value: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', 'x-amzn-requestid': requestId },
    body: encodeCbor(value),
  };
}
