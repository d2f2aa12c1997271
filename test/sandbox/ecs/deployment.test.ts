import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEHIND_FRONT_DOOR, definition, DNS_NAME, frontDoor, service, steady } from './account.ts';
import { testAccount, type TestAccount } from './account.ts';

let account: TestAccount;

beforeEach(async () => {
  account = testAccount();
  await account.elb.takeOver.adopt(frontDoor());
  await account.call('CreateCluster', { clusterName: 'test' });
  await account.call('RegisterTaskDefinition', revision('1'));
  await account.call('CreateService', {
    cluster: 'test',
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    loadBalancers: BEHIND_FRONT_DOOR,
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  await steady(account);
});

afterEach(() => account.stop());

const revision = (version: string, more: Record<string, string> = {}): Record<string, unknown> =>
  definition('web', {
    environment: Object.entries({ VERSION: version, ...more }).map(([name, value]) => ({ name, value })),
  });

/** A revision that never comes up. */
const broken = (): Record<string, unknown> => revision('2', { FAIL_AFTER_MS: '0', FAIL_CODE: '1' });

const deploy = (more: Record<string, unknown>): Promise<unknown> =>
  account.call('UpdateService', { cluster: 'test', service: 'web', ...more });

const history = async (): Promise<Record<string, unknown>[]> => {
  const { serviceDeployments } = await account.call('ListServiceDeployments', { cluster: 'test', service: 'web' });
  const arns = serviceDeployments.map((one: { serviceDeploymentArn: string }) => one.serviceDeploymentArn);
  return (await account.call('DescribeServiceDeployments', { serviceDeploymentArns: arns })).serviceDeployments;
};

const isDeployed = (taskDefinition: string): Promise<unknown> =>
  account.until(`${taskDefinition} to be deployed`, async () => {
    const [only, ...others] = (await service(account)).deployments;
    return others.length === 0 && only.rolloutState === 'COMPLETED' && only.taskDefinition.endsWith(taskDefinition);
  });

describe('a rolling update', () => {
  it('brings up the new revision without losing a request', async () => {
    const answers: { status: number; version: string }[] = [];
    let asking = true;
    const asker = (async (): Promise<void> => {
      while (asking) {
        const answer = await fetch(`http://${account.elb.addressOf(DNS_NAME)}/`);
        answers.push({ status: answer.status, version: ((await answer.json()) as { version: string }).version });
      }
    })();

    await account.call('RegisterTaskDefinition', revision('2'));
    await deploy({ taskDefinition: 'web' });
    const during = await service(account);
    await isDeployed('web:2');
    asking = false;
    await asker;

    expect(during.deployments.map(({ status }: { status: string }) => status)).toEqual(['PRIMARY', 'ACTIVE']);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers[0]?.version).toBe('1');
    expect(answers.at(-1)?.version).toBe('2');
  });

  it('replaces the tasks of the same revision when it is forced', async () => {
    const before = account.ecs.tasks('test', 'web').map(({ taskArn }) => taskArn);

    await deploy({ forceNewDeployment: true });
    await account.until('a second deployment', async () => (await service(account)).deployments.length === 2);
    await isDeployed('web:1');

    const after = account.ecs.tasks('test', 'web').map(({ taskArn }) => taskArn);
    expect(after).toHaveLength(2);
    expect(after.filter((arn) => before.includes(arn))).toEqual([]);
  });

  it('does not begin when only the desired count changes', async () => {
    const [before] = (await service(account)).deployments;

    await deploy({ desiredCount: 3 });

    expect((await service(account)).deployments.map(({ id }: { id: string }) => id)).toEqual([before.id]);
    expect(await history()).toHaveLength(1);
  });
});

describe('the circuit breaker', () => {
  it('fails a deployment whose tasks do not come up, and rolls back to the last that was steady', async () => {
    const [good] = (await service(account)).deployments;
    await account.call('RegisterTaskDefinition', broken());

    await deploy({ taskDefinition: 'web' });
    await account.until('the rollback', async () => (await service(account)).taskDefinition.endsWith('web:1'));
    await isDeployed('web:1');

    const [last] = await history();
    expect(last).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
      rollback: { serviceRevisionArn: expect.stringContaining(':service-revision/test/web/') },
    });
    const found = await service(account);
    const bad = found.events.find(({ message }: { message: string }) => message.includes('deployment failed'));
    expect(bad.message).toMatch(
      /^\(service web\) \(deployment ecs-svc\/\d{19}\) deployment failed: tasks failed to start\.$/,
    );
    expect(found.events.map(({ message }: { message: string }) => message)).toContain(
      `(service web) rolling back to deployment ${good.id}.`,
    );
    expect(found.deployments[0].id).toBe(good.id);
  });

  it('leaves a failed deployment as it is when it may not roll back', async () => {
    await account.call('RegisterTaskDefinition', broken());

    await deploy({
      taskDefinition: 'web',
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
    });
    const found = await account.until('the deployment to fail', async () => {
      const now = await service(account);
      return now.deployments[0].rolloutState === 'FAILED' && now;
    });

    expect(found.deployments[0]).toMatchObject({
      status: 'PRIMARY',
      failedTasks: 3,
      rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    });
    expect(found.deployments[1]).toMatchObject({ status: 'ACTIVE', runningCount: 2 });
    expect((await history())[0]).toMatchObject({ status: 'STOPPED' });
  });

  it('lets a deployment fail for ever when it is off, while the old tasks serve', async () => {
    await account.call('RegisterTaskDefinition', broken());

    await deploy({
      taskDefinition: 'web',
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: false, rollback: false } },
    });
    const found = await account.until('five failed tasks', async () => {
      const now = await service(account);
      return now.deployments[0].failedTasks >= 5 && now;
    });

    expect(found.deployments[0].rolloutState).toBe('IN_PROGRESS');
    expect(found.deployments[1]).toMatchObject({ status: 'ACTIVE', runningCount: 2 });
  });
});

describe('stopping a service deployment', () => {
  it('rolls back to the last revision that was steady', async () => {
    await account.call('RegisterTaskDefinition', revision('2', { HEALTH_STATUS: '500' }));
    await deploy({ taskDefinition: 'web' });
    const [current] = await history();

    await account.call('StopServiceDeployment', { serviceDeploymentArn: current?.['serviceDeploymentArn'] });
    await isDeployed('web:1');

    expect((await history())[0]).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    expect(account.ecs.tasks('test', 'web').map((task) => task.taskDefinitionArn.split('/').at(-1))).toEqual([
      'web:1',
      'web:1',
    ]);
  });

  it('is refused when nothing is under way', async () => {
    const [last] = await history();

    const stopping = account.call('StopServiceDeployment', { serviceDeploymentArn: last?.['serviceDeploymentArn'] });

    await expect(stopping).rejects.toMatchObject({ code: 'ConflictException' });
  });
});
