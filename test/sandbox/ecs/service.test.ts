import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEHIND_FRONT_DOOR, definition, DNS_NAME, frontDoor, service, steady, TARGET_GROUP } from './account.ts';
import { testAccount, type TestAccount } from './account.ts';

let account: TestAccount;

beforeEach(async () => {
  account = testAccount();
  await account.elb.takeOver.adopt(frontDoor());
  await account.call('CreateCluster', { clusterName: 'test' });
});

afterEach(() => account.stop());

async function create(
  desiredCount: number,
  container: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Promise<void> {
  await account.call('RegisterTaskDefinition', definition('web', container));
  const input = { cluster: 'test', serviceName: 'web', taskDefinition: 'web', loadBalancers: BEHIND_FRONT_DOOR };
  await account.call('CreateService', { ...input, desiredCount, ...more });
}

async function get(path: string): Promise<Response> {
  return fetch(`http://${account.elb.addressOf(DNS_NAME)}${path}`);
}

const pids = (): number[] => account.ecs.tasks('test', 'web').flatMap(({ pids }) => pids);
const firstTask = (): string => account.ecs.tasks('test', 'web')[0]?.taskArn ?? '';
const messages = async (): Promise<string[]> =>
  (await service(account)).events.map(({ message }: { message: string }) => message);

/** When tasks were started, newest first, in seconds. */
const starts = async (): Promise<number[]> =>
  (await service(account)).events
    .filter(({ message }: { message: string }) => message.includes('has started'))
    .map(({ createdAt }: { createdAt: number }) => createdAt);

async function stopped(taskArn: string): Promise<Record<string, unknown>> {
  return account.until(`${taskArn} to stop`, async () => {
    const [task] = (await account.call('DescribeTasks', { cluster: 'test', tasks: [taskArn] })).tasks;
    return task.lastStatus === 'STOPPED' && task;
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a service behind a load balancer', () => {
  it('starts the desired tasks as processes and reaches a steady state', async () => {
    await create(2);

    const found = await steady(account);

    expect(found).toMatchObject({ desiredCount: 2, runningCount: 2, pendingCount: 0 });
    expect(found.deployments).toHaveLength(1);
    expect(found.deployments[0]).toMatchObject({ status: 'PRIMARY', rolloutState: 'COMPLETED', failedTasks: 0 });
    const seen = new Set<number>();
    for (let n = 0; n < 6; n += 1) seen.add(((await (await get('/')).json()) as { pid: number }).pid);
    expect([...seen].sort()).toEqual(pids().sort());
  });

  it('replaces a task that exits, and records its exit code', async () => {
    await create(1);
    await steady(account);
    const before = firstTask();

    await get('/exit?value=3');

    const task = await stopped(before);
    expect(task).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 3, lastStatus: 'STOPPED' }],
    });
    await steady(account);
    expect(firstTask()).not.toBe(before);
  });

  it('kills a task that uses more memory than it may, with exit code 137', async () => {
    await create(1, { memory: 160 });
    await steady(account);
    const before = firstTask();

    await get('/leak?value=200');

    expect((await stopped(before))['containers']).toMatchObject([
      { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
    ]);
    await steady(account);
  });

  it('replaces a task that a person stops, and keeps the reason', async () => {
    await create(1);
    await steady(account);
    const before = firstTask();

    await account.call('StopTask', { cluster: 'test', task: before, reason: 'looks odd' });

    expect(await stopped(before)).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'looks odd',
      containers: [{ exitCode: 0 }],
    });
    await steady(account);
  });

  it('replaces a task that fails the checks of its load balancer, once its grace period is over', async () => {
    await create(1, {}, { healthCheckGracePeriodSeconds: 60 });
    await steady(account);
    const [before, startedAt] = [firstTask(), account.clock.now()];

    await get('/set-health?value=500');

    const task = await stopped(before);
    expect(task).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Task failed ELB health checks in (target-group ${TARGET_GROUP})`,
    });
    expect(account.clock.now() - startedAt).toBeGreaterThan(40_000);
    await steady(account);
    const id = before.split('/').at(-1);
    expect(await messages()).toContain(
      `(service web) (task ${id}) (port 8080) is unhealthy in (target-group ${TARGET_GROUP}) due to (reason Health checks failed with these codes: [500]).`,
    );
  });

  it('replaces a task whose container health check fails', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'health-'));
    await create(1, {
      environment: [{ name: 'SICK', value: join(folder, 'sick') }],
      healthCheck: { command: ['CMD-SHELL', '! test -e "$SICK"'], interval: 10, retries: 2 },
    });
    await steady(account);
    const before = firstTask();
    const { tasks } = await account.call('DescribeTasks', { cluster: 'test', tasks: [before] });

    await writeFile(join(folder, 'sick'), '');

    expect(tasks[0]).toMatchObject({ healthStatus: 'HEALTHY', containers: [{ healthStatus: 'HEALTHY' }] });
    await account.until('the message', async () =>
      (await messages()).includes(`(service web) (task ${before.split('/').at(-1)}) failed container health checks.`),
    );
    const task = await stopped(before);
    await rm(folder, { recursive: true });
    expect(task).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
      healthStatus: 'UNHEALTHY',
    });
  });

  it('scales out and in, and says why a task went', async () => {
    await create(1);
    await steady(account);

    await account.call('UpdateService', { cluster: 'test', service: 'web', desiredCount: 3 });
    await account.until('three tasks', async () => (await service(account)).runningCount === 3);
    await steady(account);
    const before = account.ecs.tasks('test', 'web').map(({ taskArn }) => taskArn);
    await account.call('UpdateService', { cluster: 'test', service: 'web', desiredCount: 1 });

    const found = await account.until('one task', async () => {
      const now = await service(account);
      return now.runningCount === 1 && now;
    });
    const gone = before.filter((arn) => !account.ecs.tasks('test', 'web').some(({ taskArn }) => taskArn === arn));
    expect(gone).toHaveLength(2);
    expect(await stopped(gone[0] ?? '')).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by (deployment ${found.deployments[0].id})`,
    });
  });

  it('kills what ignores SIGTERM after its stop timeout', async () => {
    await create(1, { stopTimeout: 10, environment: [{ name: 'IGNORE_SIGTERM', value: '1' }] });
    await steady(account);
    const [before, pid] = [firstTask(), pids()[0] ?? 0];

    await account.call('StopTask', { cluster: 'test', task: before });

    expect((await stopped(before))['containers']).toMatchObject([{ exitCode: 137 }]);
    expect(isAlive(pid)).toBe(false);
  });

  it('lets a stopping task finish the requests it has', async () => {
    await create(1);
    await steady(account);
    const slow = get('/slow?value=600');
    await new Promise((resolve) => setTimeout(resolve, 100));

    await account.call('StopTask', { cluster: 'test', task: firstTask() });

    expect((await slow).status).toBe(200);
  });

  it('goes on restarting a task that ends right after its start', async () => {
    await create(1, { environment: [{ name: 'FAIL_AFTER_MS', value: '0' }] });

    await account.until('three starts', async () => (await starts()).length >= 3);

    expect((await service(account)).deployments[0]).toMatchObject({
      rolloutState: 'IN_PROGRESS',
      pendingCount: expect.any(Number),
    });
  });

  it('tries ever more slowly to start a task that cannot start', async () => {
    await account.stop();
    account = testAccount({ speed: 5 });
    await account.elb.takeOver.adopt(frontDoor());
    await account.call('CreateCluster', { clusterName: 'test' });
    await create(1, { dockerLabels: {} });

    await account.until('four starts', async () => (await starts()).length >= 4);

    const [fourth = 0, third = 0, second = 0, first = 0] = await starts();
    expect(fourth - third).toBeGreaterThanOrEqual(4);
    expect(fourth - third).toBeGreaterThan(second - first);
    expect(await messages()).toContainEqual(
      expect.stringMatching(/^\(service web\) is unable to consistently start tasks successfully\./),
    );
  });

  it('leaves no process behind when the account ends', async () => {
    await create(2);
    await steady(account);
    const running = pids();

    await account.stop();

    expect(running).toHaveLength(2);
    expect(running.filter(isAlive)).toEqual([]);
  });

  it('drains and ends when it is deleted', async () => {
    await create(1);
    await steady(account);

    await expect(account.call('DeleteService', { cluster: 'test', service: 'web' })).rejects.toThrow('scaled above 0');
    await account.call('DeleteService', { cluster: 'test', service: 'web', force: true });

    await account.until('the service to be inactive', async () => (await service(account)).status === 'INACTIVE');
    expect((await account.call('ListServices', { cluster: 'test' })).serviceArns).toEqual([]);
  });
});
