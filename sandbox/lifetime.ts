import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from './account-file.ts';

/**
 * A folder for this run, since several may share the state folder. What earlier runs left behind stays until the next
 * start, for looking into.
 */
export async function runFolder(stateDir: string): Promise<string> {
  await mkdir(stateDir, { recursive: true });
  for (const name of await readdir(stateDir)) {
    const pid = Number(/^run-(\d+)-/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) await rm(join(stateDir, name), { recursive: true, force: true });
  }
  return mkdtemp(join(stateDir, `run-${process.pid}-`));
}

/**
 * Ends what was started, last first, once; what cannot be ended keeps nothing else running.
 * @throws AggregateError with what could not be ended, when all else has been
 */
export function stopOnce(endings: readonly (() => Promise<void>)[]): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const endAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const end of endings.toReversed()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, `not all could be ended: ${failures.join('; ')}`);
  };
  return () => (stopping ??= endAll());
}

/**
 * Stops on Ctrl-C, on termination, and when the set-up's process that started this one is gone. Whoever started the
 * sandbox may have a handler of its own; only without one does this end the process.
 * @returns what takes the handlers away again
 */
export function endWithProcess(stop: () => Promise<void>): () => Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;
  const handlers = signals.map((signal) => {
    const handle = (): void => {
      const alone = process.listenerCount(signal as NodeJS.Signals) <= 1;
      void stop().finally(() => {
        if (alone) process.exit(130);
      });
    };
    process.on(signal as NodeJS.Signals, handle);
    return { signal, handle };
  });
  return async () => {
    for (const { signal, handle } of handlers) process.off(signal as NodeJS.Signals, handle);
  };
}
