import { startAutoscaling, type Autoscaling } from './autoscaling/index.ts';
import { startCloudWatch, type CloudWatch } from './cloudwatch/index.ts';
import type { Caller, LocalService, SandboxContext, TakeOver } from './contract.ts';
import { startEcs, type Ecs } from './ecs/index.ts';
import { startElb, type Elb } from './elb/index.ts';
import { startLogs, type Logs, type LogSources } from './logs/index.ts';

/** A service that the sandbox answers itself, and how it takes over what CloudFormation made. */
export interface LocalPart {
  readonly service?: LocalService;
  readonly takeOver: TakeOver;
  stop?(): Promise<void>;
}

/** The services that the sandbox answers itself, and the metrics that come out of logs. */
export interface SandboxServices {
  readonly cloudwatch: CloudWatch;
  readonly logs: Logs;
  readonly loadBalancers: Elb;
  readonly ecs: Ecs;
  readonly autoscaling: Autoscaling;
}

/** Starts them: CloudWatch first, since the others write metrics, and load balancers before what they stand before. */
export function startServices(
  basic: Omit<SandboxContext, 'putMetrics'>,
  sources: LogSources,
): { services: SandboxServices; context: SandboxContext } {
  const cloudwatch = startCloudWatch(basic);
  const logs = startLogs({ ...basic, putMetrics: cloudwatch.putMetrics }, sources);
  const context: SandboxContext = {
    ...basic,
    putMetrics: cloudwatch.putMetrics,
    putLogLines: (group, stream, lines) => {
      basic.putLogLines(group, stream, lines);
      logs.ingest(group, lines);
    },
  };
  const loadBalancers = startElb(context);
  const ecs = startEcs(context, loadBalancers);
  const autoscaling = startAutoscaling(context, ecs);
  return { services: { cloudwatch, logs, loadBalancers, ecs, autoscaling }, context };
}

/** In the order in which they take over: a service's tasks need their target groups, scaling needs the services. */
export function partsOf({ loadBalancers, ecs, autoscaling, cloudwatch, logs }: SandboxServices): readonly LocalPart[] {
  return [loadBalancers, ecs, autoscaling, cloudwatch, logs];
}

/**
 * The revision number that ECS will give the next task definition of a family.
 * @param family `undefined` when the template computes it; it is new then
 */
export async function nextRevision(
  { ecs }: SandboxServices,
  family: string | undefined,
  caller: Caller,
): Promise<number> {
  const list = ecs.service.operations['ListTaskDefinitions'];
  if (list === undefined || family === undefined) return 1;
  const of = async (status: string): Promise<readonly string[]> => {
    const { taskDefinitionArns } = (await list({ familyPrefix: family, status }, caller)) as {
      taskDefinitionArns: readonly string[];
    };
    return taskDefinitionArns;
  };
  const arns = [...(await of('ACTIVE')), ...(await of('INACTIVE'))];
  const revisions = arns.filter((arn) => arn.includes(`/${family}:`)).map((arn) => Number(arn.split(':').at(-1)));
  return Math.max(0, ...revisions) + 1;
}
