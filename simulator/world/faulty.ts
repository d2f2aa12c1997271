import type { Arn } from '../../layers/core/arn.ts';
import { definitionOf, isLive, primaryOf, type Fleet, type Service } from './model/fleet.ts';
import { applyAll } from './model/tasks.ts';
import type { Traits } from './model/traits.ts';

/** What several faults have in common. */

export const allServices = (fleet: Fleet): string[] => [...fleet.services.keys()];

export const servicesBehindBalancers = (fleet: Fleet): string[] =>
  [...fleet.services.values()].filter(({ spec }) => spec.consumes === undefined).map(({ spec }) => spec.name);

/** Who calls it, directly or through others. */
export function callersOf(fleet: Fleet, name: string): Arn[] {
  const callers = [...fleet.services.values()].filter(({ spec }) => spec.calls.some(({ to }) => to === name));
  return [...new Set(callers.flatMap(({ arn, spec }) => [arn, ...callersOf(fleet, spec.name)]))];
}

/** What it calls, directly or through others, of the services. */
export function calleesOf(fleet: Fleet, name: string): Arn[] {
  const called = (fleet.services.get(name)?.spec.calls ?? []).flatMap(({ to }) => fleet.services.get(to) ?? []);
  return [...new Set(called.flatMap(({ arn, spec }) => [arn, ...calleesOf(fleet, spec.name)]))];
}

/** A state that the tasks of the present deployment share; only a new deployment starts without it. */
export function afflict(fleet: Fleet, service: Service, traits: Traits): () => boolean {
  const deployment = primaryOf(service);
  deployment.shared = { ...deployment.shared, ...traits };
  applyAll(fleet, service);
  return () =>
    primaryOf(service).id === deployment.id ||
    service.tasks.some((task) => task.deployment === deployment.id && isLive(task));
}

/**
 * What the program that runs now does from now on, in every revision with its image: what it could not bear came to it from
 * outside, and an older program bears it.
 */
export function turn(fleet: Fleet, service: Service, traits: Traits): () => boolean {
  const { family, version } = definitionOf(fleet, service.definition);
  const isTurned = (arn: Arn): boolean => definitionOf(fleet, arn).version === version;
  for (const [arn, one] of fleet.definitions)
    if (one.family === family && one.version === version)
      fleet.definitions.set(arn, { ...one, traits: { ...one.traits, ...traits } });
  applyAll(fleet, service);
  return () => isTurned(service.definition) || service.tasks.some((task) => isLive(task) && isTurned(task.definition));
}

/** What its data, or whoever it talks to, does to every task, whatever its code: no action of ours changes it. */
export function burden(fleet: Fleet, service: Service, traits: Traits): () => boolean {
  const data = (service.data = { ...service.data, ...traits });
  applyAll(fleet, service);
  return () => service.data === data;
}

/** The same until what is returned is called. */
export function burdenUntil(fleet: Fleet, service: Service, traits: Traits): () => void {
  const { data: before } = service;
  burden(fleet, service, traits);
  return () => {
    service.data = before;
    applyAll(fleet, service);
  };
}

/** Every action that ends in a new deployment of the service. */
export const FRESH_TASKS = ['restart-service', 'rollback-deployment', 'raise-memory'] as const;
