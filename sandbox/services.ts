import { existsSync } from 'node:fs';
import type { LoadBalancers, LocalService, PutMetrics, SandboxContext, TakeOver } from './contract.ts';

/** A service that the sandbox answers itself, and how it takes over what CloudFormation made. */
export interface LocalPart {
  readonly service: LocalService;
  readonly takeOver: TakeOver;
}

/** The services that the sandbox answers itself. */
export interface SandboxServices {
  loadBalancers?: LocalPart & LoadBalancers;
  cloudwatch?: LocalPart & { readonly putMetrics: PutMetrics };
  ecs?: LocalPart;
}

/** Starts them; `into` is filled as they come up, since they reach each other through the context. */
export async function startServices(context: SandboxContext, into: SandboxServices): Promise<void> {
  const load = async (name: string): Promise<Record<string, (...args: unknown[]) => unknown> | undefined> => {
    const file = new URL(`./${name}/index.ts`, import.meta.url);
    return existsSync(file) ? ((await import(file.href)) as Record<string, (...args: unknown[]) => unknown>) : undefined;
  };
  const cloudwatch = (await load('cloudwatch'))?.['startCloudWatch']?.(context);
  if (cloudwatch) into.cloudwatch = cloudwatch as NonNullable<SandboxServices['cloudwatch']>;
  const elb = (await load('elb'))?.['startElb']?.(context);
  if (elb) into.loadBalancers = elb as NonNullable<SandboxServices['loadBalancers']>;
  const ecs = elb && (await load('ecs'))?.['startEcs']?.(context, elb);
  if (ecs) into.ecs = ecs as NonNullable<SandboxServices['ecs']>;
}

/**
 * The revision number that ECS will give the next task definition of a family.
 * @param family `undefined` when the template computes it; it is new then
 */
export async function nextRevision({ ecs }: SandboxServices, family: string | undefined, caller: Parameters<LocalService['operations'][string]>[1]): Promise<number> {
  const list = ecs?.service.operations['ListTaskDefinitions'];
  if (list === undefined || family === undefined) return 1;
  const of = async (status: string): Promise<string[]> =>
    ((await list({ familyPrefix: family, status }, caller)) as { taskDefinitionArns: string[] }).taskDefinitionArns;
  const arns = [...(await of('ACTIVE')), ...(await of('INACTIVE'))];
  const revisions = arns.filter((arn) => arn.includes(`/${family}:`)).map((arn) => Number(arn.split(':').at(-1)));
  return Math.max(0, ...revisions) + 1;
}
