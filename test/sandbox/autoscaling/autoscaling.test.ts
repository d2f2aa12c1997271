import { beforeEach, describe, expect, it } from 'vitest';
import type { DeployedResource, Operation, SandboxContext } from '../../../sandbox/contract.ts';
import { startAutoscaling, type Autoscaling } from '../../../sandbox/autoscaling/index.ts';
import { serviceModel } from '../../support/service-model.ts';

const model = serviceModel('application-autoscaling');
const caller = { accountId: '111122223333', region: 'eu-west-1', accessKeyId: 'AKIATEST' };
const context = { accountId: caller.accountId, region: caller.region } as SandboxContext;
const on = { ServiceNamespace: 'ecs', ResourceId: 'service/test/web', ScalableDimension: 'ecs:service:DesiredCount' };

let scaling: Autoscaling;
let desired: number;

beforeEach(() => {
  desired = 2;
  scaling = startAutoscaling(context, {
    desiredCount: () => desired,
    setDesiredCount: (_, __, count) => void (desired = count),
  });
});

function call(operation: string, input: Record<string, unknown>): Record<string, unknown> {
  expect(model.problemsOfInput(operation, input)).toEqual([]);
  const answer = (scaling.service.operations[operation] as Operation)(input, caller) as Record<string, unknown>;
  expect(model.problemsOfOutput(operation, answer)).toEqual([]);
  return answer;
}

const ecs = { ServiceNamespace: 'ecs' };

describe('a scalable target', () => {
  it('lifts the desired count to a minimum that is raised above it, and says so', () => {
    call('RegisterScalableTarget', { ...on, MinCapacity: 1, MaxCapacity: 6 });
    expect(desired).toBe(2);

    call('RegisterScalableTarget', { ...on, MinCapacity: 4 });

    expect(desired).toBe(4);
    expect(call('DescribeScalableTargets', ecs)).toMatchObject({
      ScalableTargets: [{ ...on, MinCapacity: 4, MaxCapacity: 6 }],
    });
    expect(call('DescribeScalingActivities', ecs)).toMatchObject({
      ScalingActivities: [{ Description: 'Setting desired count to 4.', Cause: 'minimum capacity was set to 4' }],
    });
  });

  it('leaves the desired count when the minimum goes down again, and lowers it to the maximum', () => {
    call('RegisterScalableTarget', { ...on, MinCapacity: 4, MaxCapacity: 6 });
    call('RegisterScalableTarget', { ...on, MinCapacity: 1 });
    expect(desired).toBe(4);

    call('RegisterScalableTarget', { ...on, MaxCapacity: 3 });

    expect(desired).toBe(3);
  });

  it.each([
    [{ ...on, MinCapacity: 1 }, /MinCapacity and MaxCapacity are required/],
    [{ ...on, MinCapacity: 5, MaxCapacity: 1 }, /got 5 to 1/],
    [{ ...on, ResourceId: 'web', MinCapacity: 1, MaxCapacity: 2 }, /got web/],
  ])('is refused: %j', (input, message) => {
    expect(() => call('RegisterScalableTarget', input)).toThrow(message);
  });

  it('takes its policies along when it goes', () => {
    call('RegisterScalableTarget', { ...on, MinCapacity: 1, MaxCapacity: 6 });
    call('PutScalingPolicy', { ...on, PolicyName: 'cpu', PolicyType: 'TargetTrackingScaling' });

    call('DeregisterScalableTarget', on);

    expect(call('DescribeScalableTargets', ecs)).toEqual({ ScalableTargets: [] });
    expect(call('DescribeScalingPolicies', ecs)).toEqual({ ScalingPolicies: [] });
    expect(() => call('DeregisterScalableTarget', on)).toThrow('No scalable target found');
  });
});

describe('taking over a deployed stack', () => {
  const resource = (type: string, physicalId: string, properties: Record<string, unknown>): DeployedResource => ({
    stackName: 'shop',
    logicalId: type,
    physicalId,
    type: `AWS::ApplicationAutoScaling::${type}`,
    properties,
    tags: {},
  });
  const id = `${on.ResourceId}|${on.ScalableDimension}|ecs`;
  const policyArn =
    'arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:1:resource/ecs/service/test/web:policyName/cpu';
  const tracking = {
    TargetValue: 60,
    PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
  };
  const stack = [
    resource('ScalingPolicy', policyArn, {
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      ScalingTargetId: id,
      TargetTrackingScalingPolicyConfiguration: tracking,
    }),
    resource('ScalableTarget', id, {
      ...on,
      MinCapacity: '3',
      MaxCapacity: '8',
      RoleARN: 'arn:aws:iam::111122223333:role/x',
    }),
  ];

  it('registers targets and policies, and undoes no change that was made since', async () => {
    await scaling.takeOver.adopt(stack);
    expect(desired).toBe(3);
    call('RegisterScalableTarget', { ...on, MinCapacity: 5 });

    await scaling.takeOver.adopt(stack);

    expect(desired).toBe(5);
    expect(call('DescribeScalingPolicies', ecs)).toMatchObject({
      ScalingPolicies: [
        {
          PolicyARN: policyArn,
          PolicyName: 'cpu',
          ResourceId: on.ResourceId,
          TargetTrackingScalingPolicyConfiguration: tracking,
        },
      ],
    });
  });
});
