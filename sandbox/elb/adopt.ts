import type { DeployedResource } from '../contract.ts';
import type { HealthCheck } from './health.ts';
import type { Action, Condition, ElbState, LoadBalancer, TargetGroup } from './state.ts';

type Properties = Readonly<Record<string, unknown>>;

const text = (value: unknown, otherwise: string): string =>
  value === undefined || value === null || value === '' ? otherwise : String(value);
const number = (value: unknown, otherwise: number): number =>
  value === undefined || value === null || value === '' ? otherwise : Number(value);

/** Takes load balancers, target groups, listeners and rules over from what CloudFormation made. */
export function adopt(state: ElbState, resources: readonly DeployedResource[]): void {
  for (const resource of resources) {
    const take = TAKERS[resource.type];
    if (take) take(state, resource);
  }
}

type Taker = (state: ElbState, resource: DeployedResource) => void;

const TAKERS: Readonly<Record<string, Taker>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': takeLoadBalancer,
  'AWS::ElasticLoadBalancingV2::TargetGroup': takeTargetGroup,
  'AWS::ElasticLoadBalancingV2::Listener': takeListener,
  'AWS::ElasticLoadBalancingV2::ListenerRule': takeRule,
};

function takeLoadBalancer(state: ElbState, { physicalId: arn, properties, tags }: DeployedResource): void {
  const attributes = attributesOf(properties['LoadBalancerAttributes']);
  const known = state.loadBalancers.get(arn);
  if (known) {
    refill(known.attributes, attributes);
    refill(known.tags, new Map(Object.entries(tags)));
    return;
  }
  state.loadBalancers.set(arn, {
    arn,
    name: arn.split('/').at(-2) ?? arn,
    dnsName: text(properties['DNSName'], dnsNameOf(arn)),
    scheme: text(properties['Scheme'], 'internet-facing'),
    createdAt: new Date(),
    subnets: (properties['Subnets'] as string[] | undefined) ?? [],
    securityGroups: (properties['SecurityGroups'] as string[] | undefined) ?? [],
    attributes,
    tags: new Map(Object.entries(tags)),
  } satisfies LoadBalancer);
}

/** The DNS name of a load balancer: its name and the beginning of its id. */
export function dnsNameOf(arn: string): string {
  const region = arn.split(':')[3] ?? '';
  const [name, id] = arn.split('/').slice(-2);
  return `${name}-${id?.slice(0, 10)}.${region}.elb.amazonaws.com`;
}

function takeTargetGroup(state: ElbState, { physicalId: arn, properties, tags }: DeployedResource): void {
  const known = state.targetGroups.get(arn);
  const healthCheck = healthCheckOf(properties);
  if (known) {
    known.healthCheck = healthCheck;
    refill(known.attributes, attributesOf(properties['TargetGroupAttributes']));
    refill(known.tags, new Map(Object.entries(tags)));
    return;
  }
  state.targetGroups.set(arn, {
    arn,
    name: arn.split('/').at(-2) ?? arn,
    protocol: text(properties['Protocol'], 'HTTP'),
    port: number(properties['Port'], 80),
    vpcId: text(properties['VpcId'], 'vpc-00000000'),
    targetType: text(properties['TargetType'], 'instance'),
    healthCheck,
    attributes: attributesOf(properties['TargetGroupAttributes']),
    tags: new Map(Object.entries(tags)),
    targets: new Map(),
    known: new Map(),
    next: 0,
  } satisfies TargetGroup);
}

/** The defaults are those of an Application Load Balancer's HTTP target group. */
function healthCheckOf(properties: Properties): HealthCheck {
  const matcher = properties['Matcher'] as { HttpCode?: string } | undefined;
  return {
    enabled: text(properties['HealthCheckEnabled'], 'true') === 'true',
    protocol: text(properties['HealthCheckProtocol'], 'HTTP'),
    path: text(properties['HealthCheckPath'], '/'),
    port: text(properties['HealthCheckPort'], 'traffic-port'),
    intervalSeconds: number(properties['HealthCheckIntervalSeconds'], 30),
    timeoutSeconds: number(properties['HealthCheckTimeoutSeconds'], 5),
    healthyThreshold: number(properties['HealthyThresholdCount'], 5),
    unhealthyThreshold: number(properties['UnhealthyThresholdCount'], 2),
    matcher: text(matcher?.HttpCode, '200'),
  };
}

function takeListener(state: ElbState, { physicalId: arn, properties, tags }: DeployedResource): void {
  const defaultActions = (properties['DefaultActions'] as Action[] | undefined) ?? [];
  const known = state.listeners.get(arn);
  if (known) {
    known.defaultActions = defaultActions;
    return;
  }
  state.listeners.set(arn, {
    arn,
    loadBalancerArn: text(properties['LoadBalancerArn'], ''),
    port: number(properties['Port'], 80),
    protocol: text(properties['Protocol'], 'HTTP'),
    defaultActions,
    tags: new Map(Object.entries(tags)),
  });
}

function takeRule(state: ElbState, { physicalId: arn, properties, tags }: DeployedResource): void {
  const priority = number(properties['Priority'], 50_000);
  const conditions = (properties['Conditions'] as Condition[] | undefined) ?? [];
  const actions = (properties['Actions'] as Action[] | undefined) ?? [];
  const known = state.rules.get(arn);
  if (known) {
    Object.assign(known, { priority, conditions, actions });
    return;
  }
  const listenerArn = text(properties['ListenerArn'], '');
  state.rules.set(arn, { arn, listenerArn, priority, conditions, actions, tags: new Map(Object.entries(tags)) });
}

function attributesOf(list: unknown): Map<string, string> {
  const entries = (list as { Key: string; Value: unknown }[] | undefined) ?? [];
  return new Map(entries.map(({ Key, Value }) => [Key, String(Value)]));
}

function refill(map: Map<string, string>, entries: ReadonlyMap<string, string>): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}
