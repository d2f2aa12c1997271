import { between, hex } from '../chance.ts';
import { taskChanged, tell } from './announce.ts';
import {
  definitionOf,
  hasBalancer,
  primaryOf,
  runs,
  type Fleet,
  type Service,
  type StopCode,
  type Task,
} from './fleet.ts';
import { keepOpen } from './connections.ts';
import { countFailure } from './rollout.ts';
import { together, type Traits } from './traits.ts';

/** Stopped tasks can be described for an hour, as on AWS. */
const KEPT_STOPPED = 3600_000;
/** A task that was not yet healthy for that long when it ended counts as a failed launch. */
const EARLY = 60_000;
const LONGEST_BACK_OFF = 60_000;
/** SIGTERM obeyed. */
const ASKED_TO_END = 143;
const KILLED = 137;

/** Launches one task of the primary deployment. */
export function launch(fleet: Fleet, service: Service): Task {
  const deployment = primaryOf(service);
  const id = hex(fleet.random, 32);
  const { spec } = service;
  const task: Task = {
    id,
    arn: fleet.names.task(id),
    deployment: deployment.id,
    definition: deployment.definition,
    ip: `10.0.${Math.floor(fleet.random() * 250)}.${1 + Math.floor(fleet.random() * 250)}`,
    createdAt: fleet.now,
    runsAt: fleet.now + Math.round(spec.start * between(fleet.random, 0.7, 1.5)) * 1000,
    status: 'PENDING',
    read: {},
    traits: service.nextHost ?? {},
    effective: together([]),
    memory: 0,
    kept: 0,
    target: hasBalancer(service) ? 'initial' : 'unused',
    contrary: 0,
    cpuOfMinute: 0,
    version: 0,
  };
  delete service.nextHost;
  service.tasks.push(task);
  service.steady = false;
  taskChanged(fleet, service, task);
  return task;
}

/** The causes that bear on a task, put together. */
export function applyTraits(fleet: Fleet, service: Service, task: Task): void {
  const deployment = service.deployments.find(({ id }) => id === task.deployment);
  const effects: Traits[] = [];
  for (const { name } of service.spec.parameters) {
    const parameter = fleet.parameters.get(name)!;
    const live = parameter.readers.some((reader) => reader.service === service.spec.name && reader.live);
    const version = live ? parameter.versions.length : (task.read[name] ?? parameter.versions.length);
    const effect = parameter.effects.get(parameter.versions[version - 1]?.value ?? '');
    if (effect) effects.push(effect);
  }
  task.effective = together([
    definitionOf(fleet, task.definition).traits,
    deployment?.shared ?? {},
    service.data,
    task.traits,
    ...effects,
  ]);
}

/** After one of the causes changed. */
export function applyAll(fleet: Fleet, service: Service): void {
  for (const task of service.tasks) if (runs(task)) applyTraits(fleet, service, task);
}

/** Brings every task a step further: starts, grows, crashes, runs out of memory, ends. */
export function stepTasks(fleet: Fleet, service: Service): void {
  for (const task of service.tasks) {
    if (task.status === 'PENDING' && task.runsAt <= fleet.now) begin(fleet, service, task);
    else if (task.status === 'RUNNING') live(fleet, service, task);
    else if (task.status === 'DEACTIVATING') end(fleet, service, task);
  }
  const oldest = fleet.now - KEPT_STOPPED;
  if (service.tasks.some(({ stoppedAt }) => (stoppedAt ?? Infinity) < oldest))
    service.tasks = service.tasks.filter(({ stoppedAt }) => (stoppedAt ?? Infinity) >= oldest);
}

