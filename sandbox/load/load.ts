import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromGenerator, ToGenerator } from './messages.ts';
import { CustomerRecord } from './record.ts';
import type { Traffic } from './traffic.ts';

/** Load on every shop, and what its customers got. */
export interface Load {
  /** Where the payment provider answers for a shop. */
  paymentsUrl(copy: string): string;
  /** Starts a stream of requests to a shop's address, or changes the one of that name. */
  begin(copy: string, stream: string, url: string, traffic: Traffic): void;
  end(copy: string, stream: string): void;
  /** Whether the payment provider answers this shop. */
  payments(copy: string, up: boolean): void;
  record(copy: string): CustomerRecord;
  stop(): Promise<void>;
}

/** Starts the generator's process. @throws Error when it does not come up within ten seconds */
export async function startLoad(seed: number): Promise<Load> {
  const generator = fork(join(import.meta.dirname, 'generator.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const records = new Map<string, CustomerRecord>();
  const record = (copy: string): CustomerRecord => {
    const known = records.get(copy) ?? new CustomerRecord();
    records.set(copy, known);
    return known;
  };
  const paymentsUrl = await readiness(generator);
  generator.on('message', (message: FromGenerator) => {
    if (message.kind === 'seconds') for (const second of message.seconds) record(message.copy).add(second);
  });
  const tell = (message: ToGenerator): void => void (generator.connected && generator.send(message));
  return {
    paymentsUrl: (copy) => `${paymentsUrl}/${copy}`,
    begin: (copy, stream, url, traffic) => tell({ kind: 'begin', copy, stream, url, seed, traffic }),
    end: (copy, stream) => tell({ kind: 'end', copy, stream }),
    payments: (copy, up) => tell({ kind: 'payments', copy, up }),
    record,
    stop: () => stopGenerator(generator),
  };
}

async function readiness(generator: ChildProcess): Promise<string> {
  const failed = once(generator, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with code ${String(code)} before it was ready`);
  });
  const message = (await Promise.race([
    once(generator, 'message', { signal: AbortSignal.timeout(10_000) }),
    failed,
  ]).catch((error: unknown) => {
    generator.kill('SIGKILL');
    throw new Error('the load generator did not start within 10 seconds', { cause: error });
  })) as [FromGenerator];
  if (message[0].kind !== 'ready')
    throw new Error(`the load generator should say that it is ready first, got ${message[0].kind}`);
  return message[0].paymentsUrl;
}

async function stopGenerator(generator: ChildProcess): Promise<void> {
  if (generator.exitCode !== null || generator.signalCode !== null) return;
  const ended = once(generator, 'exit');
  generator.disconnect();
  const late = setTimeout(() => generator.kill('SIGKILL'), 2_000);
  await ended;
  clearTimeout(late);
}
