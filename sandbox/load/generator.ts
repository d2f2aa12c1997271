/**
 * The customers of every shop, in a process of its own so that nothing else delays its clock, and the payment provider
 * all shops use, which is outside of their account. Ends when its parent is gone.
 */
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FromGenerator, ToGenerator } from './messages.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { requestPath, type Traffic } from './traffic.ts';

/** A customer who waits longer than this goes away. */
const PATIENCE = 3_000;
const agent = new Agent({ keepAlive: true });

interface Stream {
  traffic: Traffic;
  timer: NodeJS.Timeout;
}

interface Tally {
  ok: number;
  failed: number;
  latencies: number[];
}

const streams = new Map<string, Stream>();
const tallies = new Map<string, Map<number, Tally>>();
const brokenPayments = new Set<string>();

const tell = (message: FromGenerator): void => void process.send?.(message);

function begin({ copy, stream, url, seed, traffic }: Extract<ToGenerator, { kind: 'begin' }>): void {
  end(copy, stream);
  const random = seeded(seed);
  const started = performance.now();
  let sent = 0;
  const next = (): void => {
    void send(copy, `${url}${requestPath(traffic, sent, random)}`, traffic.counted ?? true);
    sent += 1;
    const due = started + (sent / traffic.rate) * 1000;
    own.timer = setTimeout(next, Math.max(0, due - performance.now()));
  };
  const own: Stream = { traffic, timer: setTimeout(next, 0) };
  streams.set(`${copy} ${stream}`, own);
}

function end(copy: string, stream: string): void {
  const key = `${copy} ${stream}`;
  clearTimeout(streams.get(key)?.timer);
  streams.delete(key);
}

/** Sends one request and tallies it under the second in which it was sent. */
async function send(copy: string, url: string, counted: boolean): Promise<void> {
  const at = Math.floor(Date.now() / 1000);
  const began = performance.now();
  const status = await get(url).catch(() => 0);
  if (!counted) return;
  const ofCopy = tallies.get(copy) ?? new Map<number, Tally>();
  const tally = ofCopy.get(at) ?? { ok: 0, failed: 0, latencies: [] };
  if (status === 200) tally.ok += 1;
  else tally.failed += 1;
  tally.latencies.push(Math.round(performance.now() - began));
  tallies.set(copy, ofCopy.set(at, tally));
}

function get(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, signal: AbortSignal.timeout(PATIENCE) }, (response) => {
      response.on('end', () => resolve(response.statusCode ?? 0)).on('error', reject);
      response.resume();
    })
      .on('error', reject)
      .end();
  });
}

/** Tells what became known since the last time, every second. */
function report(): void {
  for (const [copy, seconds] of tallies) {
    tell({ kind: 'seconds', copy, seconds: [...seconds].map(([at, tally]) => ({ at, ...tally })) });
  }
  tallies.clear();
}

/** `POST /<copy>/charge` is the payment provider. */
const provider = createServer((incoming, response) => {
  const copy = (incoming.url ?? '').split('/')[1] ?? '';
  incoming.resume().on('end', () => {
    response.writeHead(brokenPayments.has(copy) ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ charged: !brokenPayments.has(copy) }));
  });
});

process.on('message', (message: ToGenerator) => {
  if (message.kind === 'begin') begin(message);
  else if (message.kind === 'end') end(message.copy, message.stream);
  else if (message.up) brokenPayments.delete(message.copy);
  else brokenPayments.add(message.copy);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent says when it is over
setInterval(report, 1_000);
provider.keepAliveTimeout = 65_000;
provider.listen(0, '127.0.0.1', () => {
  tell({ kind: 'ready', paymentsUrl: `http://127.0.0.1:${(provider.address() as AddressInfo).port}` });
});
