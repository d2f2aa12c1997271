import type { Arn } from '../../../layers/core/arn.ts';
import { hex, uuid } from '../chance.ts';
import {
  definitionOf,
  serviceNamed,
  type Definition,
  type Fleet,
  type FunctionState,
  type Parameter,
  type Service,
  type Task,
} from './fleet.ts';
import { deploy, setDesired } from './rollout.ts';
import { applyAll, stop } from './tasks.ts';
import type { Traits } from './traits.ts';

/** Every change to the account passes here, whoever makes it: it is recorded, and CloudTrail tells of it. */

export interface Principal {
  readonly arn: Arn;
  readonly incidentId?: string;
}

interface Trail {
  readonly source: string;
  readonly operation: string;
  readonly resource: Arn;
  readonly request: Readonly<Record<string, unknown>>;
}

function record(fleet: Fleet, by: Principal, { source, operation, resource, request }: Trail): void {
  const { arn, incidentId } = by;
  const who = { by: arn, ...(incidentId ? { incidentId } : {}) };
  fleet.history.push({ at: fleet.now, resource, operation, ...who, detail: request });
  const at = new Date(fleet.now).toISOString();
  const assumed = arn.includes(':assumed-role/');
  const detail = {
    eventVersion: '1.11',
    userIdentity: { type: assumed ? 'AssumedRole' : 'IAMUser', arn, accountId: fleet.names.account },
    eventTime: `${at.slice(0, 19)}Z`,
    eventSource: `${source}.amazonaws.com`,
    eventName: source === 'lambda' ? `${operation}20150331` : operation,
    awsRegion: fleet.names.region,
    sourceIPAddress: '10.0.0.1',
    userAgent: 'aws-sdk-js/3',
    requestParameters: request,
    responseElements: null,
    requestID: uuid(fleet.random),
    eventID: uuid(fleet.random),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: fleet.names.account,
    eventCategory: 'Management',
  };
  const event = { source: `aws.${source}`, detailType: 'AWS API Call via CloudTrail', detail };
  fleet.news.tell(fleet.now, event, fleet.now + fleet.delays.trail * 1000);
}

export type NewDefinition = Pick<Definition, 'version' | 'traits' | 'memory' | 'cpu'> & {
  readonly unstartable?: string;
};

/** The next revision of a family. */
export function registerDefinition(fleet: Fleet, family: string, about: NewDefinition, by: Principal): Definition {
  const revision = 1 + [...fleet.definitions.values()].filter((one) => one.family === family).length;
  const arn = fleet.names.definition(family, revision);
  const definition: Definition = { ...about, arn, family, revision, registeredAt: fleet.now };
  fleet.definitions.set(arn, definition);
  record(fleet, by, { source: 'ecs', operation: 'RegisterTaskDefinition', resource: arn, request: { family } });
  return definition;
}

export interface ServiceUpdate {
  readonly definition?: Arn;
  readonly desired?: number;
  readonly force?: boolean;
}

export function updateService(fleet: Fleet, service: Service, update: ServiceUpdate, by: Principal): void {
  const { definition = service.definition, desired, force = false } = update;
  const request = {
    cluster: fleet.names.cluster,
    service: service.spec.name,
    ...(update.definition ? { taskDefinition: update.definition } : {}),
    ...(desired === undefined ? {} : { desiredCount: desired }),
    ...(force ? { forceNewDeployment: true } : {}),
  };
  record(fleet, by, { source: 'ecs', operation: 'UpdateService', resource: service.arn, request });
  if (desired !== undefined) setDesired(fleet, service, desired);
  if (force || definition !== service.definition) deploy(fleet, service, definition);
}

/** Registers a revision of a service's program and deploys it, as a pipeline does. */
export function release(
  fleet: Fleet,
  service: Service,
  about: Partial<NewDefinition> & { readonly version: string },
  by: Principal,
): Definition {
  const { family, memory, cpu } = definitionOf(fleet, service.definition);
  const definition = registerDefinition(fleet, family, { memory, cpu, traits: {}, ...about }, by);
  updateService(fleet, service, { definition: definition.arn }, by);
  return definition;
}

export function stopTask(fleet: Fleet, service: Service, task: Task, reason: string, by: Principal): void {
  const request = { cluster: fleet.names.cluster, task: task.arn, reason };
  record(fleet, by, { source: 'ecs', operation: 'StopTask', resource: service.arn, request });
  stop(fleet, service, task, 'UserInitiated', reason);
}

/** @returns the new version */
export function putParameter(fleet: Fleet, parameter: Parameter, value: string, by: Principal): number {
  const version = parameter.versions.length + 1;
  parameter.versions.push({ version, value, at: fleet.now, by: by.arn });
  const { name, arn } = parameter;
  const request = { name, value: 'HIDDEN_DUE_TO_SECURITY_REASONS', overwrite: true };
  record(fleet, by, { source: 'ssm', operation: 'PutParameter', resource: arn, request });
  fleet.news.tell(fleet.now, {
    source: 'aws.ssm',
    detailType: 'Parameter Store Change',
    resources: [arn],
    detail: { operation: 'Update', name, type: 'String' },
  });
  for (const { service, live } of parameter.readers) if (live) applyAll(fleet, serviceNamed(fleet, service));
  return version;
}

/** Publishes the next version of a function. */
export function publishVersion(fleet: Fleet, lambda: FunctionState, traits: Traits, by: Principal): string {
  const version = String(lambda.versions.size + 1);
  lambda.versions.set(version, { traits, publishedAt: fleet.now });
  const request = { functionName: lambda.spec.name };
  record(fleet, by, { source: 'lambda', operation: 'PublishVersion', resource: lambda.arn, request });
  return version;
}

export function updateAlias(
  fleet: Fleet,
  lambda: FunctionState,
  to: { readonly version: string; readonly weights?: Readonly<Record<string, number>> },
  by: Principal,
): void {
  lambda.alias = { version: to.version, weights: { ...to.weights }, revision: hex(fleet.random, 32) };
  const { name, alias } = lambda.spec;
  const request = { functionName: name, name: alias, functionVersion: to.version };
  const resource = fleet.names.alias(name, alias);
  record(fleet, by, { source: 'lambda', operation: 'UpdateAlias', resource, request });
}

export function registerScalable(
  fleet: Fleet,
  service: Service,
  limits: { readonly min?: number; readonly max?: number },
  by: Principal,
): void {
  const before = service.scalable ?? { min: 1, max: 1 };
  service.scalable = { ...before, min: limits.min ?? before.min, max: limits.max ?? before.max };
  const request = {
    serviceNamespace: 'ecs',
    resourceId: `service/${fleet.names.cluster}/${service.spec.name}`,
    scalableDimension: 'ecs:service:DesiredCount',
    ...(limits.min === undefined ? {} : { minCapacity: limits.min }),
    ...(limits.max === undefined ? {} : { maxCapacity: limits.max }),
  };
  record(fleet, by, { source: 'autoscaling', operation: 'RegisterScalableTarget', resource: service.arn, request });
}
