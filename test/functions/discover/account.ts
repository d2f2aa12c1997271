import type { Service } from '@aws-sdk/client-xray';
import type { Aws, AwsClient, AwsCommand } from '../../../layers/core/aws.ts';
import { AWS_SERVICES } from '../../../layers/core/aws.ts';

/** An AWS account in memory, with pages and limits as AWS has them, that counts the calls it gets. */
export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';
export const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

type Tags = Readonly<Record<string, string>>;

export interface ServiceSpec {
  readonly cluster?: string;
  readonly name: string;
  readonly tags?: Tags;
  readonly environment?: Tags;
  readonly secrets?: readonly string[];
  readonly behind?: readonly string[];
  readonly scalable?: { readonly min: number; readonly max: number };
  readonly controller?: string;
  readonly scheduling?: string;
}
export interface FunctionSpec {
  readonly name: string;
  readonly tags?: Tags;
  readonly environment?: Tags;
  readonly aliases?: Tags;
}
export interface AccountSpec {
  readonly services?: readonly ServiceSpec[];
  readonly functions?: readonly FunctionSpec[];
  /** Target groups with the load balancers before them. */
  readonly targetGroups?: Readonly<Record<string, readonly string[]>>;
  readonly tagged?: Readonly<Record<string, Tags>>;
  readonly alarms?: readonly Record<string, unknown>[];
  readonly composites?: readonly Record<string, unknown>[];
  /** What Lambda polls, by function or alias. */
  readonly polled?: Readonly<Record<string, string>>;
  /** Service, what it calls, and the environment, as Application Signals measures them. */
  readonly traces?: readonly (readonly [service: string, remote: string, environment: string])[];
  /** X-Ray's service graph of a time frame, two nodes a page. */
  readonly serviceGraph?: (from: Date, to: Date) => readonly Service[];
}

export const serviceArn = (cluster: string, name: string) => arn('ecs', `service/${cluster}/${name}`);
export const targetGroupArn = (name: string) => arn('elasticloadbalancing', `targetgroup/${name}/0123456789abcdef`);
export const balancerArn = (name: string) => arn('elasticloadbalancing', `loadbalancer/app/${name}/0123456789abcdef`);
export const functionArn = (name: string) => arn('lambda', `function:${name}`);
export const alarmArn = (name: string) => arn('cloudwatch', `alarm:${name}`);
export const dnsOf = (balancer: string) => `${balancer}-123.${REGION}.elb.amazonaws.com`;

