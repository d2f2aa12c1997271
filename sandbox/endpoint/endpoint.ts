import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { LocalService } from '../contract.ts';
import { Sessions, scopeOf, type KnownCaller, type Scope } from './caller.ts';
import { type Call, type CallHead, type Interceptor } from './call.ts';
import { Forwarder, type Answer } from './forward.ts';
import { answerLocally, type Authorise } from './local.ts';
import { lambdaOperation } from './lambda-paths.ts';
import { accessDenied, askedFor, refusalAnswer } from './refusal.ts';

/** A call of a local service that was answered, for those who watch (change events, tags). */
export interface LocalCall {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly caller: KnownCaller;
  readonly output: unknown;
  readonly userAgent: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Says who may do what, before anything is done. */
export interface Guard {
  /** Whether this caller's rights are judged at all. */
  judges(caller: KnownCaller): boolean;
  /** What AWS would say to refuse the call; `undefined` when it is allowed. */
  refusal(call: {
    readonly service: string;
    readonly operation: string;
    readonly input: Readonly<Record<string, unknown>>;
    readonly caller: KnownCaller;
  }): Promise<string | undefined>;
}

/** Does what the body of a POST asks for. Throws when it cannot; the message goes back to whoever asked. */
export type InternalRoute = (body: unknown) => void;

export interface EndpointOptions {
  readonly root: string;
  readonly accountId: string;
  readonly log: (line: string) => void;
}

/**
 * The one address of the local account. Routes by the service that a request was signed for: what the sandbox answers
 * itself is answered here, in process; all else goes to the emulator.
 */
export class Endpoint {
  readonly sessions: Sessions;
  readonly #options: EndpointOptions;
  readonly #server: Server;
  readonly #forwarder: Forwarder;
  readonly #services = new Map<string, LocalService>();
  readonly #interceptors: Interceptor[] = [];
  readonly #watchers: ((call: LocalCall) => void)[] = [];
  readonly #routes = new Map<string, InternalRoute>();
  #emulatorUrl: URL | undefined;
  #guard: Guard | undefined;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.sessions = new Sessions(options.accountId);
    this.#forwarder = new Forwarder(() => {
      if (this.#emulatorUrl === undefined) throw new Error('the emulator has not started yet');
      return this.#emulatorUrl;
    });
    this.#server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => {
      this.#route(request, response).catch((error: unknown) => {
        options.log(
          `${request.method} ${request.url}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        if (response.headersSent) response.destroy();
        else send(response, { status: 500, headers: {}, body: Buffer.from(String(error)) });
      });
    });
  }

  /**
   * Listens on a loopback port.
   * @param port 0 for any free one
   * @throws when the port is taken, saying how to choose another
   */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'EADDRINUSE'
            ? new Error(`port ${port} is taken; end what listens there, or choose another with --port`)
            : error,
        ),
      );
      this.#server.listen(port, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address === null || typeof address === 'string') reject(new Error('the endpoint has no port'));
        else resolve(`http://127.0.0.1:${address.port}`);
      });
    });
  }

  /** Where everything goes that is not answered here. */
  passTo(emulatorUrl: string): void {
    this.#emulatorUrl = new URL(emulatorUrl);
  }

  /** Has a service answered by the sandbox from now on. */
  serve(service: LocalService): void {
    this.#services.set(service.signingName, service);
  }

  /** Takes JSON at a path of the account's own, beside AWS's APIs. */
  route(path: string, route: InternalRoute): void {
    this.#routes.set(path, route);
  }

  /** The services that are answered here. */
  get services(): Iterable<LocalService> {
    return this.#services.values();
  }

  /** Puts an interceptor into the way of the calls that pass through. First come, first asked. */
  intercept(interceptor: Interceptor): void {
    this.#interceptors.push(interceptor);
  }

  /** Has every call judged from now on. */
  guardBy(guard: Guard): void {
    this.#guard = guard;
  }

  /** Tells of every call of a local service, after its answer. */
  onLocalCall(watcher: (call: LocalCall) => void): void {
    this.#watchers.push(watcher);
  }

  async close(): Promise<void> {
    this.#forwarder.close();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = this.#routes.get(request.url ?? '');
    if (route !== undefined) return send(response, answerRoute(route, request, await bodyOf(request)));
    const scope = scopeOf(request);
    const service = scope === undefined ? undefined : this.#services.get(scope.service);
    if (scope !== undefined && service !== undefined) {
      send(response, await this.#answer(service, request, scope));
      return;
    }
    const head = headOf(request, scope);
    const wanting = this.#interceptors.filter((interceptor) => interceptor.wants(head));
    const caller = this.sessions.callerOf(
      scope ?? { accessKeyId: this.#options.accountId, region: 'us-east-1', service: '' },
    );
    if (wanting.length === 0 && this.#guard?.judges(caller) !== true) {
      this.#forwarder.stream(request, response);
      return;
    }
    const body = await bodyOf(request);
    const { 'content-encoding': _encoding, ...headers } = request.headers;
    send(response, await this.#through(wanting, { ...head, headers, caller, body }));
  }

  async #through(interceptors: readonly Interceptor[], call: Call): Promise<Answer> {
    const [first, ...rest] = interceptors;
    if (first !== undefined) return first.handle(call, (next) => this.#through(rest, next));
    const { service, caller } = call;
    if (this.#guard?.judges(caller) === true) {
      const refusal = await this.#guard.refusal({ ...askedFor(call), service, caller });
      if (refusal !== undefined) return refusalAnswer(this.#options.root, call, refusal);
    }
    return this.#forwarder.send(call.method, call.path, call.headers, call.body);
  }

  async #answer(service: LocalService, request: IncomingMessage, scope: Scope): Promise<Answer> {
    const caller = this.sessions.callerOf(scope);
    const { method = 'GET', headers, url = '/' } = request;
    const wire = { method, headers, path: url, body: await bodyOf(request) };
    const authorise: Authorise = async (operation, asked, xml) => {
      const call = { service: service.signingName, operation, input: asked as Record<string, unknown>, caller };
      const refusal = await this.#guard?.refusal(call);
      if (refusal !== undefined) throw accessDenied(service.signingName, refusal, xml);
    };
    const outcome = await answerLocally(this.#options, service, wire, caller, authorise);
    const { operation, input, output, answer, error } = outcome;
    const call = {
      service: service.signingName,
      operation,
      input,
      output,
      caller,
      userAgent: request.headers['user-agent'] ?? '',
    };
    for (const watcher of this.#watchers) watcher(error === undefined ? call : { ...call, error });
    return answer;
  }
}

/** Only JSON: a page in a browser cannot send that to another origin without asking first. */
function answerRoute(route: InternalRoute, { method, headers }: IncomingMessage, body: Buffer): Answer {
  const text = (status: number, message: string): Answer => ({ status, headers: {}, body: Buffer.from(message) });
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return text(415, 'POST JSON');
  try {
    route(JSON.parse(body.toString()));
    return text(204, '');
  } catch (error) {
    return text(400, error instanceof Error ? error.message : String(error));
  }
}

function headOf(request: IncomingMessage, scope: Scope | undefined): CallHead {
  const target = request.headers['x-amz-target'];
  const service = scope?.service ?? '';
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const named = typeof target === 'string' ? target.split('.').at(-1) : undefined;
  return {
    service,
    operation: named ?? (service === 'lambda' ? lambdaOperation(method, path) : undefined),
    method,
    path,
  };
}

/** The whole body, decompressed: the SDKs gzip what is over 10 KB. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const encoding = request.headers['content-encoding'];
  if (encoding === 'gzip') return gunzipSync(raw);
  if (encoding === 'deflate') return inflateSync(raw);
  if (encoding === 'br') return brotliDecompressSync(raw);
  return raw;
}

function send(response: ServerResponse, answer: Answer): void {
  const { 'transfer-encoding': _transfer, ...headers } = answer.headers;
  response.writeHead(answer.status, { ...headers, 'content-length': String(answer.body.length) });
  response.end(answer.body);
}
