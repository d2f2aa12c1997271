import type { Ratio, Seconds } from '../../../layers/core/units.ts';
import { normal, poisson, some } from '../chance.ts';
import { TICK, type CallSpec } from '../spec.ts';
import { hasBalancer, runs, type Fleet, type Service, type Task } from './fleet.ts';
import { errorLine, LINES_AT_MOST } from './logs.ts';
import { publishService } from './measure.ts';
import { refusedOf } from './quota.ts';
import { callFailed, MISTAKES, noAnswer, type Mistake } from './traits.ts';

/** Requests of one step: who sends them, what the tasks can serve, what fails and why. */

const DAY = 86_400;
/** Busiest in the early evening, quietest before dawn. */
const PEAK_HOUR = 18;
const SWING = 0.45;
/** How long a request waits for a slot before it is rejected. */
const PATIENCE: Seconds = 1.5;
/** After that nobody waits for an answer. */
const CLIENT_TIMEOUT: Seconds = 10;

/** What customers ask for at this time of day, times the mean. */
export function season(at: number): number {
  const hour = ((at / 1000) % DAY) / 3600;
  return 1 + SWING * Math.cos(((hour - PEAK_HOUR) / 24) * 2 * Math.PI);
}

/** The requests that arrive at a service in this step: of its own customers, and of its callers. */
export function arrivals(fleet: Fleet, service: Service): number {
  const { spec, surge } = service;
  const factor = surge.until > fleet.now ? surge.factor : 1;
  const noise = Math.exp(0.06 * normal(fleet.random));
  const own = poisson(fleet.random, spec.rate * TICK * season(fleet.now) * factor * noise);
  const all = own + Math.round(service.inbound);
  service.inbound = 0;
  return all;
}

/** Requests a second that customers and callers ask of a service now, on the mean; its callers' own limits hold some back. */
export function demand(fleet: Fleet, service: Service): number {
  const { spec, surge } = service;
  const factor = surge.until > fleet.now ? surge.factor : 1;
  let all = spec.rate * season(fleet.now) * factor;
  for (const caller of fleet.order) {
    const share = caller.spec.calls.find(({ to }) => to === spec.name)?.share;
    if (share !== undefined) all += share * Math.min(demand(fleet, caller), limit(caller));
  }
  return all;
}

/** Requests a second that its running tasks can serve in health. */
export const limit = ({ spec, tasks }: Service): number => spec.capacity * tasks.filter(runs).length;

export interface Failure {
  readonly count: number;
  readonly mistake: Mistake;
}

/** The tasks that requests are sent to: the healthy targets, or all where none is (the load balancer "fails open"). */
export function serving(service: Service): Task[] {
  const running = service.tasks.filter(runs);
  if (!hasBalancer(service)) return running;
  const healthy = running.filter(({ target }) => target === 'healthy');
  return healthy.length > 0 ? healthy : running.filter(({ target }) => target === 'unhealthy');
}

/** Serves one step of a service behind a load balancer. Its callees were served before it. */
export function serve(fleet: Fleet, service: Service): void {
  const { random } = fleet;
  const { spec } = service;
  const arrived = arrivals(fleet, service);
  const tasks = serving(service);
  const awake = tasks.filter(({ effective }) => !effective.hangs);
  const capacity = tasks.length === 0 ? 0 : spec.capacity * TICK * awake.length;
  const dead = tasks.length === 0 ? arrived : 0;
  const hung = tasks.length === 0 ? 0 : some(random, arrived, 1 - awake.length / tasks.length);
  const offered = arrived - dead - hung;
  const slow = mean(awake.map(({ effective }) => effective.latency)) || 1;
  const busy = capacity === 0 ? 0 : (offered * slow) / capacity;
  const rejected = busy > 1 ? Math.round(offered * (1 - 1 / busy)) : 0;
  const failures: Failure[] = rejected > 0 ? [{ count: rejected, mistake: service.noRoom ?? MISTAKES.busy }] : [];
  let good = offered - rejected;
  const [left, own] = ownFailures(fleet, service, awake, good);
  good = left;
  const refused = refusedOf(service.quota, good, TICK);
  failures.push(...own, ...refused);
  good -= sum(refused);
  const called = callAll(fleet, service, good);
  failures.push(...called.failures);
  good -= sum(called.failures);
  const retried = service.quota && offered > 0 ? (service.quota.retries * sum(refused)) / offered : 0;
  const latency = (spec.latency * slow + queueing(busy)) * Math.exp(0.05 * normal(random)) + called.latency + retried;
  const failed = arrived - good;
  service.served = {
    arrived,
    failed,
    latency: hung > offered ? CLIENT_TIMEOUT : latency,
    busy,
    failing: arrived === 0 ? failingWithoutTraffic(tasks, awake) : failed / arrived,
  };
  writeFailures(fleet, service, awake, failures);
  if (spec.sends && good > 0) fleet.queues.get(spec.sends.queue)!.inbound += some(random, good, spec.sends.share);
  publishService(fleet, service, { unanswered: dead, hung, failures, tasks });
}

