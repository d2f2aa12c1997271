import { poisson, some } from '../chance.ts';
import { TICK } from '../spec.ts';
import { waitingIn, type Fleet, type FunctionState, type Queue, type Service } from './fleet.ts';
import { publishFunction, publishQueue, publishService } from './measure.ts';
import { refusedOf } from './quota.ts';
import { serving, writeFailures, type Failure } from './traffic.ts';
import { MISTAKES } from './traits.ts';

/** Work that no customer waits for: functions by their alias, and services that consume a queue. */

/** Serves one step of a function. An alias with weights divides its requests. */
export function invoke(fleet: Fleet, lambda: FunctionState): void {
  const { random, names } = fleet;
  const all = Math.round(lambda.inbound);
  const asked = Math.min(all, Math.round((lambda.most ?? Infinity) * TICK));
  lambda.inbound = 0;
  const weights = Object.entries(lambda.alias.weights);
  const shares: [string, number][] = [
    [lambda.alias.version, 1 - weights.reduce((sum, [, share]) => sum + share, 0)],
    ...weights,
  ];
  let errors = 0;
  let ratio = 0;
  for (const [version, share] of shares) {
    const traits = lambda.versions.get(version)!.traits;
    const failing = Math.min(1, lambda.spec.errorRatio + (traits.errors ?? 0) + (lambda.host.errors ?? 0));
    ratio += share * failing;
    const failed = some(random, Math.round(asked * share), failing);
    errors += failed;
    const mistake = lambda.host.mistake ?? traits.mistake ?? MISTAKES.oddInput;
    for (let n = 0; n < Math.min(failed, 20); n += 1) {
      const at = fleet.now - Math.floor(random() * TICK * 1000);
      const text = mistake.text.replaceAll('#', String(1000 + Math.floor(random() * 9000)));
      const line = JSON.stringify({ errorType: mistake.name, errorMessage: text });
      const stream = `2026/[${version}]`;
      fleet.logs.write(names.functionLogs(lambda.spec.name), at, stream, `ERROR\tInvoke Error\t${line}`);
    }
  }
  lambda.asked = all;
  lambda.refusing = all === 0 ? 0 : 1 - asked / all;
  lambda.failing = ratio * (1 - lambda.refusing) + lambda.refusing;
  lambda.latency = lambda.spec.duration * (0.9 + 0.2 * random());
  publishFunction(fleet, lambda, { invocations: asked, errors, refused: all - asked });
}

/** What arrived at a queue in this step. */
export function receive(fleet: Fleet, queue: Queue): void {
  queue.sent = queue.inbound;
  if (queue.inbound > 0) queue.waiting.push({ at: fleet.now, count: queue.inbound });
  queue.inbound = 0;
  const back = queue.hidden.filter(({ again }) => again <= fleet.now);
  if (back.length > 0) {
    queue.hidden = queue.hidden.filter(({ again }) => again > fleet.now);
    queue.waiting = [...back.map(({ at, count }) => ({ at, count })), ...queue.waiting].sort((a, b) => a.at - b.at);
  }
  publishQueue(fleet, queue);
}

/** A step of a consumer: takes what it can, oldest first. What fails stays on the queue and comes again. */
export function consume(fleet: Fleet, service: Service): void {
  const queue = fleet.queues.get(service.spec.consumes!)!;
  const awake = serving(service).filter(({ effective }) => !effective.hangs);
  const waiting = waitingIn(queue);
  // A message that takes longer leaves less time for others.
  const canTake = awake.reduce((sum, { effective }) => sum + (service.spec.capacity * TICK) / effective.latency, 0);
  const most = poisson(fleet.random, canTake);
  const taken = Math.min(waiting, most);
  const failures: Failure[] = [];
  let good = taken;
  for (const { effective } of awake) {
    const share = Math.round(taken / awake.length);
    const count = Math.min(good, some(fleet.random, share, effective.errors));
    if (count > 0)
      failures.push({ count, mistake: { ...(effective.mistake ?? MISTAKES.newCode), message: WORK_FAILED } });
    good -= count;
  }
  const refused = refusedOf(service.quota, good, TICK);
  failures.push(...refused);
  good -= refused.reduce((sum, { count }) => sum + count, 0);
  const failed = taken - good;
  take(queue, good);
  for (const { at, count } of take(queue, failed)) queue.hidden.push({ at, count, again: fleet.now + VISIBILITY });
  service.served = {
    arrived: taken,
    failed,
    latency: service.spec.latency,
    busy: most === 0 ? 0 : taken / most,
    failing: taken === 0 ? (awake.length === 0 && waiting > 0 ? 1 : 0) : failed / taken,
  };
  writeFailures(fleet, service, awake, failures);
  publishService(fleet, service, { unanswered: 0, hung: 0, failures, tasks: awake });
}

const WORK_FAILED = 'order could not be processed';

/** Visibility timeout of the queue, in milliseconds. */
const VISIBILITY = 20_000;

/** Takes messages off, oldest first, and answers which. */
function take(queue: Queue, count: number): { at: number; count: number }[] {
  const taken: { at: number; count: number }[] = [];
  let left = count;
  while (left > 0 && queue.waiting[0]) {
    const first = queue.waiting[0];
    const now = Math.min(left, first.count);
    first.count -= now;
    left -= now;
    taken.push({ at: first.at, count: now });
    if (first.count === 0) queue.waiting.shift();
  }
  return taken;
}
