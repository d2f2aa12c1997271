import type { Operation } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { EcsAccount } from '../account.ts';
import { nameOf } from '../ids.ts';
import { clusterView, serviceView } from '../views.ts';
import { page, tagsFrom } from './paging.ts';

/** DescribeServices takes ten services a call. */
const MOST_DESCRIBED = 10;

export function serviceOperations(account: EcsAccount): Record<string, Operation> {
  const { services, tasks } = account;
  return {
    CreateService: (input) => {
      const service = services.create(input, tagsFrom(input.tags));
      return { service: serviceView(service, tasks.all(), true) };
    },
    UpdateService: (input) => {
      const service = services.need(input.cluster, input.service);
      services.update(service, input);
      return { service: serviceView(service, tasks.all(), true) };
    },
    DeleteService: (input) => {
      const service = services.need(input.cluster, input.service);
      services.remove(service, input.force === true);
      return { service: serviceView(service, tasks.all(), true) };
    },
    DescribeServices: (input) => describeServices(account, input),
    ListServices: (input) => {
      const cluster = services.cluster(input.cluster);
      const arns = services
        .all()
        .filter((service) => service.cluster === cluster && service.status !== 'INACTIVE')
        .filter(({ launchType }) => !input.launchType || input.launchType === launchType)
        .filter(
          ({ schedulingStrategy }) => !input.schedulingStrategy || input.schedulingStrategy === schedulingStrategy,
        )
        .map(({ arn }) => arn);
      return page('serviceArns', arns, { maxResults: 10, ...input });
    },
  };
}

type Input = Parameters<Operation>[0];

function describeServices({ services, tasks }: EcsAccount, input: Input): unknown {
  const cluster = services.cluster(input.cluster);
  const names: string[] = input.services ?? [];
  if (names.length === 0) throw new AwsError('InvalidParameterException', 'Services cannot be empty.');
  if (names.length > MOST_DESCRIBED)
    throw new AwsError('InvalidParameterException', `Members for services are limited to ${MOST_DESCRIBED}.`);
  const withTags = (input.include ?? []).includes('TAGS');
  const found = names.map((name) => ({ name, service: services.find(cluster, name) }));
  return {
    services: found.flatMap(({ service }) => (service ? serviceView(service, tasks.all(), withTags) : [])),
    failures: found.flatMap(({ name, service }) =>
      service ? [] : { arn: cluster.arn.replace(':cluster/', ':service/') + `/${nameOf(name)}`, reason: 'MISSING' },
    ),
  };
}

export function clusterOperations({ services, tasks }: EcsAccount): Record<string, Operation> {
  return {
    CreateCluster: (input) => {
      const cluster = services.addCluster(input.clusterName ?? 'default', tagsFrom(input.tags), input.settings ?? []);
      return { cluster: clusterView(cluster, services.all(), tasks.all()) };
    },
    DescribeClusters: (input) => {
      const names: string[] = (input.clusters ?? ['default']).map(nameOf);
      const known = names.map((name) => ({ name, cluster: services.clusters.get(name) }));
      return {
        clusters: known.flatMap(({ cluster }) => (cluster ? clusterView(cluster, services.all(), tasks.all()) : [])),
        failures: known.flatMap(({ name, cluster }) => (cluster ? [] : { arn: name, reason: 'MISSING' })),
      };
    },
    ListClusters: (input) =>
      page(
        'clusterArns',
        [...services.clusters.values()].map(({ arn }) => arn),
        input,
      ),
  };
}