function begin(fleet: Fleet, service: Service, task: Task): void {
  const { unstartable } = definitionOf(fleet, task.definition);
  if (unstartable !== undefined) {
    task.reason = unstartable;
    task.containerReason = unstartable;
    task.stopCode = 'TaskFailedToStart';
    task.stoppingAt = fleet.now;
    return ended(fleet, service, task);
  }
  task.status = 'RUNNING';
  task.startedAt = fleet.now;
  for (const { name } of service.spec.parameters)
    (task.read as Record<string, number>)[name] = fleet.parameters.get(name)!.versions.length;
  applyTraits(fleet, service, task);
  task.memory = 0.6 * service.spec.memoryInUse + task.effective.memory;
  const text = JSON.stringify({ level: 'INFO', message: 'service started', service: service.spec.name });
  fleet.logs.write(fleet.names.logGroup(service.spec.name), fleet.now, task.id, text);
  if (hasBalancer(service))
    tell(fleet, service, `registered 1 targets in (target-group ${fleet.names.targetGroup(service.spec.name)})`);
  taskChanged(fleet, service, task);
}

function live(fleet: Fleet, service: Service, task: Task): void {
  const { effective, startedAt = fleet.now } = task;
  const age = (fleet.now - startedAt) / 1000;
  const { memoryInUse } = service.spec;
  if (keepOpen(fleet, service, task)) applyTraits(fleet, service, task);
  const held = effective.memory + effective.each * Math.min(task.kept, service.spec.connections);
  const warm = memoryInUse * (0.6 + 0.4 * Math.min(1, age / 120)) + held;
  if (effective.leak > 0)
    task.memory = Math.min(effective.fills, task.memory + effective.leak * 10 * between(fleet.random, 0.7, 1.3));
  else task.memory = Math.max(warm, task.memory - 5) * (1 + 0.01 * (fleet.random() - 0.5));
  const limit = definitionOf(fleet, task.definition).memory;
  if (task.memory > limit) {
    task.containerReason = 'OutOfMemoryError: Container killed due to memory usage';
    return exit(fleet, service, task, KILLED);
  }
  if (effective.crashAfter !== undefined && age >= effective.crashAfter) {
    const error = effective.mistake;
    const name = error?.name ?? 'Error';
    const text = `Uncaught ${name}: ${(error?.text ?? 'unhandled').replaceAll('#', String(Math.floor(fleet.random() * 9000)))}`;
    fleet.logs.write(fleet.names.logGroup(service.spec.name), fleet.now, task.id, text);
    exit(fleet, service, task, 1);
  }
}

function exit(fleet: Fleet, service: Service, task: Task, code: number): void {
  task.exitCode = code;
  task.stopCode = 'EssentialContainerExited';
  task.reason = 'Essential container in task exited';
  task.stoppingAt = fleet.now;
  ended(fleet, service, task);
}

/** Asks a task to end: out of the load balancer now, gone a step later. */
export function stop(fleet: Fleet, service: Service, task: Task, stopCode: StopCode, reason: string): void {
  if (task.status === 'STOPPED' || task.status === 'DEACTIVATING') return;
  task.stopCode = stopCode;
  task.reason = reason;
  task.stoppingAt = fleet.now;
  if (task.status === 'PENDING') return ended(fleet, service, task);
  task.status = 'DEACTIVATING';
  if (task.target !== 'unused') task.target = 'draining';
  taskChanged(fleet, service, task);
}

function end(fleet: Fleet, service: Service, task: Task): void {
  // One that hangs does not hear SIGTERM and is killed.
  task.exitCode = task.effective.hangs ? KILLED : ASKED_TO_END;
  ended(fleet, service, task);
}

function ended(fleet: Fleet, service: Service, task: Task): void {
  task.status = 'STOPPED';
  task.stoppedAt = fleet.now;
  task.target = 'unused';
  service.steady = false;
  taskChanged(fleet, service, task);
  const failed = task.stopCode === 'EssentialContainerExited' || task.stopCode === 'TaskFailedToStart';
  if (!failed) return;
  const life = task.startedAt === undefined ? 0 : fleet.now - task.startedAt;
  if (life < EARLY) {
    service.launchFailures += 1;
    // Tasks that never run are tried ever more seldom; those that crash in seconds a little more slowly.
    const longest = task.startedAt === undefined ? LONGEST_BACK_OFF : LONGEST_BACK_OFF / 6;
    service.nextLaunch = fleet.now + Math.min(longest, 1000 * 2 ** (service.launchFailures - 1));
  } else service.launchFailures = 0;
  countFailure(fleet, service, task);
}
