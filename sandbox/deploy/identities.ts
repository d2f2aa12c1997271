import { createHash } from 'node:crypto';
import { concat, getAttTarget, intrinsic, type Expression } from './expression.ts';

/** What AWS would answer for a resource that the sandbox creates itself. */
export interface Identity {
  /** What `Ref` gives. */
  readonly ref: Expression;
  /** What `Fn::GetAtt` gives, by attribute. */
  readonly attributes: Readonly<Record<string, Expression>>;
}

/** What is known of the stack while its template is rewritten. */
export interface StackFacts {
  readonly stackName: string;
  readonly accountId: string;
  readonly region: string;
  /** The revision that a task definition of this stack will get. */
  readonly revision: (logicalId: string, properties: Readonly<Record<string, Expression>>) => number;
}

interface Naming extends StackFacts {
  readonly logicalId: string;
  readonly properties: Readonly<Record<string, Expression>>;
  /** The identity of another resource of the template that the sandbox creates; `undefined` when the emulator does. */
  readonly other: (logicalId: string) => Identity | undefined;
}

/**
 * Types that the sandbox creates itself, each with the way AWS names it. A new one is added here and nowhere else.
 * Formats: the "Return values" of each type in the CloudFormation user guide.
 */
export const identities: Readonly<Record<string, (naming: Naming) => Identity>> = {
  'AWS::ECS::Cluster': (naming) => {
    const name = given(naming, 'ClusterName', 255);
    return { ref: name, attributes: { Arn: arn(naming, 'ecs', concat('cluster/', name)) } };
  },
  'AWS::ECS::TaskDefinition': (naming) => {
    const family = given(naming, 'Family', 255);
    const revision = String(naming.revision(naming.logicalId, naming.properties));
    const ref = arn(naming, 'ecs', concat('task-definition/', family, ':', revision));
    return { ref, attributes: { TaskDefinitionArn: ref } };
  },
  'AWS::ECS::Service': (naming) => {
    const name = given(naming, 'ServiceName', 255);
    const ref = arn(naming, 'ecs', concat('service/', clusterName(naming), '/', name));
    return { ref, attributes: { Name: name, ServiceArn: ref } };
  },
  'AWS::ECS::ClusterCapacityProviderAssociations': (naming) => ({ ref: clusterName(naming), attributes: {} }),
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': alarm,
  'AWS::CloudWatch::Dashboard': (naming) => ({ ref: given(naming, 'DashboardName', 255), attributes: {} }),
  'AWS::CloudWatch::AnomalyDetector': (naming) => ({
    ref: generated(naming, 64),
    attributes: { Id: generated(naming, 64) },
  }),
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (naming) => {
    const name = given(naming, 'Name', 32);
    const kind = naming.properties['Type'] === 'network' ? 'net' : 'app';
    const fullName = concat(`${kind}/`, name, `/${hex(naming)}`);
    const ref = arn(naming, 'elasticloadbalancing', concat('loadbalancer/', fullName));
    const dnsName = concat(name, `-${hex(naming).slice(0, 10)}.${naming.region}.elb.amazonaws.com`);
    return {
      ref,
      attributes: {
        LoadBalancerArn: ref,
        LoadBalancerName: name,
        LoadBalancerFullName: fullName,
        DNSName: dnsName,
        CanonicalHostedZoneID: 'Z35SXDOTRQ7X7K',
        SecurityGroups: naming.properties['SecurityGroups'] ?? [],
      },
    };
  },
  'AWS::ElasticLoadBalancingV2::TargetGroup': (naming) => {
    const name = given(naming, 'Name', 32);
    const fullName = concat('targetgroup/', name, `/${hex(naming)}`);
    const ref = arn(naming, 'elasticloadbalancing', fullName);
    return {
      ref,
      attributes: { TargetGroupArn: ref, TargetGroupName: name, TargetGroupFullName: fullName, LoadBalancerArns: [] },
    };
  },
  'AWS::ElasticLoadBalancingV2::Listener': (naming) => {
    const ref = below(naming, 'LoadBalancerArn', 'loadbalancer/', 'listener/');
    return { ref, attributes: { ListenerArn: ref } };
  },
  'AWS::ElasticLoadBalancingV2::ListenerRule': (naming) => {
    const ref = below(naming, 'ListenerArn', 'listener/', 'listener-rule/');
    return { ref, attributes: { RuleArn: ref, IsDefault: false } };
  },
  'AWS::ApplicationAutoScaling::ScalableTarget': (naming) => {
    const { ResourceId = '', ScalableDimension = '', ServiceNamespace = '' } = naming.properties;
    const ref = concat(ResourceId, '|', ScalableDimension, '|', ServiceNamespace);
    return { ref, attributes: { Id: ref } };
  },
  'AWS::ApplicationAutoScaling::ScalingPolicy': (naming) => {
    const name = given(naming, 'PolicyName', 255);
    const id = `${hex(naming).slice(0, 8)}-0000-4000-8000-${hex(naming).slice(0, 12)}`;
    const resource = naming.properties['ResourceId'] ?? naming.properties['ScalingTargetId'] ?? '';
    const ref = arn(naming, 'autoscaling', concat(`scalingPolicy:${id}:resource/ecs/`, resource, ':policyName/', name));
    return { ref, attributes: { Arn: ref } };
  },
};

