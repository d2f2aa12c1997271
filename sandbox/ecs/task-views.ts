import type { ContainerRecord, TaskRecord } from './model.ts';
import { seconds, tagList } from './views.ts';

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

/** A task as DescribeTasks answers it. */
export function taskView(task: TaskRecord, withTags: boolean): Record<string, unknown> {
  return {
    ...taskDetail(task, seconds, 'ElasticNetworkInterface'),
    healthStatus: healthOf(task),
    ...(withTags ? { tags: tagList(task.tags) } : {}),
  };
}

/** The `detail` of an `ECS Task State Change` event. Times are ISO texts there. */
export function taskEventDetail(task: TaskRecord): Record<string, unknown> {
  return taskDetail(task, iso, 'eni');
}

function healthOf(task: TaskRecord): string {
  const states = task.containers.map((container) => container.health);
  if (states.includes('UNHEALTHY')) return 'UNHEALTHY';
  return states.includes('HEALTHY') ? 'HEALTHY' : 'UNKNOWN';
}

function taskDetail(
  task: TaskRecord,
  time: (ms: number | undefined) => unknown,
  attachmentType: string,
): Record<string, unknown> {
  const { registered } = task.definition;
  const detail: Record<string, unknown> = {
    attachments: [attachmentOf(task, attachmentType)],
    attributes: [{ name: 'ecs.cpu-architecture', value: process.arch === 'arm64' ? 'arm64' : 'x86_64' }],
    availabilityZone: task.availabilityZone,
    clusterArn: task.cluster.arn,
    connectivity: task.connectedAt ? 'CONNECTED' : undefined,
    connectivityAt: time(task.connectedAt),
    containers: task.containers.map((container) => containerView(task, container)),
    cpu: task.overrides.cpu ?? registered.cpu ?? '256',
    memory: task.overrides.memory ?? registered.memory ?? '512',
    createdAt: time(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.service?.enableExecuteCommand ?? false,
    ephemeralStorage: { sizeInGiB: 20 },
    executionStoppedAt: time(task.executionStoppedAt),
    group: task.group,
    lastStatus: task.lastStatus,
    launchType: 'FARGATE',
    overrides: { containerOverrides: task.containers.map(({ definition }) => overrideOf(task, definition.name)) },
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    pullStartedAt: time(task.pullStartedAt),
    pullStoppedAt: time(task.pullStartedAt),
    startedAt: time(task.startedAt),
    startedBy: task.startedBy,
    stopCode: task.stopCode,
    stoppedAt: time(task.stoppedAt),
    stoppedReason: task.stoppedReason,
    stoppingAt: time(task.stoppingAt),
    taskArn: task.arn,
    taskDefinitionArn: task.definition.arn,
    version: task.version,
  };
  for (const key of Object.keys(detail)) if (detail[key] === undefined) delete detail[key];
  return detail;
}

function overrideOf(task: TaskRecord, name: string | undefined): unknown {
  return task.overrides.containerOverrides?.find((override) => override.name === name) ?? { name };
}

function attachmentOf(task: TaskRecord, type: string): Record<string, unknown> {
  return {
    id: `${task.id.slice(0, 8)}-${task.id.slice(8, 12)}-${task.id.slice(12, 16)}-${task.id.slice(16, 20)}-${task.id.slice(20)}`,
    type,
    status: task.lastStatus === 'STOPPED' ? 'DELETED' : 'ATTACHED',
    details: [
      { name: 'networkInterfaceId', value: `eni-${task.id.slice(0, 17)}` },
      { name: 'privateIPv4Address', value: task.privateIp },
    ],
  };
}

function containerView(task: TaskRecord, container: ContainerRecord): Record<string, unknown> {
  const { definition } = container;
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: definition.name,
    image: definition.image,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
    ...(container.reason === undefined ? {} : { reason: container.reason }),
    networkBindings: [],
    networkInterfaces: [{ attachmentId: `eni-${task.id.slice(0, 17)}`, privateIpv4Address: task.privateIp }],
    healthStatus: container.health,
    cpu: String(definition.cpu ?? 0),
    ...(definition.memory === undefined ? {} : { memory: String(definition.memory) }),
    ...(definition.memoryReservation === undefined ? {} : { memoryReservation: String(definition.memoryReservation) }),
  };
}
