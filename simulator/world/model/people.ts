import { TICK } from '../spec.ts';
import { definitionOf, isDeploying, primaryOf, runs, type Fleet, type Service } from './fleet.ts';
import { putParameter, release, stopTask, updateService, type Principal } from './writes.ts';
import type { Random } from '../../../sandbox/load/random.ts';

/** How often people and pipelines change a service innocently, each a day. */
export interface PeopleSpec {
  readonly deployments: number;
  readonly parameterWrites: number;
  readonly taskStops: number;
  readonly scalings: number;
}
export const NOBODY: PeopleSpec = { deployments: 0, parameterWrites: 0, taskStops: 0, scalings: 0 };
export const BUSY_TEAM: PeopleSpec = { deployments: 3, parameterWrites: 1, taskStops: 0.2, scalings: 0.3 };

const A_DAY = 86_400 / TICK;

/** Who changes things innocently. */
export const actors = (fleet: Fleet) =>
  ({
    pipeline: { arn: `arn:aws:sts::${fleet.names.account}:assumed-role/deploy-pipeline/run` },
    owner: { arn: fleet.names.person('owner') },
  }) satisfies Record<string, Principal>;

/** One step of everybody's day. */
export function peopleWork(fleet: Fleet, spec: PeopleSpec, random: Random): void {
  for (const service of fleet.order) {
    // Drawn whether or not it happens, so that one event does not shift all that come after it.
    const [deploys, writes, stops, scales] = [random(), random(), random(), random()];
    if (isDeploying(service)) continue;
    if (deploys < spec.deployments / A_DAY) innocentRelease(fleet, service);
    if (writes < spec.parameterWrites / A_DAY) harmlessWrite(fleet, service);
    if (stops < spec.taskStops / A_DAY) stopOne(fleet, service);
    if (scales < spec.scalings / A_DAY) scale(fleet, service);
  }
}

/** A release that changes nothing that matters: what was wrong before it is wrong after it. */
export function innocentRelease(fleet: Fleet, service: Service): void {
  const { traits, version } = definitionOf(fleet, service.definition);
  release(fleet, service, { version: nextVersion(version), traits }, actors(fleet).pipeline);
}

/** `1.0.0` becomes `1.0.1`. */
export const nextVersion = (version: string): string => version.replace(/\d+$/, (last) => String(Number(last) + 1));

/** Another value that is as good. */
export function harmlessWrite(fleet: Fleet, service: Service): void {
  const name = service.spec.parameters[0]?.name;
  const parameter = name === undefined ? undefined : fleet.parameters.get(name);
  const last = parameter?.versions.at(-1);
  if (!parameter || !last || parameter.effects.has(last.value)) return;
  putParameter(
    fleet,
    parameter,
    `${last.value.replace(/ .*$/, '')} (set ${parameter.versions.length})`,
    actors(fleet).owner,
  );
}

export function stopOne(fleet: Fleet, service: Service): void {
  const task = service.tasks.find(runs);
  if (task && service.desired > 1) stopTask(fleet, service, task, 'moved to another zone', actors(fleet).owner);
}

/** One task more, or back to what it was set up with. */
export function scale(fleet: Fleet, service: Service): void {
  if (service.scalable || primaryOf(service).rollout !== 'COMPLETED') return;
  const desired = service.desired > service.spec.tasks ? service.desired - 1 : service.desired + 1;
  updateService(fleet, service, { desired }, actors(fleet).owner);
}
