import type { MetricStore } from '../../../sandbox/cloudwatch/metric-store.ts';
import type { Random } from '../../../sandbox/load/random.ts';
import type { Arn } from '../../../layers/core/arn.ts';
import type { Milliseconds, Ratio, Seconds } from '../../../layers/core/units.ts';
import type { Names } from '../names.ts';
import type { Delays, FleetSpec, FunctionSpec, ServiceSpec } from '../spec.ts';
import type { Logs } from './logs.ts';
import type { News } from './news.ts';
import type { Quota } from './quota.ts';
import type { Mistake, Together, Traits } from './traits.ts';

/** The state of the modelled account. Times are epoch milliseconds. Plain data, but for the recorders below. */

export interface Definition {
  readonly arn: Arn;
  readonly family: string;
  readonly revision: number;
  readonly registeredAt: Milliseconds;
  /** Version of the program in its image: its behaviour follows from it. */
  readonly version: string;
  readonly traits: Traits;
  /** MiB. */
  readonly memory: number;
  readonly cpu: number;
  /** Present: tasks cannot be started with it, for this reason. */
  readonly unstartable?: string;
}

export type TaskStatus = 'PENDING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPED';
export type StopCode =
  | 'EssentialContainerExited'
  | 'TaskFailedToStart'
  | 'ServiceSchedulerInitiated'
  | 'UserInitiated'
  | 'TerminationNotice';

export interface Task {
  readonly id: string;
  readonly arn: Arn;
  readonly deployment: string;
  readonly definition: Arn;
  readonly ip: string;
  readonly createdAt: Milliseconds;
  readonly runsAt: Milliseconds;
  status: TaskStatus;
  startedAt?: Milliseconds;
  stoppingAt?: Milliseconds;
  stoppedAt?: Milliseconds;
  stopCode?: StopCode;
  reason?: string;
  exitCode?: number;
  containerReason?: string;
  /** Versions of the parameters it read at its start. */
  readonly read: Readonly<Record<string, number>>;
  /** What it alone has. */
  traits: Traits;
  /** Everything that bears on it, put together when one of the causes changes. */
  effective: Together;
  /** MiB. */
  memory: number;
  /** Connections that it never gave back. */
  kept: number;
  target: 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused';
  /** Processor used since the last full minute, in per cent of a minute. */
  cpuOfMinute: number;
  /** Health checks in a row that said otherwise than `target`. */
  contrary: number;
  version: number;
}

export interface Deployment {
  readonly id: string;
  readonly definition: Arn;
  readonly createdAt: Milliseconds;
  readonly revisionId: string;
  readonly recordId: string;
  updatedAt: Milliseconds;
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  rollout: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  reason: string;
  failedTasks: number;
  finishedAt?: Milliseconds;
  /** As `ListServiceDeployments` tells it. */
  outcome: 'IN_PROGRESS' | 'SUCCESSFUL' | 'STOPPED' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED';
  isRollback: boolean;
  /** State its tasks share, and hand to those that replace one of them: gone with the next deployment. */
  shared: Traits;
}

/** One step's work of a service. */
export interface Served {
  arrived: number;
  failed: number;
  /** Seconds: mean of its answers. */
  latency: Seconds;
  /** Share of its capacity in use. */
  busy: Ratio;
  /** Share of requests that failed, as a caller sees it; 1 when nothing answers. */
  failing: Ratio;
}

export interface Service {
  readonly spec: ServiceSpec;
  readonly arn: Arn;
  desired: number;
  definition: Arn;
  /** Newest first. */
  deployments: Deployment[];
  tasks: Task[];
  readonly tags: Record<string, string>;
  events: { readonly id: string; readonly at: Milliseconds; readonly message: string }[];
  steady: boolean;
  /** Launches in a row that failed, and when the next is tried. */
  launchFailures: number;
  nextLaunch: Milliseconds;
  impairedToldAt: Milliseconds;
  /** Tasks cannot be placed until then, for this reason. */
  placement?: { readonly reason: string; readonly until: Milliseconds };
  /** What the host brings that its next task comes to. */
  nextHost?: Traits;
  /** What its data does to every task, whatever its code. */
  data: Traits;
  /** What AWS still lets it call. */
  quota?: Quota;
  /** What it writes of a request that it has no room for; default that it is busy. */
  noRoom?: Mistake;
  /** Of its own customers, times the usual. */
  surge: { factor: number; until: Milliseconds };
  scalable?: { min: number; max: number; readonly cpu?: number };
  scaledAt: Milliseconds;
  served: Served;
  /** Requests its callers will send in this step. */
  inbound: number;
}

