import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../../sandbox/contract.ts';
import { serviceModel } from '../../support/service-model.ts';
import { BEHIND_FRONT_DOOR, definition, frontDoor, steady, testAccount, type TestAccount } from './account.ts';

const model = serviceModel('ecs');
let account: TestAccount;

/** An answer, after a check against AWS's model of it. */
async function checked(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  expect(model.problemsOfInput(operation, input)).toEqual([]);
  const answer = await account.call(operation, input);
  expect(model.problemsOfOutput(operation, answer)).toEqual([]);
  return answer;
}

const inCluster = { cluster: 'test' };

beforeAll(async () => {
  account = testAccount();
  await account.elb.takeOver.adopt(frontDoor());
  await checked('CreateCluster', { clusterName: 'test', tags: [{ key: 'team', value: 'a' }] });
  await checked('RegisterTaskDefinition', { ...definition('web'), tags: [{ key: 'of', value: 'definition' }] });
  await checked('CreateService', {
    ...inCluster,
    serviceName: 'web',
    taskDefinition: 'web:1',
    desiredCount: 1,
    loadBalancers: BEHIND_FRONT_DOOR,
    propagateTags: 'SERVICE',
    enableECSManagedTags: true,
    tags: [{ key: 'of', value: 'service' }],
  });
  await steady(account);
});

afterAll(() => account.stop());

