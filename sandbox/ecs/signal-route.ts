import { constants } from 'node:os';
import * as z from 'zod';
import type { InternalRoute } from '../endpoint/endpoint.ts';
import type { Ecs } from './index.ts';

/** Where the account's process takes signals for tasks: a way to break things, and none of AWS's APIs. */
export const SIGNAL_ROUTE = '/_sandbox/signal-task';

const SignalRequest = z.object({
  taskArn: z.string(),
  signal: z.enum(Object.keys(constants.signals) as NodeJS.Signals[], 'supply a signal, e.g. SIGKILL'),
});
export type SignalRequest = z.infer<typeof SignalRequest>;

export function signalRoute(ecs: Pick<Ecs, 'signal'>): InternalRoute {
  return (body) => {
    const { taskArn, signal } = SignalRequest.parse(body);
    ecs.signal(taskArn, signal);
  };
}
