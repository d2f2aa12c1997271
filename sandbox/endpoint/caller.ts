import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../contract.ts';

/** What a request's signature says: who calls, and which service is meant. */
export interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  /** The signing name, e.g. `ecs` or `monitoring`. */
  readonly service: string;
}

/** The session that `AssumeRole` made, found again by the access key it handed out. */
export interface Session {
  readonly accountId: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session name>` */
  readonly arn: string;
  readonly roleArn: string;
  readonly sessionName: string;
  /** The session policy as passed to AssumeRole, if any. */
  readonly policy?: string;
}

/** `Caller` with what the endpoint knows about the session behind the access key. */
export interface KnownCaller extends Caller {
  readonly session?: Session;
}

/**
 * The access key that the emulator gives a function: on AWS each has a session of its own role, so that a call shows who
 * makes it. The same in sandbox/emulator/serve.py.
 */
export function functionKey(functionName: string): string {
  return `ASIA${createHash('sha256').update(functionName).digest('hex').slice(0, 16).toUpperCase()}`;
}

/** The session of a role under a name. */
export function sessionOf(roleArn: string, sessionName: string, policy?: string): Session {
  const [, , , , accountId = '', resource = ''] = roleArn.split(':');
  const arn = `arn:aws:sts::${accountId}:assumed-role/${resource.split('/').at(-1)}/${sessionName}`;
  return { accountId, arn, roleArn, sessionName, ...(policy !== undefined && { policy }) };
}

const credential = /Credential=([^/,\s]+)\/([^,\s]+)/;

/**
 * Reads the credential scope from the Authorization header, or from a presigned URL. SigV4 scopes are
 * `key/date/region/service/aws4_request`; SigV4a leaves the region out.
 */
export function scopeOf(request: IncomingMessage): Scope | undefined {
  const header = credential.exec(request.headers.authorization ?? '');
  if (header) return parseScope(`${header[1]}/${header[2]}`);
  const query = new URL(request.url ?? '/', 'http://local').searchParams.get('X-Amz-Credential');
  return query === null ? undefined : parseScope(query);
}

function parseScope(text: string): Scope | undefined {
  const [accessKeyId, , ...rest] = text.split('/');
  if (accessKeyId === undefined) return undefined;
  const [region, service] = rest.length >= 3 ? [rest[0], rest[1]] : ['us-east-1', rest[0]];
  return region === undefined || service === undefined ? undefined : { accessKeyId, region, service };
}

/** Remembers the sessions of `AssumeRole`, so that a later call can be traced to its role and session name. */
export class Sessions {
  readonly #byKey = new Map<string, Session>();
  readonly #defaultAccount: string;

  constructor(defaultAccount: string) {
    this.#defaultAccount = defaultAccount;
  }

  remember(accessKeyId: string, session: Session): void {
    this.#byKey.set(accessKeyId, session);
  }

  /** A 12-digit access key is its account; a session key belongs to the account of its role. */
  callerOf(scope: Scope): KnownCaller {
    const session = this.#byKey.get(scope.accessKeyId);
    const accountId = /^\d{12}$/.test(scope.accessKeyId)
      ? scope.accessKeyId
      : (session?.accountId ?? this.#defaultAccount);
    const caller = { accountId, region: scope.region, accessKeyId: scope.accessKeyId };
    return session === undefined ? caller : { ...caller, session };
  }
}
