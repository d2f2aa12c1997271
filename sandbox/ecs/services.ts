import type { CreateServiceCommandInput, UpdateServiceCommandInput } from '@aws-sdk/client-ecs';
import { AwsError } from '../contract.ts';
import type { Clock } from '../elb/clock.ts';
import type { TaskDefinitions } from './definitions.ts';
import { nameOf, type Arns } from './ids.ts';
import type { ClusterRecord, ServiceRecord, Tags } from './model.ts';
import type { Rollouts } from './rollout.ts';

/** The clusters and services of the account. */
export class Services {
  readonly clusters = new Map<string, ClusterRecord>();
  readonly #services = new Map<string, ServiceRecord>();
  readonly #arns: Arns;
  readonly #clock: Clock;
  readonly #definitions: TaskDefinitions;
  readonly #rollouts: Rollouts;

  constructor(arns: Arns, clock: Clock, definitions: TaskDefinitions, rollouts: Rollouts) {
    this.#arns = arns;
    this.#clock = clock;
    this.#definitions = definitions;
    this.#rollouts = rollouts;
  }

  all(): ServiceRecord[] {
    return [...this.#services.values()];
  }

  addCluster(name: string, tags: Tags, settings: ClusterRecord['settings']): ClusterRecord {
    const known = this.clusters.get(name);
    if (known) {
      known.settings.splice(0, Infinity, ...settings);
      known.tags.clear();
      for (const [key, value] of tags) known.tags.set(key, value);
      known.status = 'ACTIVE';
      return known;
    }
    const cluster: ClusterRecord = { arn: this.#arns.cluster(name), name, status: 'ACTIVE', settings, tags };
    this.clusters.set(name, cluster);
    return cluster;
  }

  /** A cluster by name or ARN, `default` when none is named. @throws AwsError ClusterNotFoundException. */
  cluster(nameOrArn = 'default'): ClusterRecord {
    const cluster = this.clusters.get(nameOf(nameOrArn));
    if (!cluster || cluster.status === 'INACTIVE') throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return cluster;
  }

  find(cluster: ClusterRecord, nameOrArn: string): ServiceRecord | undefined {
    return this.#services.get(this.#key(cluster, nameOf(nameOrArn)));
  }

  /** @throws AwsError ServiceNotFoundException, or ServiceNotActiveException when it was deleted. */
  need(clusterName: string | undefined, nameOrArn: string | undefined): ServiceRecord {
    const cluster = this.cluster(clusterName);
    const service = nameOrArn ? this.find(cluster, nameOrArn) : undefined;
    if (!service) throw new AwsError('ServiceNotFoundException', 'Service not found.');
    if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
    return service;
  }

  create(input: CreateServiceCommandInput, tags: Tags, arn?: string): ServiceRecord {
    const cluster = this.cluster(input.cluster);
    const name = input.serviceName;
    if (!name) throw new AwsError('InvalidParameterException', 'Service name can not be empty.');
    if (this.find(cluster, name)?.status === 'ACTIVE')
      throw new AwsError('InvalidParameterException', 'Creation of service was not idempotent.');
    const definition = this.#definitions.need(input.taskDefinition);
    const strategy = input.schedulingStrategy ?? 'REPLICA';
    if (strategy === 'DAEMON')
      throw new AwsError('InvalidParameterException', 'The daemon scheduling strategy is not supported by Fargate.');
    const service: ServiceRecord = {
      arn: arn ?? this.#arns.service(cluster.name, name),
      name,
      cluster,
      createdAt: this.#clock.now(),
      launchType: input.launchType ?? 'FARGATE',
      schedulingStrategy: strategy,
      deploymentController: input.deploymentController?.type ?? 'ECS',
      status: 'ACTIVE',
      taskDefinition: definition.arn,
      desiredCount: count(input.desiredCount ?? 0),
      deploymentConfiguration: withDefaults(input.deploymentConfiguration),
      healthCheckGracePeriodSeconds: Number(input.healthCheckGracePeriodSeconds ?? 0),
      loadBalancers: input.loadBalancers ?? [],
      ...(input.networkConfiguration ? { networkConfiguration: input.networkConfiguration } : {}),
      propagateTags: input.propagateTags ?? 'NONE',
      enableECSManagedTags: input.enableECSManagedTags ?? false,
      enableExecuteCommand: input.enableExecuteCommand ?? false,
      tags,
      deployments: [],
      revisions: [],
      history: [],
      events: [],
      steady: false,
    };
    this.#services.set(this.#key(cluster, name), service);
    this.#rollouts.begin(service);
    return service;
  }

  /** Changes what is named; a new deployment begins when what runs changes, or when it is asked for. */
  update(service: ServiceRecord, input: Omit<UpdateServiceCommandInput, 'service' | 'cluster'>): void {
    const definition = input.taskDefinition ? this.#definitions.need(input.taskDefinition) : undefined;
    if (input.desiredCount !== undefined && input.desiredCount !== null) {
      service.desiredCount = count(input.desiredCount);
      service.steady = false;
    }
    const configuration = input.deploymentConfiguration;
    if (configuration) service.deploymentConfiguration = { ...service.deploymentConfiguration, ...configuration };
    if (input.healthCheckGracePeriodSeconds !== undefined)
      service.healthCheckGracePeriodSeconds = Number(input.healthCheckGracePeriodSeconds);
    service.enableExecuteCommand = input.enableExecuteCommand ?? service.enableExecuteCommand;
    service.enableECSManagedTags = input.enableECSManagedTags ?? service.enableECSManagedTags;
    service.propagateTags = input.propagateTags ?? service.propagateTags;
    const changed =
      (definition !== undefined && definition.arn !== service.taskDefinition) ||
      differs(input.networkConfiguration, service.networkConfiguration) ||
      differs(input.loadBalancers, service.loadBalancers);
    service.taskDefinition = definition?.arn ?? service.taskDefinition;
    service.loadBalancers = input.loadBalancers ?? service.loadBalancers;
    if (input.networkConfiguration) service.networkConfiguration = input.networkConfiguration;
    if (changed || input.forceNewDeployment) this.#rollouts.begin(service);
  }

  /** Begins to end a service: it drains, and is INACTIVE when its tasks have stopped. */
  remove(service: ServiceRecord, force: boolean): void {
    if (service.desiredCount > 0 && !force)
      throw new AwsError('InvalidParameterException', 'The service cannot be stopped while it is scaled above 0.');
    service.desiredCount = 0;
    service.status = 'DRAINING';
  }

  #key(cluster: ClusterRecord, name: string): string {
    return `${cluster.name}/${name}`;
  }
}

function withDefaults(
  given: CreateServiceCommandInput['deploymentConfiguration'],
): ServiceRecord['deploymentConfiguration'] {
  return {
    deploymentCircuitBreaker: { enable: false, rollback: false },
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    strategy: 'ROLLING',
    bakeTimeInMinutes: 0,
    ...given,
  };
}

function count(value: unknown): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0)
    throw new AwsError(
      'InvalidParameterException',
      `desiredCount should be a whole number from 0, got ${String(value)}.`,
    );
  return number;
}

function differs(wanted: unknown, is: unknown): boolean {
  return wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(is);
}
