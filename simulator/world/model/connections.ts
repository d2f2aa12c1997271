import type { Seconds } from '../../../layers/core/units.ts';
import { between } from '../chance.ts';
import { TICK } from '../spec.ts';
import { runs, type Fleet, type Service, type Task } from './fleet.ts';

/** Connections that a task holds open: one a request in hand (Little's law), and those that it never gave back. */

/** Requests that a task takes in a step, as they were in the last one. */
const requestsOf = ({ served, tasks }: Service): number => served.arrived / Math.max(1, tasks.filter(runs).length);

export function openIn(service: Service, task: Task): number {
  const inHand = (requestsOf(service) / TICK) * service.served.latency;
  return Math.min(service.spec.connections, Math.round(1 + inHand + task.kept));
}

/** One step of a task that does not give back what it opened. @returns whether none is left, since this step */
export function keepOpen(fleet: Fleet, service: Service, task: Task): boolean {
  const { leaves, without } = task.effective;
  if (leaves === 0 || !without) return false;
  const isSpent = task.kept >= service.spec.connections;
  task.kept += leaves * requestsOf(service) * between(fleet.random, 0.7, 1.3);
  if (isSpent || task.kept < service.spec.connections) return false;
  task.traits = { ...task.traits, ...without };
  return true;
}

/** The share of requests that must leave one open for all of them to be gone after some time. */
export const leavingIn = (service: Service, time: Seconds): number =>
  service.spec.connections / Math.max(1, (requestsOf(service) / TICK) * time);
