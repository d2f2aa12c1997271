import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEHIND_FRONT_DOOR, definition, frontDoor, service, steady, testAccount, type TestAccount } from './account.ts';

let account: TestAccount;

beforeEach(async () => {
  account = testAccount();
  await account.elb.takeOver.adopt(frontDoor());
  await account.call('CreateCluster', { clusterName: 'test' });
});

afterEach(() => account.stop());

async function create(desiredCount: number, more: Record<string, unknown> = {}): Promise<void> {
  await account.call('RegisterTaskDefinition', definition('web'));
  await account.call('CreateService', {
    cluster: 'test',
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount,
    loadBalancers: BEHIND_FRONT_DOOR,
    ...more,
  });
}

async function get(path: string): Promise<Response> {
  return fetch(`http://${account.elb.addressOf('front-01234567.eu-west-1.elb.amazonaws.com')}${path}`);
}

async function describeTask(taskArn: string): Promise<Record<string, unknown>> {
  return (await account.call('DescribeTasks', { cluster: 'test', tasks: [taskArn] })).tasks[0];
}

describe('a service behind a load balancer', () => {
  it('starts the desired tasks as processes and reaches a steady state', async () => {
    await create(2);

    const found = await steady(account);

    expect(found).toMatchObject({ desiredCount: 2, runningCount: 2, pendingCount: 0 });
    expect(found.deployments).toHaveLength(1);
    expect(found.deployments[0]).toMatchObject({ status: 'PRIMARY', rolloutState: 'COMPLETED', failedTasks: 0 });
    const pids = new Set<number>();
    for (let n = 0; n < 6; n += 1) pids.add(((await (await get('/')).json()) as { pid: number }).pid);
    expect([...pids].sort()).toEqual(account.ecs.tasks('test', 'web').flatMap(({ pids }) => pids).sort());
  });

  it('replaces a task that exits and records its exit code', async () => {
    await create(1);
    await steady(account);
    const [before] = account.ecs.tasks('test', 'web');

    await get('/exit?value=3').catch(() => undefined);

    const stopped = await account.until('the task to stop', async () => {
      const task = await describeTask(before?.taskArn ?? '');
      return task['lastStatus'] === 'STOPPED' && task;
    });
    expect(stopped).toMatchObject({ stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' });
    expect(stopped['containers']).toMatchObject([{ exitCode: 3, lastStatus: 'STOPPED' }]);
    await steady(account);
    const [after] = account.ecs.tasks('test', 'web');
    expect(after?.taskArn).not.toBe(before?.taskArn);
  });
});
