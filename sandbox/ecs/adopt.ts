import type { CreateServiceCommandInput, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { DeployedResource } from '../contract.ts';
import type { EcsAccount } from './account.ts';
import { nameOf } from './ids.ts';
import type { ServiceRecord } from './model.ts';

/** Members whose keys are names of the user's, not of AWS. */
const FREE_KEYS = new Set(['DockerLabels', 'Options']);

/** CloudFormation's `PascalCase` members as the API's `camelCase` ones; keys that are the user's stay. */
export function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.charAt(0).toLowerCase() + key.slice(1),
      FREE_KEYS.has(key) ? inner : camelCase(inner),
    ]),
  );
}

/** Takes clusters, task definitions and services over from what CloudFormation made. */
export class Adopter {
  readonly #account: EcsAccount;
  readonly #folderOf: (stackName: string) => string;
  readonly #log: (line: string) => void;
  /** The properties each resource was last adopted with: what a template does not change is left as it is. */
  readonly #adopted = new Map<string, string>();

  constructor(account: EcsAccount, folderOf: (stackName: string) => string, log: (line: string) => void) {
    this.#account = account;
    this.#folderOf = folderOf;
    this.#log = log;
  }

  adopt(resources: readonly DeployedResource[]): void {
    const ofType = (type: string): DeployedResource[] => resources.filter((one) => one.type === `AWS::ECS::${type}`);
    for (const resource of ofType('Cluster')) this.#once(resource, () => this.#cluster(resource));
    for (const resource of ofType('TaskDefinition')) this.#once(resource, () => this.#definition(resource));
    for (const resource of ofType('Service')) this.#once(resource, () => this.#service(resource));
  }

  #once(resource: DeployedResource, take: () => void): void {
    const now = JSON.stringify([resource.properties, resource.tags]);
    if (this.#adopted.get(resource.physicalId) === now) return;
    take();
    this.#adopted.set(resource.physicalId, now);
  }

  #cluster({ physicalId, properties, tags }: DeployedResource): void {
    const settings = camelCase(properties['ClusterSettings'] ?? []) as { name: string; value: string }[];
    this.#account.services.addCluster(nameOf(physicalId), new Map(Object.entries(tags)), settings);
  }

  #definition({ physicalId, properties, tags, stackName }: DeployedResource): void {
    const [family = '', revision] = nameOf(physicalId).split(':');
    const before = this.#account.definitions.find(nameOf(physicalId));
    if (before && revision !== undefined)
      this.#log(`task definition ${family}:${revision} is replaced by its template's`);
    const { tags: _, ...input } = camelCase(properties) as RegisterTaskDefinitionCommandInput;
    const numbers = { containerDefinitions: input.containerDefinitions?.map(withNumbers) };
    this.#account.definitions.register(
      { ...input, ...numbers, family },
      new Map(Object.entries(tags)),
      this.#folderOf(stackName),
      revision === undefined ? undefined : Number(revision),
    );
  }

  #service({ physicalId, properties, tags }: DeployedResource): void {
    const input = camelCase(properties) as CreateServiceCommandInput;
    const arn = /:service\/[^/]+\/[^/]+$/.test(physicalId) ? physicalId : undefined;
    const cluster = this.#clusterOf(arn, input.cluster);
    const serviceName = nameOf(physicalId);
    const wanted = { ...input, cluster, serviceName, ...numbersOf(input) };
    const known = this.#account.services.find(this.#account.services.cluster(cluster), serviceName);
    if (known?.status === 'ACTIVE') this.#update(known, wanted, tags);
    else
      this.#account.services.create(
        { ...wanted, desiredCount: wanted.desiredCount ?? 1 },
        new Map(Object.entries(tags)),
        arn,
      );
  }

  #clusterOf(arn: string | undefined, given: string | undefined): string {
    const name = nameOf(given ?? arn?.split('/').at(-2) ?? 'default');
    if (!this.#account.services.clusters.has(name)) this.#account.services.addCluster(name, new Map(), []);
    return name;
  }

  #update(service: ServiceRecord, wanted: CreateServiceCommandInput, tags: Readonly<Record<string, string>>): void {
    service.tags.clear();
    for (const [key, value] of Object.entries(tags)) service.tags.set(key, value);
    const { taskDefinition, desiredCount, deploymentConfiguration, healthCheckGracePeriodSeconds, loadBalancers } =
      wanted;
    const { networkConfiguration, propagateTags, enableECSManagedTags } = wanted;
    const given = {
      taskDefinition,
      desiredCount,
      deploymentConfiguration,
      healthCheckGracePeriodSeconds,
      loadBalancers,
      networkConfiguration,
      propagateTags,
      enableECSManagedTags,
    };
    this.#account.services.update(service, given);
  }
}

type Container = NonNullable<RegisterTaskDefinitionCommandInput['containerDefinitions']>[number];

/** Templates may carry numbers as texts. */
function withNumbers(container: Container): Container {
  const { cpu, memory, memoryReservation, stopTimeout, portMappings } = container;
  return {
    ...container,
    ...(cpu === undefined ? {} : { cpu: Number(cpu) }),
    ...(memory === undefined ? {} : { memory: Number(memory) }),
    ...(memoryReservation === undefined ? {} : { memoryReservation: Number(memoryReservation) }),
    ...(stopTimeout === undefined ? {} : { stopTimeout: Number(stopTimeout) }),
    ...(portMappings ? { portMappings: portMappings.map(withPortNumbers) } : {}),
  };
}

function withPortNumbers(mapping: NonNullable<Container['portMappings']>[number]): typeof mapping {
  const { containerPort, hostPort } = mapping;
  return {
    ...mapping,
    ...(containerPort === undefined ? {} : { containerPort: Number(containerPort) }),
    ...(hostPort === undefined ? {} : { hostPort: Number(hostPort) }),
  };
}

function numbersOf(input: CreateServiceCommandInput): Partial<CreateServiceCommandInput> {
  const { desiredCount, healthCheckGracePeriodSeconds, loadBalancers } = input;
  return {
    ...(desiredCount === undefined ? {} : { desiredCount: Number(desiredCount) }),
    ...(healthCheckGracePeriodSeconds === undefined
      ? {}
      : { healthCheckGracePeriodSeconds: Number(healthCheckGracePeriodSeconds) }),
    ...(loadBalancers
      ? { loadBalancers: loadBalancers.map((one) => ({ ...one, containerPort: Number(one.containerPort) })) }
      : {}),
  };
}
