import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** What the stand-in answers: Converse's JSON, an error as AWS words it, or something else on the wire. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
  /** Milliseconds before anything is sent; `Infinity`: never. */
  readonly after?: number;
  /** Sends the beginning of the body, and then nothing. */
  readonly stuck?: boolean;
}

export interface ConverseServer {
  readonly url: string;
  /** What was asked, in order. */
  readonly requests: {
    readonly path: string;
    readonly authorization: string;
    readonly body: Record<string, unknown>;
  }[];
  answer: Reply | ((body: Record<string, unknown>) => Reply);
  close(): Promise<void>;
}

/** An answer as Bedrock gives it when the model calls the tool `rank`. */
export const ranked = (input: unknown, over: object = {}): Reply => ({
  body: {
    output: { message: { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'rank', input } }] } },
    stopReason: 'tool_use',
    usage: { inputTokens: 2100, outputTokens: 120, totalTokens: 2220 },
    metrics: { latencyMs: 900 },
    ...over,
  },
});

/** An error as Bedrock's REST protocol words it. */
export const refused = (status: number, name: string, message: string): Reply => ({
  status,
  headers: { 'x-amzn-errortype': name },
  body: { message },
});

/** A stand-in on the loopback that speaks Converse's REST API over HTTP/2, as the SDK does. */
export async function converseServer(): Promise<ConverseServer> {
  const requests: ConverseServer['requests'] = [];
  const server: Http2Server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  const standIn: ConverseServer = {
    url: '',
    requests,
    answer: {},
    async close() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined); // whoever asked may have gone
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => (text += part));
    stream.on('end', () => {
      const body = JSON.parse(text || '{}') as Record<string, unknown>;
      requests.push({ path: String(headers[':path']), authorization: String(headers['authorization']), body });
      respond(stream, typeof standIn.answer === 'function' ? standIn.answer(body) : standIn.answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(standIn, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function respond(stream: ServerHttp2Stream, { status = 200, headers = {}, body = {}, after = 0, stuck }: Reply): void {
  if (after === Number.POSITIVE_INFINITY) return;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  setTimeout(() => {
    if (stream.destroyed) return;
    stream.respond({ ':status': status, 'content-type': 'application/json', ...headers });
    if (stuck) stream.write(text.slice(0, 20));
    else stream.end(text);
  }, after);
}
