import {
  DescribeServicesCommand,
  type ECSClient,
  paginateListClusters,
  paginateListServices,
  type Service,
} from '@aws-sdk/client-ecs';
import type { RunningAccount } from './account-file.ts';
import { Refusal } from './refusal.ts';

/** For the constructors of SDK clients. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function configOf({ endpoint, env }: Pick<RunningAccount, 'endpoint' | 'env'>): ClientConfig {
  const credentials = {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
  return { endpoint, region: env['AWS_REGION'] ?? '', credentials };
}

/** A service that exists, with what names it. */
export type KnownService = Service & {
  readonly serviceName: string;
  readonly serviceArn: string;
  readonly clusterArn: string;
};

/** The active services of all clusters. */
export async function allServices(ecs: ECSClient): Promise<KnownService[]> {
  const services: KnownService[] = [];
  for await (const { clusterArns = [] } of paginateListClusters({ client: ecs }, {}))
    for (const cluster of clusterArns) services.push(...(await servicesOf(ecs, cluster)));
  return services;
}

async function servicesOf(ecs: ECSClient, cluster: string): Promise<KnownService[]> {
  const found: KnownService[] = [];
  // DescribeServices takes ten at a time.
  for await (const { serviceArns = [] } of paginateListServices({ client: ecs, pageSize: 10 }, { cluster })) {
    if (serviceArns.length === 0) continue;
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
    found.push(...services.filter(isKnown));
  }
  return found;
}

const isKnown = (service: Service): service is KnownService =>
  service.status === 'ACTIVE' && Boolean(service.serviceName && service.serviceArn && service.clusterArn);

/** `cluster/service`, which names it among all. */
export const fullName = ({ clusterArn, serviceName }: Pick<KnownService, 'clusterArn' | 'serviceName'>): string =>
  `${clusterArn.split('/').at(-1)}/${serviceName}`;

/**
 * The service that a person means by its name, by `cluster/service`, or by its ARN.
 * @throws Refusal when there is none, or several clusters have one of that name
 */
export async function findService(ecs: ECSClient, name: string | undefined): Promise<KnownService> {
  const all = await allServices(ecs);
  const names = all.map(fullName).sort();
  const known = names.length === 0 ? 'there is no service yet' : `there are ${names.join(', ')}`;
  if (name === undefined || name === '') throw new Refusal(`name a service: ${known}`);
  const meant = all.filter((service) => [service.serviceName, fullName(service), service.serviceArn].includes(name));
  const [only, ...more] = meant;
  if (only === undefined) throw new Refusal(`there is no service "${name}": ${known}`);
  if (more.length > 0)
    throw new Refusal(`several clusters have a service "${name}"; name one of ${meant.map(fullName).join(', ')}`);
  return only;
}
