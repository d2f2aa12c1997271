import { StateError } from './errors.ts';

/** Plain JSON. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** The most that passes between states: 256 KiB of UTF-8. */
const MOST_BYTES = 262_144;

/** @throws StateError States.Runtime, which nothing catches, when there is nothing at the path */
export function at(data: Json, path: string, what: string): Json {
  let value: Json | undefined = data;
  for (const name of path.split('.').slice(1))
    value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (value !== undefined) return value;
  throw new StateError(
    'States.Runtime',
    `The JSONPath '${path}' specified for ${what} could not be found in the input`,
  );
}

/** `value` put at a path of `data`; what is on the way is made. */
export function placed(data: Json, path: string, value: Json): Json {
  const put = (inside: Json | undefined, [name, ...rest]: readonly string[]): Json =>
    name === undefined
      ? value
      : { ...(isObject(inside) ? inside : {}), [name]: put(isObject(inside) ? inside[name] : undefined, rest) };
  return put(data, path.split('.').slice(1));
}

/** A payload template with its paths filled in. */
export function filled(template: unknown, data: Json, token: string | undefined): Json {
  if (Array.isArray(template)) return template.map((member) => filled(member, data, token));
  if (typeof template !== 'object' || template === null) return template as Json;
  return Object.fromEntries(
    Object.entries(template).map(([name, member]) => {
      if (!name.endsWith('.$')) return [name, filled(member, data, token)];
      const path = String(member);
      if (!path.startsWith('$$')) return [name.slice(0, -2), at(data, path, `the field '${name}'`)];
      if (token === undefined) throw new StateError('States.Runtime', `'${path}' is there only with .waitForTaskToken`);
      return [name.slice(0, -2), token];
    }),
  );
}

/** A copy as JSON, so that nobody shares an object with another function. @throws StateError when it is over 256 KiB */
export function json(value: unknown): Json {
  const text = JSON.stringify(value ?? null);
  if (text.length > MOST_BYTES / 4 && Buffer.byteLength(text) > MOST_BYTES)
    throw new StateError('States.DataLimitExceeded', `The state/task returned a result of over ${MOST_BYTES} bytes`);
  return JSON.parse(text) as Json;
}

const isObject = (value: Json | undefined): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
