import { DescribeServicesCommand, ListServiceDeploymentsCommand, type Deployment } from '@aws-sdk/client-ecs';
import { beforeAll, expect, test } from 'vitest';
import { duty } from '../../../functions/reconcile/duties/stalled-deployments.ts';
import type { Aws, AwsCommand } from '../../../layers/core/aws.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { minutes } from '../../../layers/core/units.ts';
import { incidents, knowledge } from '../../../layers/runtime/kb/index.ts';
import { after, aResource, unique } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';
import { world } from './world.ts';

beforeAll(freshTables);

const LIMIT = DEFAULT_POLICY.deploymentLimit;
/** Reconcile runs every five minutes. */
const RUN = minutes(5);

async function aService() {
  const arn = `arn:aws:ecs:eu-west-1:111122223333:service/${unique('cluster')}/web`;
  await knowledge.putResource(aResource({ arn }));
  return arn;
}

/** ECS, in which one deployment is under way since the beginning. `took`: seconds that earlier ones took. */
function ecsOf(deployment: Partial<Deployment> = {}, took: readonly number[] = []) {
  const asked: string[] = [];
  const send = (command: AwsCommand<unknown>): Promise<unknown> => {
    asked.push(command.constructor.name);
    if (command instanceof DescribeServicesCommand) {
      const primary = {
        id: 'ecs-svc/1',
        status: 'PRIMARY',
        rolloutState: 'IN_PROGRESS',
        createdAt: new Date(after(0)),
        desiredCount: 4,
        runningCount: 0,
        failedTasks: 0,
        ...deployment,
      };
      const { services = [] } = command.input;
      return Promise.resolve({ services: services.map((serviceArn) => ({ serviceArn, deployments: [primary] })) });
    }
    if (command instanceof ListServiceDeploymentsCommand) {
      const serviceDeployments = took.map((seconds) => ({
        startedAt: new Date(after(-86_400)),
        finishedAt: new Date(after(-86_400 + seconds)),
      }));
      return Promise.resolve({ serviceDeployments });
    }
    throw new Error(`${command.constructor.name} should not be sent`);
  };
  return { aws: { ecs: { send } } as unknown as Aws, asked };
}

/** When the first incident of the resource opened, if one did, reconciling every five minutes from the deployment's begin. */
async function openedAfter(arn: string, { aws }: ReturnType<typeof ecsOf>, until: number): Promise<number | undefined> {
  const { context, pass } = world();
  for (let at = RUN; at <= until; at += RUN) {
    pass(RUN);
    await duty.run({ ...context, reader: () => Promise.resolve(aws) });
    if ((await incidents.byResource(arn, 1)).length > 0) return at;
  }
  return undefined;
}

test('a deployment that does not come to an end opens one incident at its limit, dated to when it began', async () => {
  const arn = await aService();
  const ecs = ecsOf();

  const opened = await openedAfter(arn, ecs, 2 * LIMIT);

  expect(opened).toBe(LIMIT);
  const [incident] = await incidents.byResource(arn, 1);
  expect(incident).toMatchObject({ onset: after(0), openedAt: after(LIMIT), status: 'open' });
  expect(await incidents.signals(incident!.incidentId)).toMatchObject([
    { kind: 'deployment-stalled', summary: expect.stringContaining('in progress for 20 min, and 0 of 4 tasks run') },
  ]);
});

test('one whose service took long before may take twice as long', async () => {
  const arn = await aService();

  expect(await openedAfter(arn, ecsOf({}, [minutes(25), minutes(3)]), minutes(45))).toBeUndefined();
  expect(await openedAfter(arn, ecsOf({}, [minutes(25), minutes(3)]), minutes(60))).toBe(minutes(50));
});

test('tasks that fail one after the other are not waited for', async () => {
  const arn = await aService();

  const opened = await openedAfter(arn, ecsOf({ failedTasks: 3 }), LIMIT);

  expect(opened).toBe(minutes(5));
});

test.each([
  ['two failed tasks', { failedTasks: 2 }],
  ['a deployment that came to its end', { rolloutState: 'COMPLETED' as const, failedTasks: 9 }],
  ['a service of no tasks', { desiredCount: 0, failedTasks: 9 }],
])('%s open nothing before the limit', async (_, deployment) => {
  const arn = await aService();

  expect(await openedAfter(arn, ecsOf(deployment), LIMIT - RUN)).toBeUndefined();
});

test('what was told of once is not told again after its incident ended', async () => {
  const arn = await aService();
  const { aws } = ecsOf();
  const { context, pass } = world({ at: LIMIT });
  const run = () => duty.run({ ...context, reader: () => Promise.resolve(aws) });

  await run();
  const [incident] = await incidents.byResource(arn, 1);
  await incidents.close(incident!.incidentId, { kind: 'noise', why: 'a test' }, 1, after(LIMIT + 60));
  pass(RUN);
  await run();

  expect(await incidents.byResource(arn, 10)).toHaveLength(1);
});

test('a service with an open incident is left to it', async () => {
  const arn = await aService();
  const { aws } = ecsOf();
  const { context } = world({ at: LIMIT });
  const resource = (await knowledge.resource(arn))!;
  const signal = { kind: 'operator', id: unique('s'), at: after(60), resource: arn, summary: 'ill', by: 'a' } as const;
  await incidents.openOrJoin(signal, resource, context.newId, after(60));

  await duty.run({ ...context, reader: () => Promise.resolve(aws) });

  expect(await incidents.byResource(arn, 10)).toMatchObject([{ signalCount: 1 }]);
});

test('earlier deployments are asked for only where one has passed its limit', async () => {
  const arn = await aService();
  const ecs = ecsOf();

  await openedAfter(arn, ecs, LIMIT - RUN);

  expect(ecs.asked).not.toContain('ListServiceDeploymentsCommand');
});

test('a cluster that cannot be read keeps no other from being looked at, and is told', async () => {
  const [gone, arn] = [await aService(), await aService()];
  const { context, pass } = world();
  pass(LIMIT + RUN);
  const working = ecsOf().aws;
  const send = (command: AwsCommand<unknown>): Promise<unknown> =>
    gone.includes(`/${(command.input as { cluster?: string }).cluster}/`)
      ? Promise.reject(Object.assign(new Error('Cluster not found.'), { name: 'ClusterNotFoundException' }))
      : working.ecs.send(command);

  const { left } = await duty.run({ ...context, reader: () => Promise.resolve({ ecs: { send } } as unknown as Aws) });

  expect(await incidents.byResource(arn, 1)).toHaveLength(1);
  expect(left).toEqual([`the cluster of ${gone}: ClusterNotFoundException: Cluster not found.`]);
});
