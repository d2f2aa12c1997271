import { MetricStore } from '../../../sandbox/cloudwatch/metric-store.ts';
import { randomFor } from '../../../sandbox/load/random.ts';
import type { Arn } from '../../../layers/core/arn.ts';
import { TAGS } from '../../../layers/core/mode.ts';
import { hex } from '../chance.ts';
import { Names } from '../names.ts';
import type { Delays, FleetSpec, Kept, ServiceSpec } from '../spec.ts';
import { hasBalancer, type Deployment, type Fleet, type FunctionState, type Parameter, type Service } from './fleet.ts';
import { Logs } from './logs.ts';
import { OWN } from './measure.ts';
import { News } from './news.ts';
import { deploy } from './rollout.ts';
import { launch } from './tasks.ts';

const WEEK = 7 * 24 * 3600_000;

/** The account as it was set up three weeks before `start`: each service was deployed twice, and is well since a week ago. */
export function makeFleet(spec: FleetSpec, seed: number, start: number, delays: Delays, kept: Kept): Fleet {
  const names = new Names(spec);
  const random = randomFor(seed, 'fleet');
  const fleet: Fleet = {
    spec,
    names,
    delays,
    random,
    now: start,
    services: new Map(),
    order: [],
    functions: new Map(),
    parameters: new Map(),
    queues: new Map(
      spec.queues.map(({ name }) => [
        name,
        { name, arn: names.queue(name), waiting: [], hidden: [], sent: 0, inbound: 0 },
      ]),
    ),
    externals: new Map(spec.externals.map((name) => [name, { name, down: false }])),
    definitions: new Map(),
    history: [],
    logs: new Logs(kept.logs),
    news: new News(spec, randomFor(seed, 'news')),
    metrics: new MetricStore(kept.metrics),
  };
  for (const one of spec.functions) fleet.functions.set(one.name, functionFrom(fleet, one, start));
  for (const one of spec.services) addService(fleet, one, start);
  (fleet as { order: readonly Service[] }).order = calleesFirst(fleet);
  return fleet;
}

function functionFrom(fleet: Fleet, spec: FleetSpec['functions'][number], start: number): FunctionState {
  fleet.logs.create(fleet.names.functionLogs(spec.name));
  return {
    spec,
    arn: fleet.names.function(spec.name),
    versions: new Map([['1', { traits: {}, publishedAt: start - WEEK }]]),
    alias: { version: '1', weights: {}, revision: hex(fleet.random, 32) },
    tags: { [TAGS.mode]: spec.mode, [TAGS.fleet]: fleet.spec.fleet },
    host: {},
    inbound: 0,
    asked: 0,
    failing: spec.errorRatio,
    refusing: 0,
    latency: spec.duration,
  };
}

function addService(fleet: Fleet, spec: ServiceSpec, start: number): void {
  const { names } = fleet;
  fleet.logs.create(names.logGroup(spec.name));
  for (const each of spec.parameters) {
    const parameter: Parameter = fleet.parameters.get(each.name) ?? {
      name: each.name,
      arn: names.parameter(each.name),
      versions: [{ version: 1, value: each.value, at: start - WEEK, by: names.person('owner') }],
      effects: new Map(),
      readers: [],
    };
    parameter.readers.push({ service: spec.name, live: each.variable === undefined });
    fleet.parameters.set(each.name, parameter);
  }
  const [before, arn] = [1, 2].map((revision) => definitionFrom(fleet, spec, revision, start)) as [Arn, Arn];
  const service: Service = {
    spec,
    arn: names.service(spec.name),
    desired: spec.tasks,
    definition: before,
    deployments: [],
    tasks: [],
    tags: {
      [TAGS.mode]: spec.mode,
      [TAGS.fleet]: fleet.spec.fleet,
      ...(spec.limited ? { [TAGS.limit]: `${OWN} Connections Service=${spec.name} above=${spec.connections}` } : {}),
    },
    events: [],
    steady: false,
    launchFailures: 0,
    nextLaunch: 0,
    impairedToldAt: 0,
    data: {},
    surge: { factor: 1, until: 0 },
    scaledAt: start,
    served: { arrived: 0, failed: 0, latency: spec.latency, busy: 0, failing: 0 },
    inbound: 0,
    ...(spec.scalable ? { scalable: { ...spec.scalable } } : {}),
  };
  fleet.services.set(spec.name, service);
  const first = deployedAt(fleet, service, before, start - 3 * WEEK);
  deployedAt(fleet, service, arn, start - WEEK);
  first.status = 'INACTIVE';
  for (let n = 0; n < service.desired; n += 1) warmTask(fleet, service);
  service.steady = true;
  service.events = [];
  fleet.now = start;
  fleet.news.take(start);
}

/** The first two revisions of its program: the older one is there to go back to. */
function definitionFrom(fleet: Fleet, { name, memory }: ServiceSpec, revision: number, start: number): Arn {
  const arn = fleet.names.definition(name, revision);
  const about = { arn, family: name, revision, registeredAt: start - (revision === 1 ? 3 : 1) * WEEK };
  fleet.definitions.set(arn, { ...about, version: `1.0.${revision - 1}`, traits: {}, memory, cpu: 256 });
  return arn;
}

/** A deployment that came to rest long ago. */
function deployedAt(fleet: Fleet, service: Service, definition: Arn, at: number): Deployment {
  fleet.now = at;
  const made = deploy(fleet, service, definition);
  made.rollout = 'COMPLETED';
  made.outcome = 'SUCCESSFUL';
  made.finishedAt = at + 120_000;
  made.reason = `ECS deployment ${made.id} completed.`;
  return made;
}

function warmTask(fleet: Fleet, service: Service): void {
  const task = launch(fleet, service);
  Object.assign(task, { status: 'RUNNING', startedAt: fleet.now, memory: service.spec.memoryInUse });
  for (const { name } of service.spec.parameters) (task.read as Record<string, number>)[name] = 1;
  if (hasBalancer(service)) task.target = 'healthy';
}

/** @throws Error when services call each other in a circle */
function calleesFirst(fleet: Fleet): Service[] {
  const order = new Set<Service>();
  const visit = (service: Service, above: readonly Service[]): void => {
    if (order.has(service)) return;
    if (above.includes(service))
      throw new Error(
        `services must not call each other in a circle, got ${above.map(({ spec }) => spec.name).join(' → ')}`,
      );
    for (const { to } of service.spec.calls) {
      const callee = fleet.services.get(to);
      if (callee) visit(callee, [...above, service]);
    }
    order.add(service);
  };
  for (const service of fleet.services.values()) visit(service, []);
  return [...order];
}
