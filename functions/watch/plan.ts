import type { Arn } from '../../layers/core/arn.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { addSeconds, minutes, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { WatchPolicy } from '../../layers/core/watch-policy.ts';
import { dueOf, NEVER, type Watch } from '../../layers/runtime/kb/knowledge.ts';
import { planIntervals } from './interval.ts';

/** What the plan needs of the knowledge base and the queue. */
export interface PlanPorts {
  listedArns(): Promise<readonly Arn[]>;
  allResources(): AsyncIterable<Resource>;
  watches(): Promise<readonly Watch[]>;
  putWatches(planned: readonly Watch[], gone: readonly Arn[]): Promise<void>;
  send(messages: readonly WatchMessage[]): Promise<void>;
}

/** One message of the queue: the resources that one run of `watch` reads. */
export interface WatchMessage {
  readonly arns: readonly Arn[];
}

export interface Planned {
  readonly watched: number;
  readonly sent: number;
  readonly messages: number;
  readonly planned: boolean;
}

/** The inventory is planned anew after this time: modes, alarms and dependencies change the risk. */
const PLAN_STANDS: Seconds = minutes(60);
/** Half a batch of GetMetricData at five metrics a resource, and a minute of computing. */
export const RESOURCES_A_MESSAGE = 50;

/** One tick: plans anew where the inventory differs from the plan, and sends what is due to the queue, batch by batch. */
export async function tick(ports: PlanPorts, policy: WatchPolicy, now: Instant): Promise<Planned> {
  const [listed, known] = await Promise.all([ports.listedArns(), ports.watches()]);
  const planned = isStale(listed, known, now);
  const watches = planned ? await planAnew(known, ports, policy, now) : known;
  const due = watches.filter((watch) => dueOf(watch) <= now).sort((a, b) => (dueOf(a) < dueOf(b) ? -1 : 1));
  const messages = batchesOf(due.map(({ arn }) => arn));
  await ports.send(messages);
  // After the send: a run that dies between the two sends twice, and reading twice is the same as reading once.
  await ports.putWatches(
    due.map((watch) => ({ ...watch, due: addSeconds(now, watch.interval), sentAt: now })),
    [],
  );
  return { watched: watches.filter(isWatched).length, sent: due.length, messages: messages.length, planned };
}

const isWatched = ({ due }: Watch): boolean => due !== NEVER;

/** Whether a resource is new or gone, or the plan is old. */
export function isStale(listed: readonly Arn[], known: readonly Watch[], now: Instant): boolean {
  const planned = new Set(known.map(({ arn }) => arn));
  const oldest = known.map(({ plannedAt }) => plannedAt).sort()[0];
  return (
    listed.length !== planned.size ||
    listed.some((arn) => !planned.has(arn)) ||
    (oldest !== undefined && secondsBetween(oldest, now) >= PLAN_STANDS)
  );
}

async function planAnew(
  known: readonly Watch[],
  ports: PlanPorts,
  policy: WatchPolicy,
  now: Instant,
): Promise<readonly Watch[]> {
  const resources: Resource[] = [];
  for await (const resource of ports.allResources()) resources.push(resource);
  const chosen = planIntervals(resources, policy.dollarsPerMonth);
  const before = new Map(known.map((watch) => [watch.arn, watch]));
  const planned = resources.map(({ arn }): Watch => {
    const interval = chosen.get(arn);
    if (interval === undefined) return { arn, interval: PLAN_STANDS, due: NEVER, plannedAt: now };
    const was = before.get(arn);
    // One that is new is read at once; one that is read more often from now on is not left waiting for its old turn.
    const soonest = addSeconds(now, interval);
    const due = was === undefined || was.due === NEVER ? now : was.due < soonest ? was.due : soonest;
    return { ...was, arn, interval, due, plannedAt: now };
  });
  const here = new Set(resources.map(({ arn }) => arn));
  const gone = known.map(({ arn }) => arn).filter((arn) => !here.has(arn));
  await ports.putWatches(planned, gone);
  return planned;
}

export function batchesOf(arns: readonly Arn[]): WatchMessage[] {
  return Array.from({ length: Math.ceil(arns.length / RESOURCES_A_MESSAGE) }, (_, n) => ({
    arns: arns.slice(n * RESOURCES_A_MESSAGE, (n + 1) * RESOURCES_A_MESSAGE),
  }));
}
