import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { CallFailed } from './call.ts';
import { setting } from './config.ts';
import { Busy, Gate, type GateOptions } from './gate.ts';
import { logError, logInfo } from './log.ts';
import { Metrics, type Gauges } from './metrics.ts';
import { segment } from './trace.ts';

export interface Request {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The parsed JSON body, `{}` without one. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Does a task's own share of a request of `items` items, when a slot is free. @throws Busy */
export type Work = (items: number) => Promise<void>;

export type Route = (request: Request, work: Work) => Promise<unknown>;

export interface App {
  readonly gate: GateOptions;
  readonly cost: Cost;
  readonly routes: Readonly<Record<string, Route>>;
  readonly gauges?: Gauges;
}

/** Serves until SIGTERM; then finishes what is in flight and exits with 0. */
export function serve(app: App): void {
  const name = setting('SERVICE');
  const gate = new Gate(app.gate);
  const work: Work = (items) => gate.through(() => spend(app.cost, items));
  const metrics = new Metrics(name, Number(process.env['MEMORY_LIMIT'] ?? 0), app.gauges);
  metrics.start();
  const server = createServer((request, response) => {
    void handle(app, work, metrics, request, response);
  });
  server.keepAliveTimeout = 65_000; // longer than the load balancer's idle timeout, else it meets closed connections
  server.listen(Number(process.env['PORT'] ?? 8080), process.env['HOST'] ?? '127.0.0.1', () =>
    logInfo('service started', { service: name }),
  );
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 3_000).unref();
  });
}

async function handle(
  app: App,
  work: Work,
  metrics: Metrics,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://service');
  if (url.pathname === '/health') return answer(response, 200, { ok: true });
  const route = app.routes[url.pathname];
  if (!route) return answer(response, 404, { error: 'not found' });
  const began = performance.now();
  const respond = (): Promise<readonly [number, unknown]> =>
    read(request)
      .then((parsed) => route({ path: url.pathname, query: url.searchParams, body: parsed }, work))
      .then(
        (result) => [200, result] as const,
        (error: unknown) => failure(error, url.pathname),
      );
  const trace = request.headers['x-amzn-trace-id'];
  const [status, body] = await segment(setting('SERVICE'), trace?.toString(), respond, ([code]) => code >= 500);
  answer(response, status, body);
  metrics.count(performance.now() - began, status >= 500);
}

function failure(error: unknown, path: string): readonly [number, unknown] {
  if (error instanceof Busy) {
    logError('request rejected', error, { path, status: 503 });
    return [503, { error: 'busy' }];
  }
  if (error instanceof CallFailed) {
    logError('call to another service failed', error, { path, status: 502 });
    return [502, { error: 'a service we need failed' }];
  }
  logError('request failed', error, { path, status: 500 });
  return [500, { error: 'internal error' }];
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {};
}

/** What a request costs: a share that waits (storage, network) and a share that computes. In milliseconds. */
export interface Cost {
  readonly wait: number;
  readonly waitPerItem: number;
  /** Items are compared pair by pair, so that this share grows with the square of their number. */
  readonly computePerPair: number;
}

/** What serving costs in every service of this shop: a basket of 2 takes 80 ms, one of 10 takes 240 ms and much more computing. */
export const USUAL_COST: Cost = { wait: 40, waitPerItem: 20, computePerPair: 0.31 };
/** Two requests at a time and a short queue: a task serves 8 large baskets a second, and then uses its quarter of a processor. */
export const USUAL_GATE: GateOptions = { slots: 2, queue: 12, patience: 1_500 };

async function spend(cost: Cost, items: number): Promise<void> {
  await sleep(cost.wait + cost.waitPerItem * items);
  compute(cost.computePerPair * items * items);
}

/** Occupies the processor for that many milliseconds of its time: on a busy machine it takes longer, as any computing does. */
function compute(milliseconds: number): void {
  const began = process.threadCpuUsage();
  for (let used = 0; used < milliseconds * 1000;) {
    for (let i = 0; i < 2_000; i += 1) Math.sqrt(i);
    const { user, system } = process.threadCpuUsage(began);
    used = user + system;
  }
}

/** The number of items a request is about; 1 when it does not say. @throws RangeError for anything but a whole number from 1 to 100 */
export function itemsOf(request: Request): number {
  const text = request.query.get('items') ?? '1';
  const items = Number(text);
  if (Number.isInteger(items) && items >= 1 && items <= 100) return items;
  throw new RangeError(`items must be a whole number from 1 to 100, got ${text}`);
}
