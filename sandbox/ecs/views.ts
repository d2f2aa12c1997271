import type { ServiceDeploymentRecord, ServiceRecord, TaskDefinitionRecord, TaskRecord, Tags } from './model.ts';
import type { ClusterRecord, DeploymentRecord, RevisionRecord } from './model.ts';
import { isLive } from './model.ts';

/** How many tasks of a deployment or service are where, for its answers. */
export interface TaskCounts {
  readonly running: number;
  readonly pending: number;
}

export function countTasks(tasks: readonly TaskRecord[]): TaskCounts {
  const live = tasks.filter(isLive);
  const running = live.filter((task) => task.lastStatus === 'RUNNING').length;
  return { running, pending: live.length - running };
}

/** AWS's JSON protocol carries times as seconds since the epoch. */
export function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms) / 1000;
}

export function tagList(tags: Tags): { key: string; value: string }[] {
  return [...tags].map(([key, value]) => ({ key, value }));
}

export function taskDefinitionView(definition: TaskDefinitionRecord): Record<string, unknown> {
  const { registered } = definition;
  return {
    ...registered,
    taskDefinitionArn: definition.arn,
    family: definition.family,
    revision: definition.revision,
    containerDefinitions: definition.containers,
    volumes: registered.volumes ?? [],
    placementConstraints: registered.placementConstraints ?? [],
    requiresAttributes: [],
    compatibilities: ['EC2', 'FARGATE'],
    status: definition.status,
    registeredAt: seconds(definition.registeredAt),
    ...(definition.deregisteredAt ? { deregisteredAt: seconds(definition.deregisteredAt) } : {}),
  };
}

export function clusterView(
  cluster: ClusterRecord,
  services: readonly ServiceRecord[],
  tasks: readonly TaskRecord[],
): Record<string, unknown> {
  const counts = countTasks(tasks.filter((task) => task.cluster === cluster));
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: counts.running,
    pendingTasksCount: counts.pending,
    activeServicesCount: services.filter((service) => service.cluster === cluster && service.status === 'ACTIVE')
      .length,
    statistics: [],
    tags: tagList(cluster.tags),
    settings: [...cluster.settings],
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [],
  };
}

export function serviceView(
  service: ServiceRecord,
  tasks: readonly TaskRecord[],
  withTags: boolean,
): Record<string, unknown> {
  const own = tasks.filter((task) => task.service === service);
  const counts = countTasks(own);
  const current = service.deployments.filter((deployment) => deployment.status !== 'INACTIVE');
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    loadBalancers: [...service.loadBalancers],
    serviceRegistries: [],
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: counts.running,
    pendingCount: counts.pending,
    launchType: service.launchType,
    platformVersion: 'LATEST',
    platformFamily: 'Linux',
    taskDefinition: service.taskDefinition,
    deploymentConfiguration: service.deploymentConfiguration,
    deployments: current.map((deployment) => deploymentView(service, deployment, own)),
    events: service.events.map((event) => ({ ...event, createdAt: seconds(event.createdAt) })),
    createdAt: seconds(service.createdAt),
    ...(service.history[0] ? { currentServiceDeployment: service.history[0].arn } : {}),
    currentServiceRevisions: current.map((deployment) => revisionSummary(service, deployment.revisionArn, own)),
    placementConstraints: [],
    placementStrategy: [],
    ...(service.networkConfiguration ? { networkConfiguration: service.networkConfiguration } : {}),
    ...(service.loadBalancers.length > 0
      ? { healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds }
      : {}),
    schedulingStrategy: service.schedulingStrategy,
    deploymentController: { type: service.deploymentController },
    ...(withTags ? { tags: tagList(service.tags) } : {}),
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: service.enableExecuteCommand,
    availabilityZoneRebalancing: 'DISABLED',
  };
}

function deploymentView(
  service: ServiceRecord,
  deployment: DeploymentRecord,
  own: readonly TaskRecord[],
): Record<string, unknown> {
  const tasks = own.filter((task) => task.startedBy === deployment.id);
  const counts = countTasks(tasks);
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinition,
    desiredCount: deployment.status === 'PRIMARY' ? service.desiredCount : tasks.filter(isLive).length,
    pendingCount: counts.pending,
    runningCount: counts.running,
    failedTasks: deployment.failedTasks,
    createdAt: seconds(deployment.createdAt),
    updatedAt: seconds(deployment.updatedAt),
    launchType: service.launchType,
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    ...(service.networkConfiguration ? { networkConfiguration: service.networkConfiguration } : {}),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

export function revisionSummary(
  service: ServiceRecord,
  arn: string,
  own: readonly TaskRecord[],
): Record<string, unknown> {
  const ids = new Set(service.deployments.filter((one) => one.revisionArn === arn).map((one) => one.id));
  const counts = countTasks(own.filter((task) => ids.has(task.startedBy ?? '')));
  const primary = service.deployments.find((one) => one.status === 'PRIMARY');
  return {
    arn,
    requestedTaskCount: primary?.revisionArn === arn ? service.desiredCount : counts.running + counts.pending,
    runningTaskCount: counts.running,
    pendingTaskCount: counts.pending,
  };
}

export function revisionView(
  service: ServiceRecord,
  revision: RevisionRecord,
  definition?: TaskDefinitionRecord,
): Record<string, unknown> {
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: revision.taskDefinition,
    launchType: service.launchType,
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    loadBalancers: [...revision.loadBalancers],
    ...(revision.networkConfiguration ? { networkConfiguration: revision.networkConfiguration } : {}),
    containerImages: (definition?.containers ?? []).map(({ name, image }) => ({ containerName: name, image })),
    guardDutyEnabled: false,
    createdAt: seconds(revision.createdAt),
  };
}

/** As ListServiceDeployments answers one. */
export function serviceDeploymentBrief(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): Record<string, unknown> {
  return {
    serviceDeploymentArn: record.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    startedAt: seconds(record.createdAt),
    createdAt: seconds(record.createdAt),
    ...(record.finishedAt ? { finishedAt: seconds(record.finishedAt) } : {}),
    targetServiceRevisionArn: record.targetRevisionArn,
    status: record.status,
    ...(record.statusReason ? { statusReason: record.statusReason } : {}),
  };
}

/** As DescribeServiceDeployments answers one. */
export function serviceDeploymentView(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  tasks: readonly TaskRecord[],
  threshold: number,
): Record<string, unknown> {
  const own = tasks.filter((task) => task.service === service);
  const { targetServiceRevisionArn: _, ...brief } = serviceDeploymentBrief(service, record);
  return {
    ...brief,
    updatedAt: seconds(record.updatedAt),
    ...(record.stoppedAt ? { stoppedAt: seconds(record.stoppedAt) } : {}),
    sourceServiceRevisions: record.sourceRevisionArns.map((arn) => revisionSummary(service, arn, own)),
    targetServiceRevision: revisionSummary(service, record.targetRevisionArn, own),
    deploymentConfiguration: service.deploymentConfiguration,
    ...(record.rollback ? { rollback: { ...record.rollback, startedAt: seconds(record.rollback.startedAt) } } : {}),
    deploymentCircuitBreaker: { status: record.breaker, failureCount: record.failureCount, threshold },
  };
}