const sum = (failures: readonly Failure[]): number => failures.reduce((all, { count }) => all + count, 0);

const failingWithoutTraffic = (tasks: readonly Task[], awake: readonly Task[]): Ratio =>
  tasks.length === 0 ? 1 : 1 - awake.length / tasks.length;

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Waiting for a slot: little until the tasks are almost busy, then up to what a request is willing to wait. */
const queueing = (busy: Ratio): Seconds =>
  busy >= 1 ? PATIENCE : Math.min(PATIENCE, (0.04 * busy ** 4) / (1.02 - busy));

/** Requests that fail by the program's own doing, and what is left. */
function ownFailures(fleet: Fleet, service: Service, awake: readonly Task[], offered: number): [number, Failure[]] {
  const { random } = fleet;
  const failures: Failure[] = [];
  let good = offered;
  const odd = some(random, offered, service.spec.errorRatio);
  if (odd > 0) failures.push({ count: odd, mistake: MISTAKES.oddInput });
  good -= odd;
  for (const { effective } of awake) {
    if (effective.errors === 0) continue;
    const count = Math.min(good, some(random, Math.round(offered / awake.length), effective.errors));
    if (count > 0) failures.push({ count, mistake: effective.mistake ?? MISTAKES.newCode });
    good -= count;
  }
  return [good, failures];
}

interface Callee {
  readonly failing: Ratio;
  readonly latency: Seconds;
  readonly why: string;
}

function callAll(fleet: Fleet, service: Service, requests: number): { failures: Failure[]; latency: Seconds } {
  const failures: Failure[] = [];
  let latency = 0;
  for (const call of service.spec.calls) {
    const calls = some(fleet.random, requests, call.share);
    const callee = send(fleet, call, calls);
    const tooSlow = callee.latency >= call.timeout;
    latency += call.share * Math.min(call.timeout, callee.latency);
    const count = some(fleet.random, calls, tooSlow ? 1 : callee.failing);
    if (count === 0) continue;
    const mistake = tooSlow ? noAnswer(call.to, call.timeout * 1000) : callFailed(call.to, callee.why);
    failures.push({ count, mistake });
  }
  return { failures, latency };
}

/** Sends the calls of this step, which the callee serves in the next, and answers how it fares now. */
function send(fleet: Fleet, { to }: CallSpec, calls: number): Callee {
  const external = fleet.externals.get(to);
  if (external) return { failing: external.down ? 0.97 : 0.0005, latency: 0.12, why: 'answered 503' };
  const lambda = fleet.functions.get(to);
  if (lambda) {
    lambda.inbound += calls;
    const why = lambda.refusing > 0 ? 'answered 429 TooManyRequestsException' : 'failed: Unhandled';
    return { failing: lambda.failing, latency: lambda.latency, why };
  }
  const service = fleet.services.get(to)!;
  service.inbound += calls;
  const { failing, latency } = service.served;
  return { failing, latency, why: serving(service).length === 0 ? 'could not be reached' : 'answered 500' };
}

/** One line a failed request, up to what a program writes in ten seconds. */
export function writeFailures(
  fleet: Fleet,
  service: Service,
  tasks: readonly Task[],
  failures: readonly Failure[],
): void {
  if (tasks.length === 0) return;
  const group = fleet.names.logGroup(service.spec.name);
  for (const { count, mistake } of failures) {
    for (let n = 0; n < Math.min(count, LINES_AT_MOST); n += 1) {
      const at = fleet.now - TICK * 1000 + Math.floor(fleet.random() * TICK * 1000);
      fleet.logs.write(group, at, tasks[n % tasks.length]!.id, errorLine(fleet.random, mistake));
    }
  }
}
