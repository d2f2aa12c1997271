import { DescribeTasksCommand, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import { ecsServiceOf, parseArn, type Arn } from '../../../layers/core/arn.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import { normalise } from '../../intake/normalise.ts';
import { each, eachFully, type Duty, type Reconciling } from '../duty.ts';

/** An event takes seconds; a batch that is tried again, a few minutes. */
const EVENT_COMES = minutes(2);
/** As many as one call describes. */
const PAGE = 100;
/** Pages of a cluster that are read: its stopped tasks of an hour, but for one that restarts several a second. */
const MOST_PAGES = 50;

interface Stop {
  readonly signal: Signal;
  readonly resource: Resource;
}

/**
 * ECS tells once that a task stopped, and knows it for an hour. A stop whose event was lost is read from there and taken
 * as the event would have been: with the same id, so that what was heard of is not counted twice.
 */
export const duty: Duty = {
  name: 'missed-stops',
  summary: 'Opens incidents for tasks that ended by themselves and whose event never came.',
  async run(context) {
    const services = new Map<Arn, Resource>();
    for await (const resource of context.kb.knowledge.allResources())
      if (resource.type === 'ecs-service') services.set(resource.arn, resource);
    const clusters = Map.groupBy(services.keys(), (arn) => `${parseArn(arn).region} ${ecsServiceOf(arn).cluster}`);
    const stops: Stop[] = [];
    const asked = await eachFully(
      [...clusters.values()],
      ([first]) => `the cluster of ${first}`,
      async ([first]) => void (first && stops.push(...(await stopsIn(first, services, context)))),
    );
    const told = await each(
      stops,
      ({ signal }) => signal.id,
      (stop) => report(stop, context),
    );
    return { ...told, left: [...asked.left, ...told.left] };
  },
};

/** What stopped in the cluster of a service, on watched services and not just now. */
async function stopsIn(
  of: Arn,
  services: ReadonlyMap<Arn, Resource>,
  { reader, now }: Reconciling,
): Promise<readonly Stop[]> {
  const tasks = await stoppedTasks(ecsServiceOf(of).cluster, await reader(of));
  return tasks.flatMap((task): Stop[] => {
    const reading = normalise(eventOf(task, of, now()), now());
    if (reading.kind !== 'signal' || reading.effect !== 'opens' || !('resource' in reading.about)) return [];
    const resource = services.get(reading.about.resource);
    if (!resource || secondsBetween(reading.signal.at, now()) < EVENT_COMES) return [];
    return [{ signal: { ...reading.signal, resource: resource.arn }, resource }];
  });
}

async function stoppedTasks(cluster: string, { ecs }: Aws): Promise<readonly Task[]> {
  const all: Task[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const listed = await ecs.send(
      new ListTasksCommand({ cluster, desiredStatus: 'STOPPED', maxResults: PAGE, nextToken }),
    );
    const { taskArns = [] } = listed;
    if (taskArns.length > 0) {
      const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
      all.push(...tasks);
    }
    ({ nextToken } = listed);
    if (nextToken === undefined) break;
  }
  return all;
}

/** The event as ECS sends it: times are texts there. */
function eventOf(task: Task, service: Arn, now: string): unknown {
  const { account, region } = parseArn(service);
  return JSON.parse(
    JSON.stringify({
      id: `reconcile:${task.taskArn}`,
      source: 'aws.ecs',
      'detail-type': 'ECS Task State Change',
      account,
      region,
      time: now,
      resources: [task.taskArn],
      detail: task,
    }),
  );
}

async function report({ signal, resource }: Stop, context: Reconciling): Promise<string | undefined> {
  const { kb, now, newId, executions } = context;
  const { incidentId, status, duplicate } = await kb.incidents.openOrJoin(signal, resource, newId, now());
  if (status === 'opening') {
    const { executionArn } = await executions.start(incidentId);
    await kb.incidents.markOpen(incidentId, executionArn);
  }
  return duplicate ? undefined : `${signal.summary} Its event never came: ${incidentId}`;
}