describe('the answers of ECS', () => {
  it('fit the model for services', async () => {
    const { services, failures } = await checked('DescribeServices', {
      ...inCluster,
      services: ['web', 'other'],
      include: ['TAGS'],
    });

    expect(services).toMatchObject([{ serviceName: 'web', tags: [{ key: 'of', value: 'service' }] }]);
    expect(failures).toMatchObject([{ arn: expect.stringMatching(/service\/test\/other$/), reason: 'MISSING' }]);
    expect((await checked('ListServices', inCluster))['serviceArns']).toHaveLength(1);
    await checked('UpdateService', { ...inCluster, service: 'web', healthCheckGracePeriodSeconds: 5 });
  });

  it('fit the model for tasks, which carry the tags of their service', async () => {
    const { taskArns } = await checked('ListTasks', { ...inCluster, serviceName: 'web', desiredStatus: 'RUNNING' });
    const { tasks, failures } = await checked('DescribeTasks', {
      ...inCluster,
      tasks: [...(taskArns as string[]), 'unknown'],
      include: ['TAGS'],
    });

    expect(failures).toMatchObject([{ reason: 'MISSING' }]);
    expect(tasks).toMatchObject([
      {
        group: 'service:web',
        startedBy: expect.stringMatching(/^ecs-svc\/\d{19}$/),
        launchType: 'FARGATE',
        tags: expect.arrayContaining([
          { key: 'of', value: 'service' },
          { key: 'aws:ecs:serviceName', value: 'web' },
        ]),
      },
    ]);
  });

  it('name the target of a task by its private address, as on Fargate', async () => {
    const { taskArns } = await checked('ListTasks', inCluster);
    const { tasks } = await account.call('DescribeTasks', { ...inCluster, tasks: taskArns });
    const { TargetHealthDescriptions } = await account.call('DescribeTargetHealth', {
      TargetGroupArn: BEHIND_FRONT_DOOR[0]?.targetGroupArn,
    });

    const details: { name: string; value: string }[] = tasks[0].attachments[0].details;
    const address = details.find(({ name }) => name === 'privateIPv4Address')?.value;
    expect(TargetHealthDescriptions).toMatchObject([{ Target: { Id: address }, TargetHealth: { State: 'healthy' } }]);
  });

  it('fit the model for task definitions, whose description can be registered again', async () => {
    const { taskDefinition, tags } = await checked('DescribeTaskDefinition', {
      taskDefinition: 'web',
      include: ['TAGS'],
    });
    const { family, containerDefinitions, cpu, memory, volumes } = taskDefinition as Record<string, never>;
    const again = await checked('RegisterTaskDefinition', { family, containerDefinitions, cpu, memory, volumes });

    expect(tags).toEqual([{ key: 'of', value: 'definition' }]);
    expect(again['taskDefinition']).toMatchObject({ revision: 2, status: 'ACTIVE', containerDefinitions });
    await checked('DeregisterTaskDefinition', { taskDefinition: 'web:2' });
    const { taskDefinitionArns } = await checked('ListTaskDefinitions', { familyPrefix: 'web', sort: 'DESC' });
    expect(taskDefinitionArns).toEqual([expect.stringMatching(/web:1$/)]);
    expect(await checked('ListTaskDefinitions', { status: 'INACTIVE' })).toMatchObject({
      taskDefinitionArns: [expect.stringMatching(/web:2$/)],
    });
    expect(await checked('ListTaskDefinitionFamilies', { status: 'ACTIVE' })).toEqual({ families: ['web'] });
  });

  it('fit the model for service deployments and revisions', async () => {
    const { serviceDeployments } = await checked('ListServiceDeployments', { ...inCluster, service: 'web' });
    const [brief] = serviceDeployments as Record<string, string>[];
    const described = await checked('DescribeServiceDeployments', {
      serviceDeploymentArns: [brief?.['serviceDeploymentArn'], 'x'],
    });
    const revisions = await checked('DescribeServiceRevisions', {
      serviceRevisionArns: [brief?.['targetServiceRevisionArn']],
    });

    expect(described).toMatchObject({ serviceDeployments: [{ status: 'SUCCESSFUL' }], failures: [{ arn: 'x' }] });
    expect(revisions).toMatchObject({ serviceRevisions: [{ taskDefinition: expect.stringMatching(/web:1$/) }] });
  });

  it('fit the model for clusters and tags', async () => {
    const [service] = (await account.call('ListServices', inCluster)).serviceArns;
    await checked('TagResource', { resourceArn: service, tags: [{ key: 'mode', value: 'heal' }] });
    await checked('UntagResource', { resourceArn: service, tagKeys: ['of'] });

    expect(await checked('ListTagsForResource', { resourceArn: service })).toEqual({
      tags: [{ key: 'mode', value: 'heal' }],
    });
    expect(await checked('DescribeClusters', { clusters: ['test'], include: ['TAGS'] })).toMatchObject({
      clusters: [
        { clusterName: 'test', runningTasksCount: 1, activeServicesCount: 1, tags: [{ key: 'team', value: 'a' }] },
      ],
    });
    expect((await checked('ListClusters', {}))['clusterArns']).toHaveLength(1);
  });

  it('fit the model for a task that is run and stopped', async () => {
    const { tasks } = await checked('RunTask', { ...inCluster, taskDefinition: 'web', count: 1, startedBy: 'me' });
    const [{ taskArn }] = tasks as [{ taskArn: string }];

    expect(await checked('StopTask', { ...inCluster, task: taskArn })).toMatchObject({
      task: { desiredStatus: 'STOPPED', stoppedReason: 'Task stopped by user', stopCode: 'UserInitiated' },
    });
  });

  it.each([
    ['DescribeServices', { cluster: 'none', services: ['web'] }, 'ClusterNotFoundException'],
    ['UpdateService', { cluster: 'test', service: 'none' }, 'ServiceNotFoundException'],
    ['UpdateService', { cluster: 'test', service: 'web', taskDefinition: 'none:3' }, 'ClientException'],
    ['UpdateService', { cluster: 'test', service: 'web', desiredCount: -1 }, 'InvalidParameterException'],
    ['DescribeTaskDefinition', { taskDefinition: 'none' }, 'ClientException'],
    ['RegisterTaskDefinition', { family: 'x', containerDefinitions: [] }, 'ClientException'],
    ['StopTask', { cluster: 'test', task: 'none' }, 'InvalidParameterException'],
    ['StopServiceDeployment', { serviceDeploymentArn: 'none' }, 'ServiceDeploymentNotFoundException'],
  ])('%s of %j is refused with %s', async (operation, input, code) => {
    const refused = await account.call(operation, input).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(AwsError);
    expect(refused).toMatchObject({ code });
    expect(model.hasError(code)).toBe(true);
  });
});
