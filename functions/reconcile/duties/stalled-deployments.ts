import { DescribeServicesCommand, ListServiceDeploymentsCommand, type Service } from '@aws-sdk/client-ecs';
import { ecsServiceOf, parseArn, shortName, type Arn } from '../../../layers/core/arn.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { minutes, secondsBetween, type Instant, type Seconds } from '../../../layers/core/units.ts';
import { each, eachFully, type Duty, type Reconciling } from '../duty.ts';

/** As many as one call describes. */
const PAGE = 10;
/** More than the longest that was seen to succeed, by so much: rollouts vary. */
const LONGER = 2;
/** Tasks that fail in a row may still be those of a start that is slow to begin. */
const GRACE: Seconds = minutes(5);
/** ECS's circuit breaker gives a deployment up after half of the desired tasks have failed in a row, 3 to 200 of them. */
const [FEWEST, MOST] = [3, 200];

/** A deployment under way, as ECS describes it. */
interface Rollout {
  readonly resource: Resource;
  readonly deployment: string;
  readonly since: Instant;
  readonly running: number;
  readonly desired: number;
  readonly failed: number;
  /** It is meant to wait so long after its last task runs. */
  readonly bakes: Seconds;
}

/**
 * Without a circuit breaker ECS never gives a deployment up, and sends no event of one that does not come to an end. It has
 * stalled when it has gone on for longer than `deploymentLimit`, and than twice the longest of its service that ECS
 * remembers; or sooner, when as many of its tasks have failed in a row as ECS's circuit breaker would bear. Each is told
 * once; where the resource has an open incident, that comes first.
 */
export const duty: Duty = {
  name: 'stalled-deployments',
  summary: 'Opens incidents for deployments that do not come to an end.',
  async run(context) {
    const services: Resource[] = [];
    for await (const resource of context.kb.knowledge.allResources())
      if (resource.type === 'ecs-service') services.push(resource);
    const clusters = Map.groupBy(services, ({ arn }) => `${parseArn(arn).region} ${ecsServiceOf(arn).cluster}`);
    const rollouts: Rollout[] = [];
    const asked = await eachFully(
      [...clusters.values()],
      ([first]) => `the cluster of ${first?.arn}`,
      async (members) => void rollouts.push(...(await rolloutsIn(members, context))),
    );
    const old = rollouts.filter(({ since }) => secondsBetween(since, context.now()) >= GRACE);
    const told = await each(
      old,
      ({ resource }) => resource.arn,
      (rollout) => look(rollout, context),
    );
    return { ...told, left: [...asked.left, ...told.left] };
  },
};

/** The deployments under way of services of one cluster. */
async function rolloutsIn(members: readonly Resource[], { reader, now, deadline }: Reconciling): Promise<Rollout[]> {
  const found: Rollout[] = [];
  for (let from = 0; from < members.length && now() < deadline; from += PAGE) {
    const page = new Map(members.slice(from, from + PAGE).map((one) => [one.arn, one]));
    const [first] = page.keys();
    if (first === undefined) break;
    const { ecs } = await reader(first);
    const asked = new DescribeServicesCommand({ cluster: ecsServiceOf(first).cluster, services: [...page.keys()] });
    const { services = [] } = await ecs.send(asked);
    for (const service of services) {
      const resource = page.get(service.serviceArn ?? '');
      const rollout = resource && rolloutOf(service, resource);
      if (rollout) found.push(rollout);
    }
  }
  return found;
}

/** Other deployment controllers than ECS have no rollout state; one of no tasks has nothing to start. */
function rolloutOf({ deployments = [], deploymentConfiguration }: Service, resource: Resource): Rollout | undefined {
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  if (primary?.rolloutState !== 'IN_PROGRESS' || !primary.id || !primary.createdAt || !primary.desiredCount)
    return undefined;
  return {
    resource,
    deployment: primary.id,
    since: primary.createdAt.toISOString(),
    running: primary.runningCount ?? 0,
    desired: primary.desiredCount,
    failed: primary.failedTasks ?? 0,
    bakes: minutes(deploymentConfiguration?.bakeTimeInMinutes ?? 0),
  };
}

async function look(rollout: Rollout, context: Reconciling): Promise<string | undefined> {
  const { kb, now, newId, executions } = context;
  const { resource } = rollout;
  if (await kb.control.pointer(resource.arn)) return undefined;
  const because = await stalledBecause(rollout, context);
  if (!because) return undefined;
  const signal = signalOf(rollout, because);
  const { incidentId, status, duplicate } = await kb.incidents.openOrJoin(signal, resource, newId, now());
  if (status === 'opening') {
    const { executionArn } = await executions.start(incidentId);
    await kb.incidents.markOpen(incidentId, executionArn);
  }
  return duplicate ? undefined : `${signal.summary} ${incidentId}`;
}

/** Why it does not come to an end; undefined while it may. */
async function stalledBecause(rollout: Rollout, { policy, reader, now }: Reconciling): Promise<string | undefined> {
  const { resource, since, desired, failed, bakes } = rollout;
  const bearable = Math.min(MOST, Math.max(FEWEST, Math.ceil(desired / 2)));
  if (failed >= bearable) return `${failed} of its tasks have failed one after the other`;
  const taken = secondsBetween(since, now());
  if (taken < policy.deploymentLimit + bakes) return undefined;
  const longest = await longestOf(resource.arn, await reader(resource.arn));
  if (taken < LONGER * longest) return undefined;
  const usual = longest > 0 ? `; the longest that succeeded took ${Math.ceil(longest / 60)} min` : '';
  return `it has been in progress for ${Math.floor(taken / 60)} min${usual}`;
}

/** How long the slowest deployment took that ECS remembers (90 days) and that came to its end; 0 where none did. */
async function longestOf(service: Arn, { ecs }: Aws): Promise<Seconds> {
  const { cluster } = ecsServiceOf(service);
  const { serviceDeployments = [] } = await ecs.send(
    new ListServiceDeploymentsCommand({ cluster, service, status: ['SUCCESSFUL'], maxResults: 50 }),
  );
  const taken = serviceDeployments.flatMap(({ startedAt, createdAt, finishedAt }) => {
    const began = startedAt ?? createdAt;
    return began && finishedAt ? (finishedAt.getTime() - began.getTime()) / 1000 : [];
  });
  return Math.max(0, ...taken);
}

/** Dated to when the deployment began: what went wrong did so there, however much later it is seen. */
const signalOf = ({ resource, deployment, since, running, desired, failed }: Rollout, because: string): Signal => ({
  kind: 'deployment-stalled',
  id: `stalled:${resource.arn}:${deployment}`,
  at: since,
  resource: resource.arn,
  summary: `Deployment ${deployment} of ${shortName(resource.arn)} does not come to an end: ${because}, and ${running} of ${desired} tasks run.`,
  deployment,
  running,
  desired,
  failed,
});
