import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/** Makes the names that ECS gives things. */
export class Arns {
  readonly #prefix: string;

  constructor(region: string, accountId: string) {
    this.#prefix = `arn:aws:ecs:${region}:${accountId}`;
  }

  cluster(name: string): string {
    return `${this.#prefix}:cluster/${name}`;
  }

  service(cluster: string, name: string): string {
    return `${this.#prefix}:service/${cluster}/${name}`;
  }

  taskDefinition(family: string, revision: number): string {
    return `${this.#prefix}:task-definition/${family}:${revision}`;
  }

  task(cluster: string, id: string): string {
    return `${this.#prefix}:task/${cluster}/${id}`;
  }

  container(cluster: string, taskId: string): string {
    return `${this.#prefix}:container/${cluster}/${taskId}/${randomUUID()}`;
  }

  serviceDeployment(cluster: string, service: string): string {
    return `${this.#prefix}:service-deployment/${cluster}/${service}/${randomBytes(16).toString('base64url').slice(0, 21)}`;
  }

  serviceRevision(cluster: string, service: string): string {
    return `${this.#prefix}:service-revision/${cluster}/${service}/${digits(19)}`;
  }
}

/** The id of a task: 32 hexadecimal digits. */
export function taskId(): string {
  return randomUUID().replaceAll('-', '');
}

export function deploymentId(): string {
  return `ecs-svc/${digits(19)}`;
}

/** Last part of an ARN, or the name itself. */
export function nameOf(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf('/') + 1);
}

function digits(count: number): string {
  return Array.from({ length: count }, (_, at) => (at === 0 ? randomInt(1, 10) : randomInt(10))).join('');
}
