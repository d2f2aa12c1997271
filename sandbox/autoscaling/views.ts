/** What Application Auto Scaling keeps, and how it answers it. Times are milliseconds here, seconds in answers. */
export const NAMESPACE = 'ecs';
export const DIMENSION = 'ecs:service:DesiredCount';

export interface ScalableTarget {
  readonly arn: string;
  readonly resourceId: string;
  readonly roleArn: string;
  /** Milliseconds. */
  readonly createdAt: number;
  minCapacity: number;
  maxCapacity: number;
  suspended: Readonly<Record<string, boolean>>;
  readonly tags: ReadonlyMap<string, string>;
}

export interface ScalingPolicy {
  readonly arn: string;
  readonly name: string;
  readonly resourceId: string;
  readonly type: string;
  readonly createdAt: number;
  readonly configuration: Readonly<Record<string, unknown>>;
}

export interface Activity {
  readonly id: string;
  readonly resourceId: string;
  readonly description: string;
  readonly cause: string;
  readonly at: number;
}

export function targetView(target: ScalableTarget): Record<string, unknown> {
  return {
    ServiceNamespace: NAMESPACE,
    ResourceId: target.resourceId,
    ScalableDimension: DIMENSION,
    MinCapacity: target.minCapacity,
    MaxCapacity: target.maxCapacity,
    RoleARN: target.roleArn,
    CreationTime: Math.round(target.createdAt) / 1000,
    SuspendedState: {
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
      ...target.suspended,
    },
    ScalableTargetARN: target.arn,
  };
}

export function policyView(policy: ScalingPolicy): Record<string, unknown> {
  return {
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    ServiceNamespace: NAMESPACE,
    ResourceId: policy.resourceId,
    ScalableDimension: DIMENSION,
    PolicyType: policy.type,
    ...policy.configuration,
    Alarms: [],
    CreationTime: Math.round(policy.createdAt) / 1000,
  };
}

export function activityView(activity: Activity): Record<string, unknown> {
  return {
    ActivityId: activity.id,
    ServiceNamespace: NAMESPACE,
    ResourceId: activity.resourceId,
    ScalableDimension: DIMENSION,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: Math.round(activity.at) / 1000,
    EndTime: Math.round(activity.at) / 1000,
    StatusCode: 'Successful',
    StatusMessage: `Successfully set desired count. Change successfully fulfilled by ecs.`,
  };
}
