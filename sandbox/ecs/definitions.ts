import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { AwsError } from '../contract.ts';
import type { Clock } from '../elb/clock.ts';
import type { Arns } from './ids.ts';
import type { TaskDefinitionRecord, Tags } from './model.ts';

/** The task definitions of the account: families with their revisions. */
export class TaskDefinitions {
  readonly #families = new Map<string, Map<number, TaskDefinitionRecord>>();
  readonly #arns: Arns;
  readonly #clock: Clock;

  constructor(arns: Arns, clock: Clock) {
    this.#arns = arns;
    this.#clock = clock;
  }

  /**
   * Registers the next revision of a family, or the one given.
   * @throws AwsError ClientException when family or containers are missing or not valid.
   */
  register(input: RegisterTaskDefinitionCommandInput, tags: Tags, folder?: string, at?: number): TaskDefinitionRecord {
    const { family, containerDefinitions, tags: _, ...registered } = input;
    if (!family || !/^[A-Za-z0-9_-]{1,255}$/.test(family))
      throw new AwsError(
        'ClientException',
        `Family should contain up to 255 letters, digits, - and _, got '${family}'.`,
      );
    if (!containerDefinitions?.length) throw new AwsError('ClientException', 'Container list cannot be empty.');
    for (const container of containerDefinitions) {
      if (!container.name) throw new AwsError('ClientException', 'Container.name should not be null or empty.');
      if (!container.image) throw new AwsError('ClientException', 'Container.image should not be null or empty.');
    }
    const revisions = this.#families.get(family) ?? new Map<number, TaskDefinitionRecord>();
    this.#families.set(family, revisions);
    const revision = at ?? Math.max(0, ...revisions.keys()) + 1;
    const before = [...revisions.values()].at(-1);
    const record: TaskDefinitionRecord = {
      arn: this.#arns.taskDefinition(family, revision),
      family,
      revision,
      registeredAt: this.#clock.now(),
      registered: structuredClone(registered),
      containers: containerDefinitions.map(withDefaults),
      status: 'ACTIVE',
      tags,
      folder: folder ?? before?.folder ?? process.cwd(),
    };
    revisions.set(revision, record);
    return record;
  }

  /** A revision by ARN, `family:revision`, or the latest active one by `family`. */
  find(reference: string): TaskDefinitionRecord | undefined {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    const [family = '', revision] = name.split(':');
    const revisions = this.#families.get(family);
    if (!revisions) return undefined;
    if (revision !== undefined) return revisions.get(Number(revision));
    return [...revisions.values()].filter((one) => one.status === 'ACTIVE').sort((a, b) => b.revision - a.revision)[0];
  }

  /** As `find`, for callers that need an active one: AWS answers ClientException otherwise. */
  need(reference: string | undefined): TaskDefinitionRecord {
    if (!reference) throw new AwsError('InvalidParameterException', 'TaskDefinition can not be blank.');
    const found = this.find(reference);
    if (!found) throw new AwsError('ClientException', 'TaskDefinition not found.');
    if (found.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
    return found;
  }

  deregister(reference: string): TaskDefinitionRecord {
    if (!reference.includes(':'))
      throw new AwsError('InvalidParameterException', 'Task definition revision should not be null or empty.');
    const found = this.find(reference);
    if (!found) throw new AwsError('ClientException', 'The specified task definition does not exist.');
    found.status = 'INACTIVE';
    found.deregisteredAt = this.#clock.now();
    return found;
  }

  all(): TaskDefinitionRecord[] {
    return [...this.#families.values()].flatMap((revisions) => [...revisions.values()]);
  }
}

/** What ECS fills in for a container, so that what is described can be registered again and compared. */
function withDefaults(container: ContainerDefinition): ContainerDefinition {
  const { portMappings, ...rest } = structuredClone(container);
  return {
    cpu: 0,
    essential: true,
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    ...rest,
    portMappings: (portMappings ?? []).map((mapping) => ({
      hostPort: mapping.containerPort,
      protocol: 'tcp' as const,
      ...mapping,
    })),
  };
}
