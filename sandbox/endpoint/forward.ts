import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';

/** An answer held in memory. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

/** Hop-by-hop headers are between two neighbours and never passed on (RFC 9110, §7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'upgrade',
  'expect',
  'proxy-connection',
]);

/** Sends requests on to the emulator, over connections that stay open. */
export class Forwarder {
  readonly #target: () => URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: 60_000 });

  constructor(target: () => URL) {
    this.#target = target;
  }

  /** Streams the request through and the answer back, unchanged. */
  stream(request: IncomingMessage, response: ServerResponse): void {
    const target = this.#target();
    const upstream = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: request.url,
        agent: this.#agent,
        headers: passable(request.headers),
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, passable(answer.headers));
        answer.pipe(response);
        answer.once('error', () => response.destroy());
      },
    );
    upstream.once('error', (error) => {
      if (response.headersSent) response.destroy();
      else refuse(response, error.message);
    });
    response.once('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    request.pipe(upstream);
  }

  /** Sends a body that is in memory, and holds the answer. A connection that had gone stale is replaced once. */
  async send(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
    try {
      return await this.#once(method, path, headers, body);
    } catch (error) {
      if ((error as NodeJS.ErrnoException & { reused?: boolean }).reused !== true) throw error;
      return this.#once(method, path, headers, body);
    }
  }

  #once(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
    const target = this.#target();
    return new Promise((resolve, reject) => {
      const upstream = httpRequest(
        {
          host: target.hostname,
          port: target.port,
          method,
          path,
          agent: this.#agent,
          headers: { ...passable(headers), 'content-length': String(body.length) },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('end', () =>
            resolve({
              status: answer.statusCode ?? 502,
              headers: passable(answer.headers),
              body: Buffer.concat(chunks),
            }),
          );
          answer.once('error', reject);
        },
      );
      upstream.once('error', (error) => reject(Object.assign(error, { reused: upstream.reusedSocket })));
      upstream.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function passable(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name)) passed[name] = value;
  }
  return passed;
}

function refuse(response: ServerResponse, reason: string): void {
  response.writeHead(503, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      __type: 'ServiceUnavailable',
      message: `the local account's emulator does not answer: ${reason}`,
    }),
  );
}
