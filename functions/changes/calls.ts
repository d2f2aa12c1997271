import * as z from 'zod';
import { Arn, resourceTypeOf } from '../../layers/core/arn.ts';
import type { Change } from '../../layers/core/inventory.ts';
import type { ApiCall } from './feeds/api-call.ts';
import { serviceArn } from './feeds/ecs-task.ts';
import { versions } from './feeds/parameter.ts';
import { eventIds, type Look } from './feed.ts';

/** What a call changed; who and when stand in the event. */
export type Called = Pick<Change, 'resource' | 'kind'> & Partial<Pick<Change, 'to' | 'from' | 'eventId'>>;

type Reader = (call: ApiCall, look: Look) => readonly Called[] | Promise<readonly Called[]>;

/** Names a resource by ARN, or by what its parameters say, in the account and Region of the call. */
const arn = ({ account, region }: ApiCall, service: string, resource: string): Arn =>
  resource.startsWith('arn:') ? resource : `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;

const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

const Deployment = z.object({ id: z.string(), status: z.string(), taskDefinition: z.string().optional() });
const UpdatedService = z.object({
  requestParameters: z.looseObject({
    service: z.string().optional(),
    serviceName: z.string().optional(),
    cluster: z.string().default('default'),
    desiredCount: z.number().int().optional(),
    taskDefinition: z.string().optional(),
    forceNewDeployment: z.boolean().default(false),
  }),
  responseElements: z
    .object({
      service: z.object({ serviceArn: Arn.optional(), deployments: z.array(Deployment).default([]) }).optional(),
    })
    .nullish(),
});

const clusterArn = (call: ApiCall, name: string): Arn =>
  arn(call, 'ecs', name.startsWith('arn:') ? name : `cluster/${name}`);

/** A task definition named without its revision means the latest: which that is, the call does not say. */
const revisionArn = (call: ApiCall, name: string | undefined): string | undefined => {
  if (name === undefined || name.startsWith('arn:')) return name;
  return name.includes(':') ? arn(call, 'ecs', `task-definition/${name}`) : undefined;
};

const service: Reader = (call) => {
  const { requestParameters: asked, responseElements } = UpdatedService.parse(call.detail);
  const cluster = clusterArn(call, asked.cluster);
  const name = asked.service ?? asked.serviceName ?? '';
  const resource =
    responseElements?.service?.serviceArn ?? (name.startsWith('arn:') ? name : serviceArn(cluster, name));
  const primary = responseElements?.service?.deployments.find(({ status }) => status === 'PRIMARY');
  const to = primary?.taskDefinition ?? revisionArn(call, asked.taskDefinition);
  const changes: Called[] = [];
  if (asked.taskDefinition || asked.forceNewDeployment)
    changes.push({
      resource,
      kind: 'deployment-started',
      ...(to ? { to } : {}),
      ...(primary ? { eventId: eventIds.deployment(primary.id, 'started') } : {}),
    });
  if (asked.desiredCount !== undefined)
    changes.push({ resource, kind: 'scaled', to: `desiredCount=${asked.desiredCount}` });
  return changes.length > 0 ? changes : [{ resource, kind: 'other-write', to: fieldsOf(asked) }];
};

const StoppedTask = z.object({
  requestParameters: z.object({ cluster: z.string().default('default'), task: z.string() }),
  responseElements: z
    .object({ task: z.object({ taskArn: Arn, clusterArn: Arn, group: z.string().default('') }).optional() })
    .nullish(),
});

const stopTask: Reader = async (call, look) => {
  const { requestParameters: asked, responseElements } = StoppedTask.parse(call.detail);
  const answered = responseElements?.task;
  const cluster = answered?.clusterArn ?? clusterArn(call, asked.cluster);
  const found = answered ? { task: answered.taskArn, group: answered.group } : await look.groupOf(cluster, asked.task);
  if (!found?.group.startsWith('service:')) return [];
  const resource = serviceArn(cluster, found.group.slice('service:'.length));
  return [{ resource, kind: 'task-stopped-by-hand', to: found.task, eventId: eventIds.taskStopped(found.task) }];
};

const AliasCall = z.object({
  requestParameters: z.object({ functionName: z.string(), name: z.string(), functionVersion: z.string().optional() }),
  responseElements: z.object({ aliasArn: Arn.optional(), functionVersion: z.string().optional() }).nullish(),
});

const alias: Reader = (call) => {
  const { requestParameters: asked, responseElements } = AliasCall.parse(call.detail);
  const resource = responseElements?.aliasArn ?? `${functionArn(call, asked.functionName)}:${asked.name}`;
  const to = responseElements?.functionVersion ?? asked.functionVersion;
  return [{ resource, kind: 'alias-moved', ...(to ? { to } : {}) }];
};

/** A function is named by its name, `account:function:name`, or its ARN, with or without a version. */
const functionArn = (call: ApiCall, text: string): Arn =>
  arn(
    call,
    'lambda',
    `function:${text.replace(/^arn:[^:]+:lambda:[^:]*:\d*:function:|^\d+:function:/, '').split(':')[0]}`,
  );

const FunctionCall = z.object({
  requestParameters: z.looseObject({ functionName: z.string() }),
  responseElements: z.object({ version: z.string().optional() }).nullish(),
});

const code: Reader = (call) => {
  const { requestParameters, responseElements } = FunctionCall.parse(call.detail);
  const to = responseElements?.version;
  return [{ resource: functionArn(call, requestParameters.functionName), kind: 'code-updated', ...(to ? { to } : {}) }];
};

const configuration: Reader = (call) => {
  const { requestParameters } = FunctionCall.parse(call.detail);
  return [
    {
      resource: functionArn(call, requestParameters.functionName),
      kind: 'configuration-updated',
      to: fieldsOf(requestParameters),
    },
  ];
};

const ParameterCall = z.object({
  requestParameters: z.object({ name: z.string() }),
  responseElements: z.object({ version: z.number().int().optional() }).nullish(),
});

const parameter: Reader = (call) => {
  const { requestParameters, responseElements } = ParameterCall.parse(call.detail);
  const { name } = requestParameters;
  const resource = name.startsWith('arn:') ? name : arn(call, 'ssm', `parameter/${name.replace(/^\//, '')}`);
  const version = responseElements?.version;
  return version === undefined
    ? [{ resource, kind: 'parameter-written' }]
    : [{ resource, kind: 'parameter-written', ...versions(version), eventId: eventIds.parameterVersion(version) }];
};

const ScalableTarget = z.object({
  requestParameters: z.looseObject({ serviceNamespace: z.string(), resourceId: z.string() }),
});

const scalableTarget: Reader = (call) => {
  const { requestParameters: asked } = ScalableTarget.parse(call.detail);
  if (asked.serviceNamespace !== 'ecs') return [];
  const to = (['minCapacity', 'maxCapacity'] as const).flatMap((name) =>
    typeof asked[name] === 'number' ? [`${name}=${asked[name]}`] : [],
  );
  return [{ resource: arn(call, 'ecs', asked.resourceId), kind: 'scaled', to: to.join(' ') }];
};

const QueueCall = z.object({ requestParameters: z.looseObject({ queueUrl: z.string() }) });
const queue: Reader = (call) => {
  const { requestParameters } = QueueCall.parse(call.detail);
  const [account, name] = requestParameters.queueUrl.split('/').slice(-2);
  return [
    { resource: arn({ ...call, account: account ?? call.account }, 'sqs', name ?? ''), kind: 'configuration-updated' },
  ];
};

const TableCall = z.object({ requestParameters: z.looseObject({ tableName: z.string() }) });
const dynamoTable: Reader = (call) => {
  const { requestParameters } = TableCall.parse(call.detail);
  const { tableName } = requestParameters;
  const resource = arn(call, 'dynamodb', tableName.startsWith('arn:') ? tableName : `table/${tableName}`);
  return [{ resource, kind: 'configuration-updated', to: fieldsOf(requestParameters) }];
};

const TargetGroupCall = z.object({ requestParameters: z.looseObject({ targetGroupArn: Arn.optional() }) });
const targetGroup: Reader = (call) => {
  const { targetGroupArn } = TargetGroupCall.parse(call.detail).requestParameters;
  return targetGroupArn ? [{ resource: targetGroupArn, kind: 'configuration-updated' }] : [];
};

/** Names of what was asked for, never the values. */
const fieldsOf = (asked: object): string =>
  Object.entries(asked)
    .filter(([name, value]) => value !== undefined && value !== false && !IDENTIFIERS.has(name))
    .map(([name]) => name)
    .join(' ') || 'nothing';

const IDENTIFIERS: ReadonlySet<string> = new Set(['service', 'serviceName', 'cluster', 'functionName', 'tableName']);

/** Calls by event source and name. Lambda's names carry the date of its API (`UpdateAlias20150331`). */
const CALLS: Readonly<Record<string, Reader>> = {
  'ecs UpdateService': service,
  'ecs CreateService': service,
  'ecs StopTask': stopTask,
  'lambda UpdateAlias': alias,
  'lambda CreateAlias': alias,
  'lambda UpdateFunctionCode': code,
  'lambda PublishVersion': code,
  'lambda UpdateFunctionConfiguration': configuration,
  'lambda PutFunctionConcurrency': configuration,
  'ssm PutParameter': parameter,
  'ssm DeleteParameter': parameter,
  'autoscaling RegisterScalableTarget': scalableTarget, // Application Auto Scaling's: see patterns.ts
  'sqs SetQueueAttributes': queue,
  'dynamodb UpdateTable': dynamoTable,
  'elasticloadbalancing ModifyTargetGroup': targetGroup,
  'elasticloadbalancing ModifyTargetGroupAttributes': targetGroup,
};

/** ECS and load balancers call these all day in normal work; they change nothing that an owner configured. */
const ROUTINE =
  /^(RegisterTargets|DeregisterTargets|RegisterTaskDefinition|DeregisterTaskDefinition|RegisterContainerInstance|SubmitTaskStateChange)$/;

/** What a successful write changed. A call not known by name is an `other-write` of the resources it names. */
export async function readCall(call: ApiCall, look: Look): Promise<readonly Called[]> {
  const from = call.detail.eventSource.replace(/\.amazonaws\.com$/, '');
  const name = call.detail.eventName.replace(/\d{8}(v\d+)?$/, '');
  if (ROUTINE.test(name)) return [];
  const called = `${from} ${name}`;
  const reader = Object.hasOwn(CALLS, called) ? CALLS[called] : undefined;
  if (reader) return reader(call, look);
  const named = [...call.resources, ...(call.detail.resources ?? []).flatMap(({ ARN }) => ARN ?? [])];
  return [...new Set(named)].flatMap((resource) =>
    Arn.safeParse(resource).success && resourceTypeOf(resource)
      ? [{ resource, kind: 'other-write' as const, to: name }]
      : [],
  );
}
