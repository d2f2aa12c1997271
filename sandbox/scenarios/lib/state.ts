import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetAliasCommand } from '@aws-sdk/client-lambda';
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { names, QUOTE_ALIAS, type Service, SERVICES } from '../../shop/copy.ts';
import type { Clients } from './clients.ts';

export interface ServiceView {
  /** The image's tag, e.g. `1.0.0`. */
  readonly tag: string;
  readonly revision: string;
  readonly desired: number;
  readonly running: number;
  /** Changes with every deployment, also of the same revision. */
  readonly deployment: string;
  readonly deploying: boolean;
  /** Of the targets behind its load balancer; empty for the worker. */
  readonly targets: readonly string[];
}

/** What a shop is, seen from outside: everything an action could change. */
export interface ShopState {
  readonly services: Readonly<Record<Service, ServiceView>>;
  /** Parameter name to its version. */
  readonly parameters: Readonly<Record<string, { readonly version: number; readonly value: string }>>;
  /** The version behind the pricing function's alias. */
  readonly quote: string;
}

export async function readState(copy: string, clients: Clients): Promise<ShopState> {
  const [services, parameters, alias] = await Promise.all([
    Promise.all(SERVICES.map(async (service) => [service, await readService(copy, service, clients)] as const)),
    readParameters(copy, clients),
    clients.lambda.send(new GetAliasCommand({ FunctionName: names.quote(copy), Name: QUOTE_ALIAS })),
  ]);
  return {
    services: Object.fromEntries(services) as Record<Service, ServiceView>,
    parameters,
    quote: alias.FunctionVersion ?? '',
  };
}

async function readService(copy: string, service: Service, { ecs, elb }: Clients): Promise<ServiceView> {
  const name = names.service(copy, service);
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: names.cluster(copy), services: [name] }));
  const described = services?.[0];
  const revision = described?.taskDefinition;
  if (!described || !revision)
    throw new Error(`the account has no service ${name} in the cluster ${names.cluster(copy)}`);
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: revision }));
  const targetGroup = described.loadBalancers?.[0]?.targetGroupArn;
  const health = targetGroup
    ? await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup }))
    : undefined;
  const primary = described.deployments?.find(({ status }) => status === 'PRIMARY');
  return {
    tag: taskDefinition?.containerDefinitions?.[0]?.image?.split(':')[1] ?? '',
    revision,
    desired: described.desiredCount ?? 0,
    running: described.runningCount ?? 0,
    deployment: primary?.id ?? '',
    deploying: (described.deployments?.length ?? 0) !== 1 || primary?.rolloutState !== 'COMPLETED',
    targets: health?.TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth?.State ?? 'unknown') ?? [],
  };
}

async function readParameters(copy: string, { ssm }: Clients): Promise<ShopState['parameters']> {
  const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path: `/${copy}`, Recursive: true }));
  return Object.fromEntries(
    (Parameters ?? []).map(({ Name, Version, Value }) => [Name ?? '', { version: Version ?? 0, value: Value ?? '' }]),
  );
}

/** What keeps a shop from being whole: every task runs, every target is healthy, nothing is being deployed. */
export function unwell({ services }: ShopState): readonly string[] {
  return SERVICES.flatMap((service) => {
    const { running, desired, deploying, targets } = services[service];
    const healthy = targets.filter((state) => state === 'healthy').length;
    return [
      ...(running < desired ? [`${service} runs ${running} tasks of ${desired}`] : []),
      ...(deploying ? [`${service} is being deployed`] : []),
      ...(service !== 'worker' && healthy < desired ? [`${service} has ${healthy} healthy targets of ${desired}`] : []),
    ];
  });
}

/** What differs between two states of a shop, in plain words; tasks may have been replaced by ECS itself. */
export function changesBetween(before: ShopState, after: ShopState): readonly string[] {
  const services = SERVICES.flatMap((service) => {
    const [was, is] = [before.services[service], after.services[service]];
    return [
      ...(was.revision === is.revision ? [] : [`${service} runs ${is.revision}, it was ${was.revision}`]),
      ...(was.desired === is.desired ? [] : [`${service} wants ${is.desired} tasks, it was ${was.desired}`]),
      ...(was.deployment === is.deployment || was.revision !== is.revision ? [] : [`${service} was deployed again`]),
    ];
  });
  const parameters = Object.entries(after.parameters).flatMap(([name, { version }]) => {
    const was = before.parameters[name]?.version;
    return was === version ? [] : [`parameter ${name} is at version ${version}, it was ${was ?? 'absent'}`];
  });
  const quote =
    before.quote === after.quote ? [] : [`the pricing alias points to ${after.quote}, it was ${before.quote}`];
  return [...services, ...parameters, ...quote];
}
