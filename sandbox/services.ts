import { startCloudWatch, type CloudWatch } from './cloudwatch/index.ts';
import type { Caller, LocalService, SandboxContext, TakeOver } from './contract.ts';
import { startEcs, type Ecs } from './ecs/index.ts';
import { startElb, type Elb } from './elb/index.ts';

/** A service that the sandbox answers itself, and how it takes over what CloudFormation made. */
export interface LocalPart {
  readonly service: LocalService;
  readonly takeOver: TakeOver;
}

/** The services that the sandbox answers itself. */
export interface SandboxServices {
  readonly cloudwatch: CloudWatch;
  readonly loadBalancers: Elb;
  readonly ecs: Ecs;
}

/** Starts them: CloudWatch first, since the others write metrics, and load balancers before what they stand before. */
export function startServices(context: Omit<SandboxContext, 'putMetrics'>): {
  services: SandboxServices;
  context: SandboxContext;
} {
  const cloudwatch = startCloudWatch(context);
  const complete: SandboxContext = { ...context, putMetrics: cloudwatch.putMetrics };
  const loadBalancers = startElb(complete);
  const ecs = startEcs(complete, loadBalancers);
  return { services: { cloudwatch, loadBalancers, ecs }, context: complete };
}

/** In the order in which they take over: a service's tasks need their target groups. */
export function partsOf({ loadBalancers, ecs, cloudwatch }: SandboxServices): readonly LocalPart[] {
  return [loadBalancers, ecs, cloudwatch];
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
