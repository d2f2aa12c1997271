import { DescribeTasksCommand, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import { beforeAll, expect, test } from 'vitest';
import { duty } from '../../../functions/reconcile/duties/missed-stops.ts';
import { ecsServiceOf } from '../../../layers/core/arn.ts';
import type { Aws, AwsCommand } from '../../../layers/core/aws.ts';
import { incidents, knowledge } from '../../../layers/runtime/kb/index.ts';
import { after, aResource, unique } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';
import { world } from './world.ts';

beforeAll(freshTables);

const LATER = 600;

/** A cluster of its own with one watched service. */
async function aCluster() {
  const cluster = unique('cluster');
  const arn = `arn:aws:ecs:eu-west-1:111122223333:service/${cluster}/web`;
  await knowledge.putResource(aResource({ arn }));
  return { cluster, arn };
}

function stopped(service: string, name: string, at: number, ended: Partial<Task> = {}): Task {
  const { cluster } = ecsServiceOf(service);
  return {
    taskArn: `arn:aws:ecs:eu-west-1:111122223333:task/${cluster}/${name}`,
    clusterArn: `arn:aws:ecs:eu-west-1:111122223333:cluster/${cluster}`,
    taskDefinitionArn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:2',
    group: `service:${service.split('/').at(-1)}`,
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    startedAt: new Date(after(at - 5)),
    stoppedAt: new Date(after(at)),
    containers: [{ name: 'app', exitCode: 1, lastStatus: 'STOPPED' }],
    version: 3,
    ...ended,
  };
}

const SCALED_IN: Partial<Task> = {
  stopCode: 'ServiceSchedulerInitiated',
  stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1234567890123456789)',
  containers: [{ name: 'app', exitCode: 0, lastStatus: 'STOPPED' }],
};

/** ECS as it answers for those stopped tasks, a hundred a page. */
function ecsOf(tasks: readonly Task[]): Aws {
  const send = (command: AwsCommand<unknown>): Promise<unknown> => {
    if (command instanceof ListTasksCommand) {
      const { cluster, nextToken = '0', maxResults = 100 } = command.input;
      const own = tasks.filter(({ clusterArn }) => clusterArn?.endsWith(`/${cluster}`));
      const end = Number(nextToken) + maxResults;
      return Promise.resolve({
        taskArns: own.slice(Number(nextToken), end).map(({ taskArn }) => taskArn),
        ...(end < own.length && { nextToken: String(end) }),
      });
    }
    if (command instanceof DescribeTasksCommand) {
      const { tasks: asked = [] } = command.input;
      return Promise.resolve({ tasks: tasks.filter(({ taskArn = '' }) => asked.includes(taskArn)) });
    }
    throw new Error(`${command.constructor.name} should not be sent`);
  };
  return { ecs: { send } } as unknown as Aws;
}

async function reconciled(tasks: readonly Task[], times = 1) {
  const { context, did } = world({ at: LATER });
  for (let run = 0; run < times; run += 1) await duty.run({ ...context, reader: () => Promise.resolve(ecsOf(tasks)) });
  return did;
}

test('a stop that nobody heard of opens an incident, also behind a full page of others', async () => {
  const { arn } = await aCluster();
  const scaledIn = Array.from({ length: 150 }, (_, n) => stopped(arn, `old-${n}`, 10, SCALED_IN));

  const did = await reconciled([...scaledIn, stopped(arn, 'crashed', 60)]);

  const [incident, ...others] = await incidents.byResource(arn, 10);
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ status: 'open', signalCount: 1 });
  expect(did.started).toEqual([incident?.incidentId]);
});

test('the same stop is counted once, however often it is read', async () => {
  const { arn } = await aCluster();

  await reconciled([stopped(arn, 'crashed', 60)], 3);

  const found = await incidents.byResource(arn, 10);
  expect(found).toMatchObject([{ signalCount: 1 }]);
});

test('a stop of just now is left to its event', async () => {
  const { arn } = await aCluster();

  const did = await reconciled([stopped(arn, 'crashed', LATER - 60)]);

  expect(did.started).toEqual([]);
  expect(await incidents.byResource(arn, 10)).toEqual([]);
});

test('a stop of a service that nobody gave to Prunella opens nothing', async () => {
  const { arn } = await aCluster();

  const did = await reconciled([stopped(arn.replace('/web', '/other'), 'crashed', 60)]);

  expect(did.started).toEqual([]);
});

test('its incident begins when the task stopped', async () => {
  const { arn } = await aCluster();

  await reconciled([stopped(arn, 'crashed', 60)]);

  const [incident] = await incidents.byResource(arn, 1);
  expect(incident?.openedAt).toBe(after(LATER));
  expect(incident?.onset).toBe(after(60));
});

test('a cluster that cannot be read keeps no other from being looked at, and is told', async () => {
  const [gone, { arn }] = [await aCluster(), await aCluster()];
  const { context } = world({ at: LATER });
  const working = ecsOf([stopped(arn, 'lost', 60)]);
  const send = (command: AwsCommand<unknown>): Promise<unknown> =>
    (command.input as { cluster?: string }).cluster === gone.cluster
      ? Promise.reject(Object.assign(new Error('Cluster not found.'), { name: 'ClusterNotFoundException' }))
      : working.ecs.send(command);

  const { left } = await duty.run({ ...context, reader: () => Promise.resolve({ ecs: { send } } as unknown as Aws) });

  expect(await incidents.byResource(arn, 1)).toHaveLength(1);
  expect(left).toEqual([`the cluster of ${gone.arn}: ClusterNotFoundException: Cluster not found.`]);
});