/** A page of a list, from a token that is the index of its first item. */
function page<T>(items: readonly T[], size: number, token: unknown): { items: T[]; next?: string } {
  const from = Number(token ?? 0);
  const next = from + size < items.length ? { next: String(from + size) } : {};
  return { items: items.slice(from, from + size), ...next };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- inputs of many commands
type Input = any;

export function accountOf(spec: AccountSpec): { aws: Aws; calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const answers = answersOf(spec);
  const client: AwsClient = {
    async send<Output>(command: AwsCommand<Output>): Promise<Output> {
      const name = command.constructor.name.replace(/Command$/, '');
      calls.set(name, (calls.get(name) ?? 0) + 1);
      const answer = answers[name];
      if (!answer) throw new Error(`this account does not answer ${name}`);
      return (await answer(command.input)) as Output;
    },
  };
  return { aws: Object.fromEntries(AWS_SERVICES.map((service) => [service, client])) as unknown as Aws, calls };
}

function answersOf(spec: AccountSpec): Record<string, (input: Input) => unknown> {
  const services = new Map((spec.services ?? []).map((one) => [serviceArn(one.cluster ?? 'prod', one.name), one]));
  const functions = new Map((spec.functions ?? []).map((one) => [functionArn(one.name), one]));
  const tagged: Record<string, Tags> = { ...spec.tagged };
  for (const [key, { tags }] of [...services, ...functions]) if (tags) tagged[key] = tags;
  return {
    GetResources: (input) => resources(tagged, input),
    DescribeServices: (input) => describeServices(services, input),
    DescribeTaskDefinition: ({ taskDefinition }) => ({ taskDefinition: taskDefinitionOf(services, taskDefinition) }),
    DescribeScalableTargets: ({ NextToken, ResourceIds }) => scalableTargets(services, NextToken, ResourceIds),
    ListFunctions: ({ Marker }) => {
      const { items, next } = page([...functions], 50, Marker);
      return { Functions: items.map(([key, one]) => configurationOf(key, one)), NextMarker: next };
    },
    GetFunctionConfiguration: ({ FunctionName }) => configurationOf(FunctionName, functions.get(FunctionName)!),
    ListAliases: ({ FunctionName }) => ({
      Aliases: Object.entries(functions.get(FunctionName)?.aliases ?? {}).map(([name, FunctionVersion]) => ({
        AliasArn: `${FunctionName}:${name}`,
        FunctionVersion,
      })),
    }),
    DescribeTargetGroups: ({ Marker }) => {
      const { items, next } = page(Object.entries(spec.targetGroups ?? {}), 400, Marker);
      return {
        TargetGroups: items.map(([name, lbs]) => ({
          TargetGroupArn: targetGroupArn(name),
          LoadBalancerArns: lbs.map(balancerArn),
        })),
        NextMarker: next,
      };
    },
    DescribeLoadBalancers: ({ Marker }) => {
      const all = [...new Set(Object.values(spec.targetGroups ?? {}).flat())];
      const { items, next } = page(all, 400, Marker);
      return {
        LoadBalancers: items.map((name) => ({ LoadBalancerArn: balancerArn(name), DNSName: dnsOf(name) })),
        NextMarker: next,
      };
    },
    ListEventSourceMappings: () => ({
      EventSourceMappings: Object.entries(spec.polled ?? {}).map(([FunctionArn, EventSourceArn]) => ({
        FunctionArn,
        EventSourceArn,
        State: 'Enabled',
      })),
    }),
    ListMetrics: () => ({
      Metrics: (spec.traces ?? []).map(([service, remote, environment]) => ({
        Dimensions: Object.entries({ Service: service, RemoteService: remote, Environment: environment }).map(
          ([Name, Value]) => ({ Name, Value }),
        ),
      })),
    }),
    GetServiceGraph: ({ StartTime, EndTime, NextToken }) => {
      if (EndTime - StartTime > 6 * 3600 * 1000) throw new Error('Time range cannot be longer than 6 hours');
      const { items, next } = page(spec.serviceGraph?.(StartTime, EndTime) ?? [], 2, NextToken);
      return { Services: items, NextToken: next };
    },
    DescribeAlarms: ({ NextToken, MaxRecords = 50 }) => describeAlarms(spec, NextToken, MaxRecords),
  };
}

function resources(
  tagged: Readonly<Record<string, Tags>>,
  { TagFilters = [], ResourceTypeFilters, ResourceARNList, PaginationToken }: Input,
) {
  const matches = ([key, tags]: [string, Tags]) =>
    (!ResourceARNList || ResourceARNList.includes(key)) &&
    TagFilters.every(({ Key }: Input) => Key in tags) &&
    (!ResourceTypeFilters || ResourceTypeFilters.some((type: string) => isOfType(key, type)));
  const { items, next } = page(Object.entries(tagged).filter(matches), 100, PaginationToken || undefined);
  return {
    ResourceTagMappingList: items.map(([ResourceARN, tags]) => ({
      ResourceARN,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    })),
    PaginationToken: next ?? '',
  };
}

const isOfType = (key: string, type: string): boolean => {
  const [service, kind] = type.split(':');
  return key.split(':')[2] === service && (!kind || key.split(':').slice(5).join(':').startsWith(kind));
};

function describeServices(services: ReadonlyMap<string, ServiceSpec>, { cluster, services: wanted }: Input) {
  if (wanted.length > 10) throw new Error(`ECS describes 10 services at most, got ${wanted.length}`);
  const found = wanted.flatMap((key: string) => {
    const one = services.get(key);
    if (!one || (one.cluster ?? 'prod') !== cluster) return [];
    return [
      {
        serviceArn: key,
        status: 'ACTIVE',
        taskDefinition: arn('ecs', `task-definition/${one.name}:1`),
        loadBalancers: (one.behind ?? []).map((name) => ({ targetGroupArn: targetGroupArn(name), containerPort: 80 })),
        schedulingStrategy: one.scheduling ?? 'REPLICA',
        ...(one.controller ? { deploymentController: { type: one.controller } } : {}),
      },
    ];
  });
  return { services: found, failures: [] };
}

function taskDefinitionOf(services: ReadonlyMap<string, ServiceSpec>, revision: string) {
  const one = [...services.values()].find(({ name }) => revision.endsWith(`/${name}:1`));
  const pairs = (record: Tags = {}) => Object.entries(record).map(([name, value]) => ({ name, value }));
  return {
    containerDefinitions: [
      {
        name: 'app',
        environment: pairs(one?.environment),
        secrets: (one?.secrets ?? []).map((valueFrom, n) => ({ name: `SECRET_${n}`, valueFrom })),
        logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': `/ecs/${one?.name}` } },
      },
    ],
  };
}

function scalableTargets(services: ReadonlyMap<string, ServiceSpec>, token: unknown, only?: readonly string[]) {
  const all = [...services].filter(([key, one]) => one.scalable && (!only || only.includes(key.split(':')[5]!)));
  const { items, next } = page(all, 50, token);
  return {
    ScalableTargets: items.map(([key, one]) => ({
      ResourceId: key.split(':')[5],
      MinCapacity: one.scalable?.min,
      MaxCapacity: one.scalable?.max,
    })),
    NextToken: next,
  };
}

const configurationOf = (FunctionArn: string, one: FunctionSpec) => ({
  FunctionArn,
  Environment: { Variables: one.environment ?? {} },
});

function describeAlarms(spec: AccountSpec, token: unknown, size: number) {
  const all = [
    ...(spec.alarms ?? []).map((alarm) => ({ composite: false, alarm })),
    ...(spec.composites ?? []).map((alarm) => ({ composite: true, alarm })),
  ];
  const { items, next } = page(all, size, token);
  const of = (composite: boolean) => items.filter((one) => one.composite === composite).map(({ alarm }) => alarm);
  return { MetricAlarms: of(false), CompositeAlarms: of(true), NextToken: next };
}

const dimensionList = (dimensions: Tags) => Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

/** An alarm on one metric. */
export const metricAlarm = (
  name: string,
  Namespace: string,
  MetricName: string,
  dimensions: Tags,
  more: object = {},
) => ({
  AlarmName: name,
  AlarmArn: alarmArn(name),
  Namespace,
  MetricName,
  Dimensions: dimensionList(dimensions),
  Statistic: 'Average',
  Period: 60,
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 5,
  TreatMissingData: 'notBreaching',
  ...more,
});

/** An alarm on an expression over metrics. */
export const mathAlarm = (
  name: string,
  Expression: string,
  metrics: Readonly<Record<string, readonly [string, string, Tags]>>,
) => ({
  AlarmName: name,
  AlarmArn: alarmArn(name),
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 5,
  Metrics: [
    { Id: 'e1', Expression, ReturnData: true },
    ...Object.entries(metrics).map(([Id, [Namespace, MetricName, dimensions]]) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace, MetricName, Dimensions: dimensionList(dimensions) }, Period: 60, Stat: 'Sum' },
    })),
  ],
});

export const compositeAlarm = (name: string, AlarmRule: string) => ({
  AlarmName: name,
  AlarmArn: alarmArn(name),
  AlarmRule,
});
