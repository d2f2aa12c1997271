import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { Arn } from '../core/arn.ts';
import type { AwsCommand, AwsService } from '../core/aws.ts';
import type { Instant, Milliseconds, Ratio } from '../core/units.ts';
import type { Probe, Reached } from '../core/probe.ts';
import type { CredentialsProvider } from './assumed-role.ts';

/** Who answers a call: a service of the account that is healed, or one that Prunella keeps itself with. */
export type Callee = AwsService | 'tables' | 'states' | 'topics' | 'queues' | 'bus' | 'credentials' | 'models';

/** Whose rights calls are made with: a role, narrowed by a session policy. */
export interface Session {
  /** The same for the same rights. */
  readonly name: string;
  readonly role: Arn;
  readonly policy?: string;
  readonly credentials: CredentialsProvider;
}

/** A call to AWS on its way. */
export interface Call {
  readonly service: Callee;
  /** A command of the AWS SDK v3. */
  readonly command: AwsCommand<unknown>;
  /** Absent: the function's own Region. */
  readonly region?: string;
  /** Absent: the function's own rights. */
  readonly session?: Session;
}

/** What comes from outside: time, chance, new names and AWS. Tests and the simulator bring their own. */
export interface Runtime {
  now(): Instant;
  /** 0 to 1, exclusive. Used for jitter only. */
  random(): Ratio;
  sleep(time: Milliseconds): Promise<unknown>;
  /** A new ULID: an incident's id, which sorts by time. */
  ulid(): string;
  /** A new UUID, version 4: nobody can guess it. */
  uuid(): string;
  /** Every call to AWS passes here; `send` sends it. */
  /** Answers a probe; absent: the network is asked. */
  reach?(probe: Probe): Promise<Reached>;
  call<T>(call: Call, send: () => Promise<T>): Promise<T>;
}

const system: Runtime = {
  now: () => new Date().toISOString(),
  random: () => Math.random(),
  sleep: (time) => sleep(time),
  ulid: () => ulid(),
  uuid: () => randomUUID(),
  call: (_call, send) => send(),
};

const current = new AsyncLocalStorage<Runtime>();

export const runtime = (): Runtime => current.getStore() ?? system;

/** Runs `work`, and all it awaits, with another clock, dice or account. */
export function withRuntime<T>(changes: Partial<Runtime>, work: () => T): T {
  return current.run({ ...runtime(), ...changes }, work);
}
