import type { Mode } from '../../../layers/core/mode.ts';
import { minutes, type Seconds } from '../../../layers/core/units.ts';
import { runs, serviceNamed } from '../../world/model/fleet.ts';
import { MISTAKES } from '../../world/model/traits.ts';
import { applyAll, stop } from '../../world/model/tasks.ts';
import { serviceSpec, TICK, type FleetSpec, type FunctionSpec, type ServiceSpec } from '../../world/spec.ts';
import type { World } from '../../world/world.ts';

/** One incident as it goes when nothing of ours fails. */
export interface CleanIncident {
  readonly name: string;
  readonly fleet: FleetSpec;
  readonly enter: (world: World) => void;
  /** Called once, when Prunella first changed something that runs. */
  readonly onChange?: (world: World) => void;
  /** A person answers what is asked. */
  readonly approves?: boolean;
  /** Watched for longer than until it ends: what is done afterwards belongs to it. */
  readonly atLeast?: Seconds;
  /** How it ends, as its ending is written, and the actions tried. */
  readonly ends: string;
  readonly tries: readonly string[];
}

const API = 'api';
const QUOTE = 'quote';

const SERVICE: Partial<ServiceSpec> & Pick<ServiceSpec, 'name'> = {
  name: API,
  rate: 9,
  parameters: [{ name: '/api/limit', value: '10', variable: 'LIMIT' }],
};

/** As few resources as show it: a run is as dear as its world. */
function fleetOf(service: Partial<ServiceSpec> = {}, functions: readonly FunctionSpec[] = []): FleetSpec {
  return {
    account: '111122223333',
    region: 'eu-west-1',
    cluster: 'shop',
    fleet: 'shop',
    services: [serviceSpec({ ...SERVICE, ...service })],
    functions,
    queues: [],
    externals: [],
  };
}

const calling = (mode: Mode = 'heal') =>
  fleetOf({ calls: [{ to: QUOTE, share: 0.5, timeout: 3 }] }, [
    { name: QUOTE, alias: 'live', mode, duration: 0.03, errorRatio: 0.001 },
  ]);

const entering =
  (fault: string, variant?: string, target = API) =>
  (world: World): void =>
    void world.inject(fault, target, variant);

/** Whatever is done to the service's tasks, requests fail from now on: nothing that was tried helps. */
function spoil(world: World): void {
  const service = serviceNamed(world.fleet, API);
  service.data = { ...service.data, errors: 0.5, mistake: MISTAKES.badRow };
  applyAll(world.fleet, service);
}

/** More customers than two tasks can serve, for a while. */
function surge(world: World, lasts: Seconds): void {
  const service = serviceNamed(world.fleet, API);
  const wanted = 1.3 * service.spec.capacity * service.desired;
  service.surge = {
    factor: wanted / Math.max(1, service.served.arrived / TICK),
    until: world.fleet.now + lasts * 1000,
  };
}

/** What tasks load at their start has outgrown their limit by little: half as much again is enough, below the alarms. */
function outgrow(world: World): void {
  const service = serviceNamed(world.fleet, API);
  const { memory, memoryInUse } = service.spec;
  service.data = { ...service.data, memory: 1.03 * memory - 0.6 * memoryInUse };
  applyAll(world.fleet, service);
  for (const task of service.tasks.filter(runs))
    stop(world.fleet, service, task, 'TerminationNotice', 'Your task host is being retired.');
}

/** Every version of the function fails from now on. */
function spoilFunction(world: World): void {
  for (const { traits } of world.fleet.functions.get(QUOTE)!.versions.values())
    Object.assign(traits, { errors: 0.6, mistake: MISTAKES.newCode });
}

/** Between them they pass every state of the state machine and every action of the catalogue. */
export const CLEAN: readonly CleanIncident[] = [
  {
    name: 'a bad deployment is rolled back',
    fleet: fleetOf(),
    enter: entering('bad-deployment', 'crash'),
    ends: 'recovered by action',
    tries: ['rollback-deployment'],
  },
  {
    name: 'a bad parameter is restored',
    fleet: fleetOf(),
    enter: entering('bad-configuration', 'errors'),
    ends: 'recovered by action',
    tries: ['restore-parameter'],
  },
  {
    name: 'an overload is scaled out for, and in again when it is over',
    fleet: fleetOf(),
    enter: (world) => surge(world, minutes(30)),
    atLeast: minutes(75),
    ends: 'recovered by action',
    tries: ['scale-out'],
  },
  {
    name: 'a leaking service is restarted',
    fleet: fleetOf(),
    enter: entering('memory-leak'),
    ends: 'recovered by action',
    tries: ['restart-service'],
  },
  {
    name: 'a bad function version is left',
    fleet: calling(),
    enter: entering('bad-function-version', 'errors', QUOTE),
    ends: 'recovered by action',
    tries: ['rollback-alias'],
  },
  {
    name: 'a limit of memory is raised',
    fleet: fleetOf({ memoryInUse: 100 }),
    enter: outgrow,
    ends: 'recovered by action',
    tries: ['raise-memory'],
  },
  {
    name: 'a bad task is stopped',
    fleet: fleetOf({ grace: 3600, tasks: 3 }),
    enter: entering('bad-task', 'unhealthy'),
    ends: 'recovered by action',
    tries: ['stop-bad-task'],
  },
  {
    name: 'what does not help is undone',
    fleet: fleetOf(),
    enter: entering('bad-configuration', 'errors'),
    onChange: spoil,
    ends: 'escalated: exhausted',
    tries: ['restore-parameter'],
  },
  {
    name: 'a person approves',
    fleet: fleetOf({ mode: 'approve' }),
    enter: entering('bad-deployment', 'crash'),
    approves: true,
    ends: 'recovered by action',
    tries: ['rollback-deployment'],
  },
  {
    name: 'what nothing heals is escalated',
    fleet: fleetOf(),
    enter: entering('data-corruption'),
    ends: 'escalated: no-candidate',
    tries: [],
  },
];

/** Actions with an inverse, each in an incident that it does not help: the undo is what is shown. */
export const UNHELPED: readonly CleanIncident[] = [
  {
    name: 'a rollback that does not help',
    fleet: fleetOf(),
    enter: entering('bad-deployment', 'crash'),
    onChange: spoil,
    ends: 'escalated: undo-failed',
    tries: ['rollback-deployment'],
  },
  {
    name: 'more tasks that do not help',
    fleet: fleetOf(),
    enter: (world) => surge(world, minutes(60)),
    onChange: spoil,
    ends: 'escalated: exhausted',
    tries: ['scale-out'],
  },
  {
    name: 'a function version that does not help',
    fleet: calling(),
    enter: entering('bad-function-version', 'errors', QUOTE),
    onChange: spoilFunction,
    ends: 'escalated: exhausted',
    tries: ['rollback-alias'],
  },
  {
    name: 'more memory that does not help',
    fleet: fleetOf({ memoryInUse: 100 }),
    enter: outgrow,
    onChange: spoil,
    ends: 'escalated: exhausted',
    tries: ['raise-memory'],
  },
];

export const incidentNamed = (name: string): CleanIncident => {
  const found = [...CLEAN, ...UNHELPED].find((one) => one.name === name);
  if (found) return found;
  throw new Error(`supply an incident (${[...CLEAN, ...UNHELPED].map((one) => one.name).join('; ')}), got ${name}`);
};
