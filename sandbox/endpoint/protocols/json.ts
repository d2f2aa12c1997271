import { AwsError } from '../../contract.ts';
import { shapeOf, type MemberRef, type ServiceModel } from '../model.ts';
import type { Protocol } from './protocol.ts';

/** AWS JSON 1.0 and 1.1: the operation in `X-Amz-Target`, timestamps as seconds since the epoch. */
export function jsonProtocol(version: '1.0' | '1.1'): Protocol {
  const contentType = `application/x-amz-json-${version}`;
  return {
    operation: ({ headers }) =>
      String(headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1) ?? '',

    decode({ body }, operation, model) {
      const input = parse(body);
      const ref = model.operations[operation]?.input;
      return ref === undefined ? input : datesIn(model, ref, input);
    },

    encode: (output, _operation, requestId) => ({
      status: 200,
      headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
      body: Buffer.from(JSON.stringify(wireValue(output ?? {}))),
    }),

    encodeError(error, requestId, model) {
      const shape = errorShapeName(model, error.code);
      return {
        status: error.status,
        headers: {
          'content-type': contentType,
          'x-amzn-requestid': requestId,
          'x-amzn-errortype': shape,
          ...(model.metadata.awsQueryCompatible && {
            'x-amzn-query-error': `${error.code};${error.status < 500 ? 'Sender' : 'Receiver'}`,
          }),
        },
        body: Buffer.from(JSON.stringify(wireValue({ __type: shape, message: error.message, ...error.members }))),
      };
    },
  };
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new AwsError('SerializationException', `the body is not JSON: ${body.subarray(0, 80).toString()}`);
  }
}

/** Services whose Query error codes differ from their shapes' names (CloudWatch) answer the shape in JSON. */
export function errorShapeName(model: ServiceModel, code: string): string {
  if (model.shapes[code]?.exception) return code;
  const byCode = Object.entries(model.shapes).find(
    ([, shape]) => shape.exception === true && shape.error?.code === code,
  );
  return byCode?.[0] ?? code;
}

/** Turns the model's timestamp members, which JSON carries as seconds, into Dates. */
export function datesIn(model: ServiceModel, ref: MemberRef, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const shape = shapeOf(model, ref);
  if (shape.type === 'timestamp') return toDate(value);
  if (shape.type === 'list' && Array.isArray(value) && shape.member) {
    const { member } = shape;
    return value.map((each) => datesIn(model, member, each));
  }
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  if (shape.type === 'structure') {
    return mapEntries(value, (name, each) => {
      const member = shape.members?.[name];
      return member === undefined ? each : datesIn(model, member, each);
    });
  }
  if (shape.type === 'map' && shape.value) {
    const { value: valueRef } = shape;
    return mapEntries(value, (_, each) => datesIn(model, valueRef, each));
  }
  return value;
}

function toDate(value: unknown): Date {
  const date = value instanceof Date ? value : new Date(typeof value === 'number' ? value * 1000 : String(value));
  if (Number.isNaN(date.getTime())) throw new AwsError('SerializationException', `not a timestamp: ${String(value)}`);
  return date;
}

/** Dates become seconds; `undefined` members vanish, as does `null`. */
function wireValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(wireValue);
  if (value !== null && typeof value === 'object') return mapEntries(value, (_, each) => wireValue(each));
  return value;
}

export function mapEntries(value: object, change: (name: string, each: unknown) => unknown): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    const result = change(name, each);
    if (result !== undefined && result !== null) changed[name] = result;
  }
  return changed;
}
