/**
 * The local account's Application Auto Scaling, for ECS services: scalable targets with their limits, which act on a service's
 * desired count at once, and scaling policies, which are only kept (nothing scales on metrics here).
 */
import type { LocalService, SandboxContext, TakeOver } from '../contract.ts';
import { systemClock, type Clock } from '../elb/clock.ts';
import { Scaling, type Scaled } from './scaling.ts';

export interface Autoscaling {
  readonly service: LocalService;
  readonly takeOver: TakeOver;
}

export function startAutoscaling(context: SandboxContext, ecs: Scaled, clock: Clock = systemClock): Autoscaling {
  const scaling = new Scaling(context, ecs, clock);
  return {
    service: {
      signingName: 'application-autoscaling',
      operations: {
        RegisterScalableTarget: (input) => ({ ScalableTargetARN: scaling.register(input).arn }),
        DeregisterScalableTarget: (input) => scaling.deregister(input),
        DescribeScalableTargets: (input) => scaling.describeTargets(input),
        PutScalingPolicy: (input) => ({ PolicyARN: scaling.putPolicy(input).arn, Alarms: [] }),
        DeleteScalingPolicy: (input) => scaling.deletePolicy(input),
        DescribeScalingPolicies: (input) => scaling.describePolicies(input),
        DescribeScalingActivities: (input) => scaling.describeActivities(input),
        ListTagsForResource: (input) => ({ Tags: scaling.tags(input.ResourceARN) }),
      },
      stop: async () => undefined,
    },
    takeOver: { adopt: async (resources) => scaling.adopt(resources) },
  };
}
