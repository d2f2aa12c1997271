import type { MetricId } from '../../../sandbox/cloudwatch/metric-store.ts';
import { normal } from '../chance.ts';
import { TICK } from '../spec.ts';
import { openIn } from './connections.ts';
import {
  definitionOf,
  hasBalancer,
  oldestIn,
  runs,
  waitingIn,
  type Fleet,
  type FunctionState,
  type Queue,
  type Service,
  type Task,
} from './fleet.ts';
import type { Failure } from './traffic.ts';

/**
 * What the state of this step adds to the metrics. Programs publish theirs every ten seconds, AWS the minute's when it
 * is over; both can be read a delay later.
 */

/** The namespace of the programs' own metrics. */
export const OWN = 'Shop';
const MINUTE = 60_000;
/** Quantiles of the standard normal that stand for a period's answers: the median, the 90th and the 99th of a hundred. */
const SPREAD: readonly (readonly [z: number, share: number])[] = [
  [0, 0.8],
  [1.28, 0.18],
  [2.33, 0.02],
];
/** Of the logarithm of a latency. */
const SIGMA = 0.35;

interface Sample {
  readonly unit: string;
  readonly second: number;
  readonly value: number;
  count: number;
}

/** Samples on their way, by when they can be read. */
export class Samples {
  readonly #waiting = new Map<number, Map<MetricId, Sample[]>>();

  /** The same value of the same metric and second is counted instead of kept again. */
  add(due: number, id: MetricId, unit: string, second: number, value: number, count: number): void {
    let waiting = this.#waiting.get(due);
    if (!waiting) this.#waiting.set(due, (waiting = new Map()));
    const known = waiting.get(id);
    if (!known) waiting.set(id, [{ unit, second, value, count }]);
    else {
      const same = known.find((sample) => sample.value === value && sample.second === second);
      if (same) same.count += count;
      else known.push({ unit, second, value, count });
    }
  }

  /** Puts what is due into the store. */
  flush(fleet: Fleet): void {
    for (const [due, metrics] of this.#waiting) {
      if (due > fleet.now) continue;
      for (const [id, samples] of metrics)
        for (const { unit, second, value, count } of samples) fleet.metrics.put(id, unit, second, value, count);
      this.#waiting.delete(due);
    }
  }
}

/** Metrics with the same dimensions, each always the same object. */
class Family {
  readonly #namespace: string;
  readonly #dimensions: MetricId['dimensions'];
  readonly #ids = new Map<string, MetricId>();

