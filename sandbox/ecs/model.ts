import type {
  ContainerDefinition,
  DeploymentConfiguration,
  LoadBalancer,
  NetworkConfiguration,
  RegisterTaskDefinitionCommandInput,
  TaskOverride,
} from '@aws-sdk/client-ecs';
import type { ContainerProcess } from './process.ts';

/** Tags of a resource, by key. */
export type Tags = Map<string, string>;

/** A registered revision of a task definition: what was registered, and what ECS adds. */
export interface TaskDefinitionRecord {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly registeredAt: number;
  readonly registered: Readonly<Omit<RegisterTaskDefinitionCommandInput, 'family' | 'tags' | 'containerDefinitions'>>;
  readonly containers: readonly ContainerDefinition[];
  status: 'ACTIVE' | 'INACTIVE';
  deregisteredAt?: number;
  readonly tags: Tags;
  /** The folder that relative working directories of its containers start from. */
  readonly folder: string;
}

export interface ClusterRecord {
  readonly arn: string;
  readonly name: string;
  status: 'ACTIVE' | 'INACTIVE';
  readonly settings: { readonly name: string; readonly value: string }[];
  readonly tags: Tags;
}

export type RolloutState = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';

/** One deployment of a service, as DescribeServices lists it. Times are milliseconds. */
export interface DeploymentRecord {
  readonly id: string;
  readonly taskDefinition: string;
  readonly createdAt: number;
  readonly revisionArn: string;
  updatedAt: number;
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  rolloutState: RolloutState;
  rolloutStateReason: string;
  /** Failed in a row, as the circuit breaker counts. */
  failedTasks: number;
  /** Launches that failed in a row, for the back-off, and until when no launch is tried. */
  launchFailures: number;
  noLaunchBefore: number;
  impairedAnnounced: boolean;
}

export interface RevisionRecord {
  readonly arn: string;
  readonly taskDefinition: string;
  readonly createdAt: number;
  readonly loadBalancers: readonly LoadBalancer[];
  readonly networkConfiguration?: NetworkConfiguration;
}

export type ServiceDeploymentStatus =
  | 'IN_PROGRESS'
  | 'SUCCESSFUL'
  | 'STOPPED'
  | 'STOP_REQUESTED'
  | 'ROLLBACK_REQUESTED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_SUCCESSFUL'
  | 'ROLLBACK_FAILED';

/** A change of a service from one revision to another, with its rollback if there was one. */
export interface ServiceDeploymentRecord {
  readonly arn: string;
  readonly deploymentId: string;
  readonly createdAt: number;
  readonly sourceRevisionArns: readonly string[];
  readonly targetRevisionArn: string;
  updatedAt: number;
  status: ServiceDeploymentStatus;
  statusReason?: string;
  finishedAt?: number;
  stoppedAt?: number;
  rollback?: { readonly reason: string; readonly startedAt: number; readonly serviceRevisionArn: string };
  breaker: 'MONITORING' | 'TRIGGERED' | 'MONITORING_COMPLETE' | 'DISABLED';
  failureCount: number;
}

export interface ServiceRecord {
  readonly arn: string;
  readonly name: string;
  readonly cluster: ClusterRecord;
  readonly createdAt: number;
  readonly launchType: string;
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON';
  readonly deploymentController: string;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  taskDefinition: string;
  desiredCount: number;
  deploymentConfiguration: DeploymentConfiguration;
  healthCheckGracePeriodSeconds: number;
  loadBalancers: readonly LoadBalancer[];
  networkConfiguration?: NetworkConfiguration;
  propagateTags: 'SERVICE' | 'TASK_DEFINITION' | 'NONE';
  enableECSManagedTags: boolean;
  enableExecuteCommand: boolean;
  readonly tags: Tags;
  deployments: DeploymentRecord[];
  readonly revisions: RevisionRecord[];
  readonly history: ServiceDeploymentRecord[];
  readonly events: { readonly id: string; readonly createdAt: number; readonly message: string }[];
  /** Whether the last thing announced is that it is steady. */
  steady: boolean;
  /** The revision that last reached a steady state: what a rollback goes back to. */
  lastCompletedRevision?: string;
}

export type TaskStatus =
  'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED';

export type StopCode = 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated' | 'ServiceSchedulerInitiated';

export interface ContainerRecord {
  readonly arn: string;
  readonly definition: ContainerDefinition;
  readonly runtimeId: string;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  exitCode?: number;
  reason?: string;
  health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
  process?: ContainerProcess;
  /** Set when it went over its memory limit, before it is killed. */
  outOfMemory?: boolean;
  /** Loopback port of each container port. */
  readonly ports: Map<number, number>;
}

export interface TaskRecord {
  readonly arn: string;
  readonly id: string;
  readonly cluster: ClusterRecord;
  readonly definition: TaskDefinitionRecord;
  readonly group: string;
  readonly startedBy?: string;
  readonly service?: ServiceRecord;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly overrides: TaskOverride;
  readonly tags: Tags;
  readonly createdAt: number;
  readonly containers: ContainerRecord[];
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  version: number;
  connectedAt?: number;
  pullStartedAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
  stoppedAt?: number;
  stopCode?: StopCode;
  stoppedReason?: string;
  /** Since when it has passed every check it has. */
  healthySince?: number;
  /** Why it was found unhealthy after its grace period: it waits for its replacement. */
  condemned?: string;
  /** Resolves when it is STOPPED. */
  readonly ended: PromiseWithResolvers<void>;
}

/** Whether the task still counts as started: neither stopping nor stopped. */
export function isLive(task: TaskRecord): boolean {
  return task.desiredStatus === 'RUNNING';
}
