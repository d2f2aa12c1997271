import {
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { ecsServiceOf, parseArn, type Arn } from '../../../layers/core/arn.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import { addSeconds, minutes, type Instant } from '../../../layers/core/units.ts';
import { describeService } from './ecs.ts';

/** Share of the CPU in use below which the tasks added are no longer needed. */
const IDLE_PERCENT = 40;

const scalable = (arn: Arn) => ({
  ServiceNamespace: 'ecs' as const,
  ScalableDimension: 'ecs:service:DesiredCount' as const,
  ResourceId: parseArn(arn).resource,
});

export async function minimumOf(arn: Arn, aws: Aws): Promise<{ min: number; max: number } | undefined> {
  const { ResourceId, ...rest } = scalable(arn);
  const answer = await aws.autoscaling.send(new DescribeScalableTargetsCommand({ ...rest, ResourceIds: [ResourceId] }));
  const target = answer.ScalableTargets?.[0];
  return target ? { min: target.MinCapacity ?? 0, max: target.MaxCapacity ?? 0 } : undefined;
}

/** The field that is ours to raise: an autoscaler owns the count where there is one, so its minimum is raised instead. */
export async function readCapacity(field: string, arn: Arn, aws: Aws): Promise<number | undefined> {
  return field === 'minCapacity' ? (await minimumOf(arn, aws))?.min : (await describeService(arn, aws)).desiredCount;
}

export async function writeCapacity(field: string, arn: Arn, value: number, aws: Aws): Promise<void> {
  if (field === 'minCapacity')
    await aws.autoscaling.send(new RegisterScalableTargetCommand({ ...scalable(arn), MinCapacity: value }));
  else
    await aws.ecs.send(
      new UpdateServiceCommand({ cluster: ecsServiceOf(arn).cluster, service: arn, desiredCount: value }),
    );
}

/** True when no minute of the last quarter of an hour needed the tasks that were added. */
export async function isIdle(arn: Arn, aws: Aws, now: Instant): Promise<boolean> {
  const { cluster, service } = ecsServiceOf(arn);
  const { ResourceId } = scalable(arn);
  const { Datapoints = [] } = await aws.cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/ECS',
      MetricName: 'CPUUtilization',
      Dimensions: [
        { Name: 'ClusterName', Value: cluster },
        { Name: 'ServiceName', Value: ResourceId.split('/').at(-1) ?? service },
      ],
      StartTime: new Date(addSeconds(now, -minutes(15))),
      EndTime: new Date(now),
      Period: 60,
      Statistics: ['Maximum'],
    }),
  );
  return Datapoints.length >= 10 && Datapoints.every(({ Maximum = 100 }) => Maximum < IDLE_PERCENT);
}