/**
 * Types that the emulator refuses and that change nothing on this machine: network plumbing, saved queries. They are
 * left out, under their name.
 */
export const inert: readonly string[] = [
  'AWS::CloudWatch::InsightRule',
  'AWS::EC2::EIP',
  'AWS::EC2::FlowLog',
  'AWS::EC2::NatGateway',
  'AWS::EC2::NetworkAcl',
  'AWS::EC2::NetworkAclEntry',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::SubnetNetworkAclAssociation',
  'AWS::IAM::ServiceLinkedRole',
  'AWS::Logs::QueryDefinition',
];

function alarm(naming: Naming): Identity {
  const name = given(naming, 'AlarmName', 255);
  return { ref: name, attributes: { Arn: arn(naming, 'cloudwatch', concat('alarm:', name)) } };
}

function arn({ region, accountId }: Naming, service: string, rest: Expression): Expression {
  return concat(`arn:aws:${service}:${region}:${accountId}:`, rest);
}

/** The name that the template gives, or the one that CloudFormation would make up. */
function given(naming: Naming, property: string, longest: number): Expression {
  return naming.properties[property] ?? generated(naming, longest);
}

/** `<stack>-<logical id>-<12 characters>`, shortened as CloudFormation does; the same on every deploy of the stack. */
function generated({ stackName, logicalId }: Naming, longest: number): string {
  const digest = createHash('sha256').update(`${stackName}/${logicalId}`).digest('base64');
  const suffix = digest
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()
    .slice(0, 12);
  const room = longest - suffix.length - 2;
  const forLogical = Math.max(room - stackName.length, Math.floor(room / 2));
  const logical = logicalId.slice(0, forLogical);
  return `${stackName.slice(0, room - logical.length)}-${logical}-${suffix}`;
}

/** The 16 hex digits at the end of load balancing ARNs. */
function hex({ stackName, logicalId }: Naming): string {
  return createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 16);
}

/** A property may name the cluster, or hold its ARN. */
function clusterName(naming: Naming): Expression {
  const property = naming.properties['Cluster'];
  if (property === undefined) return 'default';
  if (typeof property === 'string') return property.split('/').at(-1) ?? property;
  const [name, argument] = intrinsic(property) ?? [];
  const target = name === 'Fn::GetAtt' && argument !== undefined ? getAttTarget(argument)?.[0] : argument;
  const own = typeof target === 'string' ? naming.other(target) : undefined;
  return own?.ref ?? property;
}

/** A listener's ARN lies below its load balancer's, a rule's below its listener's. */
function below(naming: Naming, property: string, from: string, to: string): Expression {
  const parent = naming.properties[property] ?? '';
  const [name, argument] = intrinsic(parent) ?? [];
  const own = name === 'Ref' && typeof argument === 'string' ? naming.other(argument)?.ref : undefined;
  const moved = swap(own ?? parent, from, to);
  return concat(moved, `/${hex(naming)}`);
}

function swap(value: Expression, from: string, to: string): Expression {
  if (typeof value === 'string') return value.replace(from, to);
  const [name, argument] = intrinsic(value) ?? [];
  if (name === 'Fn::Join' && Array.isArray(argument)) {
    return {
      'Fn::Join': [
        argument[0] as Expression,
        (argument[1] as Expression[]).map((part) => (typeof part === 'string' ? part.replace(from, to) : part)),
      ],
    };
  }
  return { 'Fn::Join': [to, { 'Fn::Split': [from, value] }] };
}
