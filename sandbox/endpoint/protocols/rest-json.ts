import { AwsError } from '../../contract.ts';
import type { ServiceModel } from '../model.ts';
import { jsonProtocol } from './json.ts';
import type { Protocol } from './protocol.ts';

/** Bodies are as in the other JSON protocols; only what is around them differs. */
const json = jsonProtocol('1.1');

/**
 * REST JSON, of a service whose operations carry all their members in the body, as X-Ray's do: the operation is in the method
 * and the path, and the body is plain JSON.
 */
export function restJsonProtocol(model: ServiceModel): Protocol {
  const headersFor = (headers: Readonly<Record<string, string | string[]>>) => ({
    ...headers,
    'content-type': 'application/json',
  });
  return {
    ...json,
    operation({ method, path }) {
      const { pathname } = new URL(path, 'http://local');
      const found = Object.values(model.operations).find(
        ({ http }) => http?.method === method && http.requestUri === pathname,
      );
      if (found === undefined) throw new AwsError('UnknownOperationException', `nothing is at ${method} ${path}`, 404);
      return found.name;
    },
    encode(...what) {
      const answer = json.encode(...what);
      return { ...answer, headers: headersFor(answer.headers) };
    },
    encodeError(...what) {
      const answer = json.encodeError(...what);
      return { ...answer, headers: headersFor(answer.headers) };
    },
  };
}
