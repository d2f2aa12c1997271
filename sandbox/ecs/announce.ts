import { randomUUID } from 'node:crypto';
import type { PublishEvent } from '../contract.ts';
import type { Clock } from '../elb/clock.ts';
import type { DeploymentRecord, ServiceRecord, TaskRecord } from './model.ts';
import { taskEventDetail } from './task-views.ts';

/** AWS keeps the last hundred events of a service. */
const KEPT_EVENTS = 100;

export type EventType = 'INFO' | 'WARN' | 'ERROR';

/** Says what happens: on the event bus, and in the list of a service's events, in the words of AWS. */
export class Announcer {
  readonly #publish: PublishEvent;
  readonly #clock: Clock;

  constructor(publish: PublishEvent, clock: Clock) {
    this.#publish = publish;
    this.#clock = clock;
  }

  /** A line in the service's events: `(service name) …`. `inside` goes into the brackets, behind the name. */
  tell(service: ServiceRecord, message: string, inside = ''): void {
    const createdAt = this.#clock.now();
    service.events.unshift({ id: randomUUID(), createdAt, message: `(service ${service.name}${inside}) ${message}` });
    service.events.splice(KEPT_EVENTS);
  }

  /** `ECS Task State Change`: each status a task passes through; its version grows by one. */
  taskChanged(task: TaskRecord): void {
    task.version += 1;
    const time = new Date(this.#clock.now());
    this.#publish({
      source: 'aws.ecs',
      detailType: 'ECS Task State Change',
      detail: { ...taskEventDetail(task), updatedAt: time.toISOString() },
      resources: [task.arn],
      time,
    });
  }

  /** `ECS Deployment State Change`. */
  deploymentChanged(service: ServiceRecord, deployment: DeploymentRecord, eventType: EventType, reason: string): void {
    const time = new Date(this.#clock.now());
    this.#publish({
      source: 'aws.ecs',
      detailType: 'ECS Deployment State Change',
      detail: {
        eventType,
        eventName: `SERVICE_DEPLOYMENT_${deployment.rolloutState}`,
        deploymentId: deployment.id,
        updatedAt: time.toISOString(),
        reason,
      },
      resources: [service.arn],
      time,
    });
  }

  /** `ECS Service Action`. */
  serviceAction(service: ServiceRecord, eventType: EventType, eventName: string, reason?: string): void {
    const time = new Date(this.#clock.now());
    this.#publish({
      source: 'aws.ecs',
      detailType: 'ECS Service Action',
      detail: {
        eventType,
        eventName,
        clusterArn: service.cluster.arn,
        createdAt: time.toISOString(),
        ...(reason ? { reason } : {}),
      },
      resources: [service.arn],
      time,
    });
  }
}
