import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BusEvent } from '../../../sandbox/contract.ts';
import { serviceModel } from '../../support/service-model.ts';
import { ACCOUNT, BEHIND_FRONT_DOOR, definition, frontDoor, REGION, service, steady } from './account.ts';
import { testAccount, type TestAccount } from './account.ts';

const SERVICE = `arn:aws:ecs:${REGION}:${ACCOUNT}:service/test/web`;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
let account: TestAccount;

beforeEach(async () => {
  account = testAccount();
  await account.elb.takeOver.adopt(frontDoor());
  await account.call('CreateCluster', { clusterName: 'test' });
});

afterEach(() => account.stop());

async function create(container: Record<string, unknown> = {}): Promise<void> {
  await account.call('RegisterTaskDefinition', definition('web', container));
  const input = { cluster: 'test', serviceName: 'web', taskDefinition: 'web', loadBalancers: BEHIND_FRONT_DOOR };
  await account.call('CreateService', { ...input, desiredCount: 1 });
}

const ofType = (detailType: string): BusEvent[] => account.events.filter((event) => event.detailType === detailType);
const taskEvents = (arn: string): BusEvent[] =>
  ofType('ECS Task State Change').filter(({ detail }) => detail['taskArn'] === arn);

describe('the events of ECS', () => {
  it('tell each status of a task, with a version that grows, in the shape of DescribeTasks', async () => {
    await create();
    await steady(account);
    const [task] = account.ecs.tasks('test', 'web');
    const arn = task?.taskArn ?? '';
    await account.call('StopTask', { cluster: 'test', task: arn, reason: 'enough' });
    await account.until('STOPPED', () => taskEvents(arn).at(-1)?.detail['lastStatus'] === 'STOPPED');

    const events = taskEvents(arn);
    expect(events.map(({ detail }) => `${String(detail['lastStatus'])} of ${String(detail['desiredStatus'])}`)).toEqual(
      [
        'PROVISIONING of RUNNING',
        'PENDING of RUNNING',
        'ACTIVATING of RUNNING',
        'RUNNING of RUNNING',
        'DEACTIVATING of STOPPED',
        'STOPPING of STOPPED',
        'DEPROVISIONING of STOPPED',
        'STOPPED of STOPPED',
      ],
    );
    expect(events.map(({ detail }) => detail['version'])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(events.every(({ source, resources }) => source === 'aws.ecs' && resources?.[0] === arn)).toBe(true);
    const { updatedAt, ...last } = events.at(-1)?.detail ?? {};
    expect(last).toMatchObject({
      clusterArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/test`,
      group: 'service:web',
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
      containers: [{ name: 'app', lastStatus: 'STOPPED', exitCode: 0 }],
    });
    // The detail is the task as the API knows it, but for its times, which are texts in events.
    for (const name of ['createdAt', 'startedAt', 'stoppingAt', 'stoppedAt']) expect(last[name]).toMatch(ISO);
    expect(updatedAt).toMatch(ISO);
    const problems = serviceModel('ecs').problemsOfShape('Task', last);
    expect(problems.filter((problem) => !problem.includes('expected timestamp'))).toEqual([]);
  });

  it('tell how a deployment begins and completes, and the steady state', async () => {
    await create();
    const found = await steady(account);

    const { id } = found.deployments[0];
    expect(ofType('ECS Deployment State Change').map(({ detail, resources }) => ({ ...detail, resources }))).toEqual([
      {
        eventType: 'INFO',
        eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS',
        deploymentId: id,
        updatedAt: expect.stringMatching(ISO),
        reason: `ECS deployment ${id} in progress.`,
        resources: [SERVICE],
      },
      {
        eventType: 'INFO',
        eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
        deploymentId: id,
        updatedAt: expect.stringMatching(ISO),
        reason: `ECS deployment ${id} completed.`,
        resources: [SERVICE],
      },
    ]);
    expect(ofType('ECS Service Action').map(({ detail }) => detail)).toEqual([
      {
        eventType: 'INFO',
        eventName: 'SERVICE_STEADY_STATE',
        clusterArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/test`,
        createdAt: expect.stringMatching(ISO),
      },
    ]);
  });

  it('list in the service what was done, newest first', async () => {
    await create();
    const { events } = await steady(account);
    const [task] = account.ecs.tasks('test', 'web');

    const id = task?.taskArn.split('/').at(-1);
    expect(events.map(({ message }: { message: string }) => message.replace(/ecs-svc\/\d+/, 'ecs-svc/N'))).toEqual([
      '(service web) has reached a steady state.',
      '(service web) (deployment ecs-svc/N) deployment completed.',
      `(service web) registered 1 targets in (target-group ${BEHIND_FRONT_DOOR[0]?.targetGroupArn})`,
      `(service web) has started 1 tasks: (task ${id}).`,
    ]);
  });

  it('tell a failed deployment and its impaired starts', async () => {
    await create({ secrets: [{ name: 'KEY', valueFrom: '/not/there' }] });
    const breaker = { deploymentCircuitBreaker: { enable: true, rollback: false } };
    await account.call('UpdateService', { cluster: 'test', service: 'web', deploymentConfiguration: breaker });

    await account.until('the failure', async () => (await service(account)).deployments[0].rolloutState === 'FAILED');

    expect(ofType('ECS Deployment State Change').at(-1)?.detail).toMatchObject({
      eventType: 'ERROR',
      eventName: 'SERVICE_DEPLOYMENT_FAILED',
      reason: 'ECS deployment circuit breaker: task failed to start.',
    });
    expect(ofType('ECS Service Action').map(({ detail }) => [detail['eventType'], detail['eventName']])).toEqual([
      ['WARN', 'SERVICE_TASK_START_IMPAIRED'],
    ]);
    const stopped = ofType('ECS Task State Change').find(({ detail }) => detail['lastStatus'] === 'STOPPED');
    expect(stopped?.detail).toMatchObject({ stopCode: 'TaskFailedToStart' });
  });

  it('tell when the account may not run more tasks', async () => {
    await account.stop();
    account = testAccount({ taskQuota: 1 });
    await account.call('CreateCluster', { clusterName: 'test' });
    await account.call('RegisterTaskDefinition', definition('web'));

    await account.call('CreateService', {
      cluster: 'test',
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
    });

    const event = await account.until('the event', () => ofType('ECS Service Action')[0]);
    expect(event.detail).toMatchObject({
      eventType: 'ERROR',
      eventName: 'SERVICE_TASK_PLACEMENT_FAILURE',
      reason: 'RESOURCE:FARGATE',
    });
  });
});
