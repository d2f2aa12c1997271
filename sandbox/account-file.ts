import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The account that is up: where it is and which process holds it. */
export interface RunningAccount {
  readonly endpoint: string;
  readonly pid: number;
  /** Environment for clients and child processes. */
  readonly env: Readonly<Record<string, string>>;
  /** The run's folder: logs, templates, assemblies. */
  readonly stateDir?: string;
}

const file = join(fileURLToPath(new URL('..', import.meta.url)), '.sandbox', 'account.json');

/** Tells every other command where the account is, the operators' command line included. */
export function announceAccount(account: RunningAccount): void {
  writeFileSync(file, `${JSON.stringify(account, undefined, 2)}\n`);
}

export function forgetAccount(): void {
  rmSync(file, { force: true });
}

/** The account that is up; `undefined` when there is none, or its process has ended. */
export function runningAccount(): RunningAccount | undefined {
  try {
    const account = JSON.parse(readFileSync(file, 'utf8')) as RunningAccount;
    process.kill(account.pid, 0);
    return account;
  } catch {
    return undefined;
  }
}
