import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import type { Outcome } from './meter.ts';
import { actionsFor, chooseGroup, chooseTarget } from './routing.ts';
import type { Action, ElbState, Listener, LoadBalancer, RegisteredTarget, TargetGroup } from './state.ts';

/** What a listener's proxy needs from its surroundings. */
export interface ProxyDeps {
  readonly state: ElbState;
  readonly record: (outcome: Outcome) => void;
  /** Chooses between weighted groups; in [0, 1). */
  readonly dice: () => number;
  /** How many times as fast as the machine's clock the account's runs. */
  readonly speed: number;
}

const TITLES: Readonly<Record<number, string>> = {
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** Starts the proxy of a listener on a free loopback port. */
export async function startProxy(listener: Listener, balancer: LoadBalancer, deps: ProxyDeps): Promise<Server> {
  const server = createServer((incoming, answer) => handle(listener, balancer, deps, incoming, answer));
  const idleSeconds = Number(balancer.attributes.get('idle_timeout.timeout_seconds') ?? 60);
  server.keepAliveTimeout = idleSeconds * 1000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return server;
}

function handle(
  listener: Listener,
  balancer: LoadBalancer,
  deps: ProxyDeps,
  incoming: IncomingMessage,
  answer: ServerResponse,
): void {
  const action = actionsFor(deps.state, listener, incoming).at(-1);
  if (action?.Type === 'fixed-response' || action?.Type === 'redirect') {
    answerItself(action, incoming, answer);
    return;
  }
  const group = action && chooseGroup(deps.state, action, deps.dice());
  const target = group && chooseTarget(group);
  if (!group || !target) {
    incoming.resume();
    refuse(answer, 503);
    deps.record({ loadBalancerArn: balancer.arn, elbStatus: 503 });
    return;
  }
  forward({ balancer, group, target, deps, incoming, answer, listener });
}

function answerItself(action: Action, incoming: IncomingMessage, answer: ServerResponse): void {
  incoming.resume();
  const fixed = action.FixedResponseConfig;
  if (fixed) {
    answer.writeHead(Number(fixed.StatusCode), { 'content-type': fixed.ContentType ?? 'text/plain' });
    answer.end(fixed.MessageBody ?? '');
    return;
  }
  const to = action.RedirectConfig ?? {};
  const host = (to['Host'] ?? '#{host}').replace('#{host}', incoming.headers.host ?? '');
  const path = (to['Path'] ?? '/#{path}').replace('/#{path}', incoming.url ?? '/');
  answer.writeHead(to['StatusCode'] === 'HTTP_301' ? 301 : 302, { location: `http://${host}${path}` });
  answer.end();
}

function refuse(answer: ServerResponse, status: number): void {
  const title = `${status} ${TITLES[status] ?? ''}`;
  answer.writeHead(status, { server: 'awselb/2.0', 'content-type': 'text/html' });
  answer.end(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  );
}

interface Exchange {
  readonly balancer: LoadBalancer;
  readonly listener: Listener;
  readonly group: TargetGroup;
  readonly target: RegisteredTarget;
  readonly deps: ProxyDeps;
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
}

function forward(exchange: Exchange): void {
  const { target, deps, incoming, answer, balancer, group } = exchange;
  const about = { loadBalancerArn: balancer.arn, targetGroupArn: group.arn };
  const idleMs = (Number(balancer.attributes.get('idle_timeout.timeout_seconds') ?? 60) * 1000) / deps.speed;
  let finished = false;
  const finish = (outcome: Omit<Outcome, 'loadBalancerArn'>): void => {
    if (finished) return;
    finished = true;
    target.ended();
    deps.record({ ...about, ...outcome });
  };
  const began = performance.now();
  target.began();
  const upstream = request({
    host: target.host,
    port: target.port,
    method: incoming.method,
    path: incoming.url,
    headers: headersFor(exchange),
    agent: target.agent,
    setHost: false,
    timeout: idleMs,
  });
  upstream.on('response', (response) => {
    const targetStatus = response.statusCode ?? 502;
    const responseSeconds = (performance.now() - began) / 1000;
    answer.writeHead(targetStatus, withoutHopByHop(response.headers));
    response.pipe(answer);
    response.on('close', () => {
      if (!response.complete) answer.destroy();
      finish({ targetStatus, responseSeconds });
    });
  });
  upstream.on('timeout', () => upstream.destroy(Object.assign(new Error('idle timeout'), { code: 'ETIMEDOUT' })));
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    if (answer.headersSent) {
      answer.destroy();
      finish({});
      return;
    }
    const elbStatus = error.code === 'ETIMEDOUT' ? 504 : 502;
    finish({ elbStatus, connectionError: error.syscall === 'connect' });
    if (!answer.destroyed) refuse(answer, elbStatus);
  });
  answer.on('close', () => {
    if (answer.writableFinished || finished) return;
    // The client went away: AWS logs 460, which no metric counts.
    finish({});
    upstream.destroy();
  });
  incoming.pipe(upstream);
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade']);

function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept: IncomingHttpHeaders = {};
  for (const name in headers) if (!HOP_BY_HOP.has(name)) kept[name] = headers[name];
  return kept;
}

function headersFor({ incoming, listener }: Exchange): IncomingHttpHeaders {
  const headers = withoutHopByHop(incoming.headers);
  const from = incoming.socket.remoteAddress ?? '127.0.0.1';
  const earlier = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = earlier ? `${String(earlier)}, ${from}` : from;
  headers['x-forwarded-proto'] = 'http';
  headers['x-forwarded-port'] = String(listener.port);
  headers['x-amzn-trace-id'] ??= traceId();
  return headers;
}

function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}
