import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/**
 * Where the account keeps its files: `.sandbox` in the clone, or what `PRUNELLA_SANDBOX` names, so that a second account
 * can be up beside the first.
 */
export function sandboxFolder(): string {
  return process.env['PRUNELLA_SANDBOX'] ?? join(fileURLToPath(new URL('..', import.meta.url)), '.sandbox');
}

const file = (): string => join(sandboxFolder(), 'account.json');

/** Tells every other command where the account is, the operators' command line included. */
export function announceAccount(account: RunningAccount): void {
  mkdirSync(sandboxFolder(), { recursive: true });
  writeFileSync(file(), `${JSON.stringify(account, undefined, 2)}\n`);
}

/** Takes the announcement of this process back; another process' stays. */
export function forgetAccount(): void {
  if (announced()?.pid === process.pid) rmSync(file(), { force: true });
}

/** The account that is up; `undefined` when there is none, or its process has ended. */
export function runningAccount(): RunningAccount | undefined {
  const account = announced();
  return account !== undefined && isAlive(account.pid) ? account : undefined;
}

function announced(): RunningAccount | undefined {
  try {
    return JSON.parse(readFileSync(file(), 'utf8')) as RunningAccount;
  } catch {
    return undefined;
  }
}

/** Whether a process lives, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
