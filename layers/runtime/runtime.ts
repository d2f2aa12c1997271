import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Instant, Milliseconds, Ratio } from '../core/units.ts';
import { documentClient } from './documents.ts';

/** What comes from outside: time, chance and the database. Tests and the simulator bring their own. */
export interface Runtime {
  now(): Instant;
  /** 0 to 1, exclusive. Used for jitter only. */
  random(): Ratio;
  sleep(time: Milliseconds): Promise<unknown>;
  documents(): DynamoDBDocumentClient;
}

const system: Runtime = {
  now: () => new Date().toISOString(),
  random: () => Math.random(),
  sleep: (time) => sleep(time),
  documents: documentClient,
};

const current = new AsyncLocalStorage<Runtime>();

export const runtime = (): Runtime => current.getStore() ?? system;

/** Runs `work`, and all it awaits, with another clock, dice or database. */
export function withRuntime<T>(changes: Partial<Runtime>, work: () => T): T {
  return current.run({ ...runtime(), ...changes }, work);
}
