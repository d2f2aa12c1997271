import { uuid } from '../chance.ts';
import {
  definitionOf,
  desiredStatusOf,
  primaryOf,
  type Deployment,
  type Fleet,
  type Service,
  type Task,
} from './fleet.ts';

/** What ECS says of what happens: on the bus, and in a service's events, in the words of AWS. */

/** AWS keeps the last hundred events of a service. */
const KEPT_EVENTS = 100;

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());

/** A line in the service's events. */
export function tell(fleet: Fleet, service: Service, message: string): void {
  const line = { id: uuid(fleet.random), at: fleet.now, message: `(service ${service.spec.name}) ${message}` };
  service.events.unshift(line);
  service.events.splice(KEPT_EVENTS);
}

/** `ECS Task State Change`. */
export function taskChanged(fleet: Fleet, service: Service, task: Task): void {
  task.version += 1;
  fleet.news.tell(fleet.now, {
    source: 'aws.ecs',
    detailType: 'ECS Task State Change',
    detail: { ...taskDetail(fleet, service, task), updatedAt: iso(fleet.now) },
    resources: [task.arn],
  });
}

/** A task as its events carry it: times are ISO texts. */
export function taskDetail(fleet: Fleet, service: Service, task: Task): Record<string, unknown> {
  const definition = definitionOf(fleet, task.definition);
  const detail: Record<string, unknown> = {
    attachments: [attachmentOf(task, 'eni')],
    availabilityZone: `${fleet.names.region}a`,
    clusterArn: fleet.names.clusterArn(),
    containers: [containerOf(fleet, service, task)],
    cpu: String(definition.cpu),
    memory: String(definition.memory),
    createdAt: iso(task.createdAt),
    desiredStatus: desiredStatusOf(task),
    group: `service:${service.spec.name}`,
    lastStatus: task.status,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    startedAt: iso(task.startedAt),
    startedBy: task.deployment,
    stopCode: task.stopCode,
    stoppedAt: iso(task.stoppedAt),
    stoppedReason: task.reason,
    stoppingAt: iso(task.stoppingAt),
    taskArn: task.arn,
    taskDefinitionArn: task.definition,
    version: task.version,
  };
  for (const key of Object.keys(detail)) if (detail[key] === undefined) delete detail[key];
  return detail;
}

export function containerOf(fleet: Fleet, service: Service, task: Task): Record<string, unknown> {
  const { memory, version } = definitionOf(fleet, task.definition);
  return {
    containerArn: fleet.names.container(task.id),
    taskArn: task.arn,
    name: service.spec.name,
    image: `registry.example/${service.spec.name}:${version}`,
    lastStatus: task.status === 'DEACTIVATING' ? 'RUNNING' : task.status,
    ...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
    ...(task.containerReason === undefined ? {} : { reason: task.containerReason }),
    networkBindings: [],
    networkInterfaces: [{ attachmentId: `eni-${task.id.slice(0, 17)}`, privateIpv4Address: task.ip }],
    healthStatus: 'UNKNOWN',
    memory: String(memory),
  };
}

export const attachmentOf = (task: Task, type: string): Record<string, unknown> => ({
  id: `${task.id.slice(0, 8)}-${task.id.slice(8, 12)}`,
  type,
  status: task.status === 'STOPPED' ? 'DELETED' : 'ATTACHED',
  details: [{ name: 'privateIPv4Address', value: task.ip }],
});

/** `ECS Deployment State Change`. */
export function deploymentChanged(
  fleet: Fleet,
  service: Service,
  { id, rollout, reason }: Deployment,
  eventType: 'INFO' | 'ERROR',
): void {
  const detail = {
    eventType,
    eventName: `SERVICE_DEPLOYMENT_${rollout}`,
    deploymentId: id,
    updatedAt: iso(fleet.now),
    reason,
  };
  fleet.news.tell(fleet.now, {
    source: 'aws.ecs',
    detailType: 'ECS Deployment State Change',
    detail,
    resources: [service.arn],
  });
}

/** `ECS Service Action`. */
export function serviceAction(
  fleet: Fleet,
  service: Service,
  eventType: 'INFO' | 'WARN' | 'ERROR',
  eventName: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const clusterArn = fleet.names.clusterArn();
  fleet.news.tell(fleet.now, {
    source: 'aws.ecs',
    detailType: 'ECS Service Action',
    detail: { eventType, eventName, clusterArn, createdAt: iso(fleet.now), ...more },
    resources: [service.arn],
  });
}

/** The service has what it should have; told once. */
export function steady(fleet: Fleet, service: Service): void {
  if (service.steady) return;
  service.steady = true;
  tell(fleet, service, 'has reached a steady state.');
  serviceAction(fleet, service, 'INFO', 'SERVICE_STEADY_STATE', { deploymentId: primaryOf(service).id });
}