export interface FunctionState {
  readonly spec: FunctionSpec;
  readonly arn: Arn;
  readonly versions: Map<string, { readonly traits: Traits; readonly publishedAt: Milliseconds }>;
  alias: { version: string; weights: Record<string, Ratio>; revision: string };
  /** Requests a second that its account's concurrency leaves it; the rest AWS refuses. */
  most?: number;
  /** What AWS itself does to it, whatever its code. */
  host: Traits;
  readonly tags: Record<string, string>;
  inbound: number;
  failing: Ratio;
  /** Calls of the last step. */
  asked: number;
  /** Share of them that AWS refused. */
  refusing: Ratio;
  latency: Seconds;
}

export interface Parameter {
  readonly name: string;
  readonly arn: Arn;
  readonly versions: {
    readonly version: number;
    readonly value: string;
    readonly at: Milliseconds;
    readonly by: string;
  }[];
  /** What values other than good ones do to a program that reads them. */
  readonly effects: Map<string, Traits>;
  /** Services that read it, and when. */
  readonly readers: { readonly service: string; readonly live: boolean }[];
}

export interface Queue {
  readonly name: string;
  readonly arn: Arn;
  /** Messages that wait, oldest first, by when they were sent. */
  waiting: { readonly at: Milliseconds; count: number }[];
  /** Received, not done: they come again when their visibility timeout is over. */
  hidden: { readonly at: Milliseconds; readonly again: Milliseconds; readonly count: number }[];
  sent: number;
  inbound: number;
}

export interface External {
  readonly name: string;
  down: boolean;
}

/** A change of the account: who, what, when. */
export interface Changed {
  readonly at: Milliseconds;
  readonly resource: Arn;
  readonly operation: string;
  /** The principal's ARN. */
  readonly by: string;
  /** Prunella's incident, if it was one of its actions. */
  readonly incidentId?: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Fleet {
  readonly spec: FleetSpec;
  readonly names: Names;
  readonly delays: Delays;
  readonly random: Random;
  now: Milliseconds;
  readonly services: Map<string, Service>;
  /** Services, callees before their callers. */
  readonly order: readonly Service[];
  readonly functions: Map<string, FunctionState>;
  readonly parameters: Map<string, Parameter>;
  readonly queues: Map<string, Queue>;
  readonly externals: Map<string, External>;
  readonly definitions: Map<Arn, Definition>;
  readonly history: Changed[];
  readonly logs: Logs;
  readonly news: News;
  readonly metrics: MetricStore;
}

export const serviceNamed = (fleet: Fleet, name: string): Service => {
  const found = fleet.services.get(name);
  if (!found) throw new Error(`supply a service of the fleet (${[...fleet.services.keys()].join(', ')}), got ${name}`);
  return found;
};

export const waitingIn = ({ waiting }: Queue): number => waiting.reduce((sum, { count }) => sum + count, 0);
/** When the oldest message was sent, received or not. */
export const oldestIn = ({ waiting, hidden }: Queue): Milliseconds | undefined => {
  const oldest = Math.min(waiting[0]?.at ?? Infinity, ...hidden.map(({ at }) => at));
  return Number.isFinite(oldest) ? oldest : undefined;
};

export const isLive = ({ status }: Task): boolean => status === 'PENDING' || status === 'RUNNING';
export const desiredStatusOf = (task: Task): 'RUNNING' | 'STOPPED' => (isLive(task) ? 'RUNNING' : 'STOPPED');
export const runs = ({ status }: Task): boolean => status === 'RUNNING';
export const primaryOf = (service: Service): Deployment => service.deployments[0]!;
export const isDeploying = ({ deployments }: Service): boolean =>
  deployments.filter(({ status }) => status !== 'INACTIVE').length > 1 || deployments[0]!.rollout === 'IN_PROGRESS';
export const definitionOf = (fleet: Fleet, arn: Arn): Definition => fleet.definitions.get(arn)!;
export const hasBalancer = ({ spec }: Service): boolean => spec.consumes === undefined;
