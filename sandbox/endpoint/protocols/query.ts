import { AwsError } from '../../contract.ts';
import { shapeOf, type MemberRef, type ServiceModel, type Shape } from '../model.ts';
import type { Protocol } from './protocol.ts';

/** The Query protocol: form fields in (`Dimensions.member.1.Name`), XML out. Driven by the service's model both ways. */
export const queryProtocol: Protocol = {
  operation: ({ body, path }) =>
    new URLSearchParams(body.toString()).get('Action') ??
    new URL(path, 'http://local').searchParams.get('Action') ??
    '',

  decode({ body, path }, operation, model) {
    const ref = model.operations[operation]?.input;
    const fields = new Map(new URL(path, 'http://local').searchParams);
    for (const [name, value] of new URLSearchParams(body.toString())) fields.set(name, value);
    return ref === undefined ? Object.fromEntries(fields) : (readMember(model, ref, fields, '') ?? {});
  },

  encode(output, operation, requestId, model) {
    const ref = model.operations[operation]?.output;
    const result = ref === undefined ? '' : inside(model, shapeOf(model, ref), output ?? {});
    const wrapper = ref?.resultWrapper ?? `${operation}Result`;
    return xml(
      200,
      `<${operation}Response xmlns="${model.metadata.xmlNamespace ?? ''}"><${wrapper}>${result}</${wrapper}>` +
        `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
    );
  },

  encodeError(error, requestId, model) {
    const sender = error.status < 500 ? 'Sender' : 'Receiver';
    const code = model.shapes[error.code]?.error?.code ?? error.code;
    const detail = `<Type>${sender}</Type><Code>${escape(code)}</Code><Message>${escape(error.message)}</Message>`;
    return xml(
      error.status,
      `<ErrorResponse xmlns="${model.metadata.xmlNamespace ?? ''}"><Error>${detail}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    );
  },
};

function xml(status: number, text: string): ReturnType<Protocol['encode']> {
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
}

type Fields = ReadonlyMap<string, string>;

/** Reads the member whose fields start with `path`; `undefined` when there are none. */
function readMember(model: ServiceModel, ref: MemberRef, fields: Fields, path: string): unknown {
  const shape = shapeOf(model, ref);
  if (shape.type === 'structure') return readStructure(model, shape, fields, path);
  if (shape.type === 'list') return readList(model, shape, ref, fields, path);
  if (shape.type === 'map') return readMap(model, shape, ref, fields, path);
  const text = fields.get(path);
  return text === undefined ? undefined : scalar(shape.type, text, path);
}

function readStructure(model: ServiceModel, shape: Shape, fields: Fields, path: string): unknown {
  const read: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const value = readMember(model, member, fields, join(path, member.locationName ?? name));
    if (value !== undefined) read[name] = value;
  }
  return path !== '' && Object.keys(read).length === 0 && !has(fields, path) ? undefined : read;
}

function readList(model: ServiceModel, shape: Shape, ref: MemberRef, fields: Fields, path: string): unknown {
  if (!has(fields, path)) return undefined;
  const { member } = shape;
  if (member === undefined) return [];
  const base = (shape.flattened ?? ref.flattened) ? path : join(path, member.locationName ?? 'member');
  const read: unknown[] = [];
  for (let index = 1; has(fields, `${base}.${index}`); index++)
    read.push(readMember(model, member, fields, `${base}.${index}`));
  return read;
}

function readMap(model: ServiceModel, shape: Shape, ref: MemberRef, fields: Fields, path: string): unknown {
  if (!has(fields, path) || !shape.value) return undefined;
  const base = (shape.flattened ?? ref.flattened) ? path : join(path, 'entry');
  const read: Record<string, unknown> = {};
  for (let index = 1; has(fields, `${base}.${index}`); index++) {
    const key = fields.get(`${base}.${index}.${shape.key?.locationName ?? 'key'}`) ?? '';
    read[key] = readMember(model, shape.value, fields, `${base}.${index}.${shape.value.locationName ?? 'value'}`);
  }
  return read;
}

function has(fields: Fields, path: string): boolean {
  if (fields.has(path)) return true;
  for (const name of fields.keys()) if (name.startsWith(`${path}.`)) return true;
  return false;
}

function scalar(type: string, text: string, path: string): unknown {
  if (type === 'boolean') return text === 'true';
  if (type === 'blob') return Buffer.from(text, 'base64');
  if (type === 'timestamp') {
    const date = new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
    if (Number.isNaN(date.getTime())) throw new AwsError('MalformedInput', `${path} is not a timestamp: ${text}`);
    return date;
  }
  if (['integer', 'long', 'float', 'double'].includes(type)) {
    const number = Number(text);
    if (Number.isNaN(number)) throw new AwsError('MalformedInput', `${path} is not a number: ${text}`);
    return number;
  }
  return text;
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** The XML between a structure's tags. */
function inside(model: ServiceModel, shape: Shape, value: unknown): string {
  const members = value as Record<string, unknown>;
  return Object.entries(shape.members ?? {})
    .map(([name, ref]) => element(model, ref, ref.locationName ?? name, members[name]))
    .join('');
}

function element(model: ServiceModel, ref: MemberRef, tag: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  const shape = shapeOf(model, ref);
  if (shape.type === 'structure') return `<${tag}>${inside(model, shape, value)}</${tag}>`;
  if (shape.type === 'list' && shape.member) {
    const { member } = shape;
    const flat = shape.flattened ?? ref.flattened ?? false;
    const items = (value as unknown[]).map((each) =>
      element(model, member, flat ? tag : (member.locationName ?? 'member'), each),
    );
    return flat ? items.join('') : `<${tag}>${items.join('')}</${tag}>`;
  }
  if (shape.type === 'map' && shape.value) {
    const { key, value: valueRef } = shape;
    const entries = Object.entries(value).map(([name, each]) => {
      const keyTag = key?.locationName ?? 'key';
      return `<entry><${keyTag}>${escape(name)}</${keyTag}>${element(model, valueRef, valueRef.locationName ?? 'value', each)}</entry>`;
    });
    return `<${tag}>${entries.join('')}</${tag}>`;
  }
  return `<${tag}>${escape(text(shape.type, value))}</${tag}>`;
}

function text(type: string, value: unknown): string {
  if (type === 'timestamp') return (value instanceof Date ? value : new Date(value as string | number)).toISOString();
  if (type === 'blob') return Buffer.from(value as Uint8Array).toString('base64');
  return String(value);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};
const escape = (raw: string): string => raw.replace(/[&<>"\r]/g, (character) => entities[character] ?? character);