  constructor(namespace: string, dimensions: Readonly<Record<string, string>>) {
    this.#namespace = namespace;
    this.#dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  }

  of(metricName: string): MetricId {
    const known = this.#ids.get(metricName);
    if (known) return known;
    const made = { namespace: this.#namespace, metricName, dimensions: this.#dimensions };
    this.#ids.set(metricName, made);
    return made;
  }
}

type Owner = Service | FunctionState | Queue;
const families = new WeakMap<Owner, Map<string, Family>>();

function familyOf(
  owner: Owner,
  namespace: string,
  dimensions: () => Readonly<Record<string, string>>,
  which = namespace,
): Family {
  let known = families.get(owner);
  if (!known) families.set(owner, (known = new Map()));
  let family = known.get(which);
  if (!family) known.set(which, (family = new Family(namespace, dimensions())));
  return family;
}

const samplesOf = new WeakMap<Fleet, Samples>();
export function samples(fleet: Fleet): Samples {
  const known = samplesOf.get(fleet);
  if (known) return known;
  const made = new Samples();
  samplesOf.set(fleet, made);
  return made;
}

/** A sample of what AWS publishes: stamped with its minute, due when that is over. */
function vended(fleet: Fleet, id: MetricId, unit: string, value: number, count = 1): void {
  const began = fleet.now - TICK * 1000;
  const minute = Math.floor(began / MINUTE) * MINUTE;
  const due = minute + MINUTE + fleet.delays.vended * 1000;
  samples(fleet).add(due, id, unit, minute / 1000, value, count);
}

/** A sample of a program's own: stamped with its ten seconds. */
function own(fleet: Fleet, service: Service, metric: string, unit: string, value: number, count = 1): void {
  const id = familyOf(service, OWN, () => ({ Service: service.spec.name })).of(metric);
  const due = fleet.now + fleet.delays.custom * 1000;
  samples(fleet).add(due, id, unit, fleet.now / 1000 - TICK, value, count);
}

export interface StepOfService {
  /** Requests that found no target. */
  readonly unanswered: number;
  /** Requests that a target took and never answered. */
  readonly hung: number;
  readonly failures: readonly Failure[];
  readonly tasks: readonly Task[];
}

export function publishService(fleet: Fleet, service: Service, step: StepOfService): void {
  const running = service.tasks.filter(runs);
  publishTasks(fleet, service, running, step);
  if (hasBalancer(service)) publishBalancer(fleet, service, step);
}

/** Processor in use, in per cent: without any load, and by how much more at a full one, for a task also waits for others. */
export const CPU_WHEN_IDLE = 3;
export const CPU_WHEN_BUSY = 88;

function publishTasks(
  fleet: Fleet,
  service: Service,
  running: readonly Task[],
  { unanswered, tasks }: StepOfService,
): void {
  const { arrived, failed, latency, busy } = service.served;
  const served = arrived - unanswered;
  if (tasks.length > 0) {
    own(fleet, service, 'Requests', 'Count', served);
    own(fleet, service, 'Errors', 'Count', failed - unanswered);
    if (served > 0)
      for (const [value, count] of spread(latency * 1000, served))
        own(fleet, service, 'Latency', 'Milliseconds', value, count);
  }
  const dimensions = () => ({ ClusterName: fleet.names.cluster, ServiceName: service.spec.name });
  const ecs = familyOf(service, 'AWS/ECS', dimensions);
  const [cpuId, memoryId] = [ecs.of('CPUUtilization'), ecs.of('MemoryUtilization')];
  const minute = fleet.now % MINUTE === 0;
  for (const task of running) {
    const share = tasks.includes(task) && !task.effective.hangs ? Math.min(1, busy) : 0;
    const cpu = CPU_WHEN_IDLE + CPU_WHEN_BUSY * share * task.effective.cpu + 1.5 * normal(fleet.random);
    const before = task.cpuOfMinute;
    const memory = (100 * task.memory) / definitionOf(fleet, task.definition).memory;
    task.cpuOfMinute = minute ? 0 : task.cpuOfMinute + cpu / 6;
    if (minute) {
      const mean = Math.min(100, Math.max(0.2, before + cpu / 6));
      vended(fleet, cpuId, 'Percent', Math.round(mean * 100) / 100);
      vended(fleet, memoryId, 'Percent', Math.min(100, Math.round(memory * 100) / 100));
    }
    own(fleet, service, 'Memory', 'Percent', Math.min(100, Math.round(memory * 10) / 10));
    if (service.spec.limited) own(fleet, service, 'Connections', 'Count', openIn(service, task));
  }
}

/** The answers of a step as values with counts, log-normal around their mean. */
function spread(mean: number, count: number): [number, number][] {
  const median = mean / Math.exp((SIGMA * SIGMA) / 2);
  return SPREAD.map(([z, share]) => [Number((median * Math.exp(SIGMA * z)).toPrecision(3)), share * count]);
}

function publishBalancer(fleet: Fleet, service: Service, { unanswered, hung, failures }: StepOfService): void {
  const { spec, served, tasks } = service;
  const { name } = spec;
  const LoadBalancer = fleet.names.balancerDimension;
  const targets = familyOf(service, 'AWS/ApplicationELB', () => ({
    TargetGroup: fleet.names.groupDimension(name),
    LoadBalancer: LoadBalancer(name),
  }));
  const balancer = familyOf(service, 'AWS/ApplicationELB', () => ({ LoadBalancer: LoadBalancer(name) }), 'balancer');
  const count = (id: MetricId, value: number) => {
    if (value > 0) vended(fleet, id, 'Count', 1, value);
  };
  const answered = served.arrived - unanswered - hung;
  const errors = failures.reduce((sum, failure) => sum + failure.count, 0);
  for (const family of [targets, balancer]) {
    count(family.of('RequestCount'), served.arrived - unanswered);
    count(family.of('HTTPCode_Target_5XX_Count'), errors);
    count(family.of('HTTPCode_Target_2XX_Count'), answered - errors);
  }
  count(balancer.of('HTTPCode_ELB_5XX_Count'), unanswered + hung);
  if (answered > 0)
    for (const [value, n] of spread(served.latency * 1000, answered))
      vended(fleet, targets.of('TargetResponseTime'), 'Seconds', value / 1000, n);
  const of = (state: Task['target']) =>
    tasks.filter(({ target, status }) => target === state && status === 'RUNNING').length;
  vended(fleet, targets.of('HealthyHostCount'), 'Count', of('healthy'));
  vended(fleet, targets.of('UnHealthyHostCount'), 'Count', of('unhealthy'));
}

/** A function's metrics, by function and by alias. */
export function publishFunction(
  fleet: Fleet,
  lambda: FunctionState,
  { invocations, errors, refused }: { readonly invocations: number; readonly errors: number; readonly refused: number },
): void {
  if (invocations + refused === 0) return;
  const { name, alias } = lambda.spec;
  const whole = familyOf(lambda, 'AWS/Lambda', () => ({ FunctionName: name }));
  const byAlias = () => ({ FunctionName: name, Resource: `${name}:${alias}` });
  for (const family of [whole, familyOf(lambda, 'AWS/Lambda', byAlias, 'alias')]) {
    vended(fleet, family.of('Throttles'), 'Count', 0, invocations);
    if (refused > 0) vended(fleet, family.of('Throttles'), 'Count', 1, refused);
    if (invocations === 0) continue;
    vended(fleet, family.of('Invocations'), 'Count', 1, invocations);
    if (errors > 0) vended(fleet, family.of('Errors'), 'Count', 1, errors);
    if (invocations > errors) vended(fleet, family.of('Errors'), 'Count', 0, invocations - errors);
    vended(fleet, family.of('Duration'), 'Milliseconds', Math.round(lambda.latency * 1000), invocations);
  }
}

export function publishQueue(fleet: Fleet, queue: Queue): void {
  const family = familyOf(queue, 'AWS/SQS', () => ({ QueueName: queue.name }));
  const put = (name: string, unit: string, value: number, count = 1) =>
    vended(fleet, family.of(name), unit, value, count);
  const oldest = oldestIn(queue) ?? fleet.now;
  put('ApproximateAgeOfOldestMessage', 'Seconds', Math.round((fleet.now - oldest) / 1000));
  put('ApproximateNumberOfMessagesVisible', 'Count', waitingIn(queue));
  if (queue.sent > 0) put('NumberOfMessagesSent', 'Count', 1, queue.sent);
}
