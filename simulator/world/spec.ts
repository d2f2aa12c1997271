import type { Mode } from '../../layers/core/mode.ts';
import { hours, type Ratio, type Seconds } from '../../layers/core/units.ts';

/** What a service, function or parameter of the modelled account is, before anything happens to it. */

export interface CallSpec {
  /** A service, a function (through its alias), or an external provider, by name. */
  readonly to: string;
  /** Calls a request of the caller makes on average, 0 to 1. */
  readonly share: Ratio;
  /** How long the caller waits for an answer. */
  readonly timeout: Seconds;
}

export interface ParameterSpec {
  /** With its leading slash. */
  readonly name: string;
  readonly value: string;
  /** The container's environment variable that carries it; absent for one that the program reads live. */
  readonly variable?: string;
}

export interface ServiceSpec {
  readonly name: string;
  readonly mode: Mode;
  readonly tasks: number;
  /** MiB: hard limit of a task, and what it uses when warm. */
  readonly memory: number;
  readonly memoryInUse: number;
  /** Connections that a task can have open at once. */
  readonly connections: number;
  /** Whether its owner gave that limit by a tag: then what is open is measured. */
  readonly limited?: boolean;
  /** Requests a second one task can serve. */
  readonly capacity: number;
  /** The service's own share of a request, without its callees. */
  readonly latency: Seconds;
  /** Requests a second of its own customers at the mean of the day; 0 when only services call it. */
  readonly rate: number;
  /** Failed requests in health: clients that hang up, odd input. */
  readonly errorRatio: Ratio;
  readonly calls: readonly CallSpec[];
  readonly parameters: readonly ParameterSpec[];
  /** The queue it consumes; then it has no load balancer. */
  readonly consumes?: string;
  /** A share of its good requests becomes messages of a queue. */
  readonly sends?: { readonly queue: string; readonly share: Ratio };
  /** ECS's deployment circuit breaker with rollback. */
  readonly breaker: boolean;
  /** Health checks of the load balancer do not count while a task is younger. */
  readonly grace: Seconds;
  /** Typical time from launch to RUNNING. */
  readonly start: Seconds;
  /** `fast`: alarms of 10 s beside those of a minute. */
  readonly alarms: 'fast' | 'slow';
  /** A registered scalable target; `cpu` adds target tracking at that percentage. */
  readonly scalable?: { readonly min: number; readonly max: number; readonly cpu?: number };
}

export interface FunctionSpec {
  readonly name: string;
  readonly alias: string;
  readonly mode: Mode;
  readonly duration: Seconds;
  readonly errorRatio: Ratio;
}

export interface QueueSpec {
  readonly name: string;
}

export interface FleetSpec {
  readonly account: string;
  readonly region: string;
  readonly cluster: string;
  readonly fleet: string;
  readonly services: readonly ServiceSpec[];
  readonly functions: readonly FunctionSpec[];
  readonly queues: readonly QueueSpec[];
  /** Providers outside the account. */
  readonly externals: readonly string[];
}

/** How late what happens is told. Defaults are the local account's. */
export interface Delays {
  /** From the end of a minute until metrics that AWS publishes can be read. */
  readonly vended: Seconds;
  /** From the end of ten seconds until a program's own metrics can be read. */
  readonly custom: Seconds;
  /** From a write until CloudTrail tells of it. */
  readonly trail: Seconds;
}
export const LOCAL_DELAYS: Delays = { vended: 0, custom: 0, trail: 0 };
/** Publication as users of AWS see it: a minute's metrics 30 to 120 s later, CloudTrail a few minutes later. */
export const AWS_DELAYS: Delays = { vended: 60, custom: 5, trail: 180 };

/** How long metrics and logs can be read. */
export interface Kept {
  readonly metrics: Seconds;
  readonly logs: Seconds;
}
/** What evidence of what happens now needs. */
export const KEPT_LATELY: Kept = { metrics: hours(3), logs: hours(2) };
/** What detectors learn from, and the longest that evidence reads back. */
export const KEPT_LONG: Kept = { metrics: hours(15 * 24), logs: hours(7) };

/** Seconds of one step of the model. */
export const TICK: Seconds = 10;

const SERVICE: Omit<ServiceSpec, 'name'> = {
  mode: 'heal',
  tasks: 2,
  memory: 512,
  memoryInUse: 170,
  connections: 100,
  capacity: 10,
  latency: 0.08,
  rate: 0,
  errorRatio: 0.002,
  calls: [],
  parameters: [],
  breaker: false,
  grace: 60,
  start: 25,
  alarms: 'fast',
};

export const serviceSpec = (spec: Partial<ServiceSpec> & Pick<ServiceSpec, 'name'>): ServiceSpec => ({
  ...SERVICE,
  ...spec,
});

/** One shop, as the sandbox deploys it: web → orders → inventory, a pricing function, a worker behind a queue, a payment provider. */
export function shopServices(shop: string): Pick<FleetSpec, 'services' | 'functions' | 'queues' | 'externals'> {
  const named = (name: string) => `${shop}-${name}`;
  const parameter = (service: string, name: string, value: string, variable: string): ParameterSpec => ({
    name: `/${shop}/${service}/${name}`,
    value,
    variable,
  });
  const payments = `${shop}-payments`;
  return {
    services: [
      serviceSpec({
        name: named('web'),
        rate: 9,
        limited: true,
        calls: [
          { to: named('orders'), share: 0.4, timeout: 2.5 },
          { to: named('inventory'), share: 0.4, timeout: 2.5 },
        ],
        parameters: [parameter('web', 'backend-timeout-ms', '2500', 'BACKEND_TIMEOUT_MS')],
      }),
      serviceSpec({
        name: named('orders'),
        rate: 4,
        limited: true,
        grace: 3600,
        breaker: true,
        calls: [
          { to: named('inventory'), share: 0.5, timeout: 2 },
          { to: named('quote'), share: 0.5, timeout: 3 },
          { to: payments, share: 0.5, timeout: 2 },
        ],
        parameters: [parameter('orders', 'tax-rate', '0.19', 'TAX_RATE')],
        sends: { queue: named('orders'), share: 0.4 },
      }),
      serviceSpec({
        name: named('inventory'),
        rate: 2,
        parameters: [parameter('inventory', 'warehouses', 'north,south', 'WAREHOUSES')],
        alarms: 'slow',
      }),
      serviceSpec({
        name: named('worker'),
        tasks: 2,
        consumes: named('orders'),
        parameters: [parameter('worker', 'label-format', 'plain', 'LABEL_FORMAT')],
      }),
    ],
    functions: [{ name: named('quote'), alias: 'live', mode: 'heal', duration: 0.03, errorRatio: 0.001 }],
    queues: [{ name: named('orders') }],
    externals: [payments],
  };
}

/** A fleet of shops, each with services, dependencies and alarms of its own. */
export function shops(count = 1, about: Partial<FleetSpec> = {}): FleetSpec {
  const all = Array.from({ length: count }, (_, n) => shopServices(count === 1 ? 'shop' : `shop${n + 1}`));
  return {
    account: '111122223333',
    region: 'eu-west-1',
    cluster: 'shop',
    fleet: 'shop',
    services: all.flatMap(({ services }) => services),
    functions: all.flatMap(({ functions }) => functions),
    queues: all.flatMap(({ queues }) => queues),
    externals: all.flatMap(({ externals }) => externals),
    ...about,
  };
}
