import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeployedResource } from '../../../sandbox/contract.ts';
import {
  ACCOUNT,
  DNS_NAME,
  frontDoor,
  REGION,
  service,
  steady,
  TARGET_GROUP,
  testAccount,
  type TestAccount,
} from './account.ts';

const arn = (rest: string): string => `arn:aws:ecs:${REGION}:${ACCOUNT}:${rest}`;
const SERVICE = arn('service/test/web');
const FOLDER = new URL('.', import.meta.url).pathname;

function resource(
  type: string,
  physicalId: string,
  properties: Record<string, unknown>,
  tags: Record<string, string> = {},
): DeployedResource {
  return { stackName: 'shop', logicalId: type, physicalId, type: `AWS::ECS::${type}`, properties, tags };
}

/** What a deployed stack holds, in the words of CloudFormation; numbers may be texts there. */
function stack({ revision = 1, colour = 'green', desired = '2' } = {}): DeployedResource[] {
  return [
    ...frontDoor(),
    resource(
      'Service',
      SERVICE,
      {
        Cluster: 'test',
        TaskDefinition: arn(`task-definition/web:${revision}`),
        DesiredCount: desired,
        LaunchType: 'FARGATE',
        HealthCheckGracePeriodSeconds: '60',
        PropagateTags: 'SERVICE',
        DeploymentConfiguration: { MaximumPercent: 200, DeploymentCircuitBreaker: { Enable: true, Rollback: true } },
        LoadBalancers: [{ ContainerName: 'app', ContainerPort: '8080', TargetGroupArn: TARGET_GROUP }],
        NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], AssignPublicIp: 'DISABLED' } },
      },
      { mode: 'heal' },
    ),
    resource('TaskDefinition', arn(`task-definition/web:${revision}`), {
      Family: 'web',
      Cpu: '256',
      Memory: '512',
      ContainerDefinitions: [
        {
          Name: 'app',
          Image: 'app:1',
          PortMappings: [{ ContainerPort: '8080' }],
          Environment: [{ Name: 'VERSION', Value: colour }],
          DockerLabels: { 'prunella.local.command': 'node server.ts', 'prunella.local.cwd': 'fixture', Upper: 'kept' },
        },
      ],
    }),
    resource('Cluster', 'test', { ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }] }, { team: 'a' }),
  ];
}

let account: TestAccount;

beforeEach(() => {
  account = testAccount();
  account.ecs.setAppFolder('shop', FOLDER);
});

afterEach(() => account.stop());

async function deploy(resources: readonly DeployedResource[]): Promise<void> {
  await account.elb.takeOver.adopt(resources);
  await account.ecs.takeOver.adopt(resources);
}

const version = async (): Promise<string> =>
  ((await (await fetch(`http://${account.elb.addressOf(DNS_NAME)}/`)).json()) as { version: string }).version;

describe('taking over a deployed stack', () => {
  it('brings up what the template says, under its ARNs, whatever the order of its resources', async () => {
    await deploy(stack());

    expect(await steady(account)).toMatchObject({
      serviceArn: SERVICE,
      desiredCount: 2,
      runningCount: 2,
      taskDefinition: arn('task-definition/web:1'),
      healthCheckGracePeriodSeconds: 60,
      propagateTags: 'SERVICE',
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    });
    expect(await version()).toBe('green');
    expect(await account.call('ListTagsForResource', { resourceArn: SERVICE })).toEqual({
      tags: [{ key: 'mode', value: 'heal' }],
    });
    const { taskDefinition } = await account.call('DescribeTaskDefinition', { taskDefinition: 'web' });
    expect(taskDefinition.containerDefinitions[0].dockerLabels).toMatchObject({ Upper: 'kept' });
    const { clusters } = await account.call('DescribeClusters', { clusters: ['test'] });
    expect(clusters[0].settings).toEqual([{ name: 'containerInsights', value: 'enabled' }]);
  });

  it('changes nothing the second time, not even what was changed since by the API', async () => {
    await deploy(stack());
    await steady(account);
    await account.call('UpdateService', { cluster: 'test', service: 'web', desiredCount: 1 });

    await deploy(stack());

    const found = await service(account);
    expect(found).toMatchObject({ desiredCount: 1, deployments: [{ status: 'PRIMARY' }] });
    expect(found.deployments).toHaveLength(1);
  });

  it('deploys a changed template as a new deployment', async () => {
    await deploy(stack({ desired: '1' }));
    await steady(account);

    await deploy(stack({ desired: '1', revision: 2, colour: 'red' }));

    await account.until('the new version', async () => (await version()) === 'red');
    expect((await steady(account)).taskDefinition).toBe(arn('task-definition/web:2'));
  });

  it('counts on from the revisions of the template', async () => {
    await deploy(stack());

    const again = await account.call('RegisterTaskDefinition', {
      family: 'web',
      containerDefinitions: [{ name: 'x', image: 'y' }],
    });

    expect(again.taskDefinition.taskDefinitionArn).toBe(arn('task-definition/web:2'));
  });
});
