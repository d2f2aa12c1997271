import { groupsOf, type ElbState, type Listener, type LoadBalancer, type Rule, type TargetGroup } from './state.ts';

/** A load balancer as DescribeLoadBalancers answers it. */
export function loadBalancerView(balancer: LoadBalancer): Record<string, unknown> {
  return {
    LoadBalancerArn: balancer.arn,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
    CreatedTime: balancer.createdAt.toISOString(),
    LoadBalancerName: balancer.name,
    Scheme: balancer.scheme,
    VpcId: 'vpc-00000000',
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: balancer.subnets.map((SubnetId, index) => ({
      ZoneName: `${balancer.arn.split(':')[3]}${'abc'[index % 3]}`,
      SubnetId,
      LoadBalancerAddresses: [],
    })),
    SecurityGroups: [...balancer.securityGroups],
    IpAddressType: 'ipv4',
  };
}

/** A target group as DescribeTargetGroups answers it. */
export function targetGroupView(state: ElbState, group: TargetGroup): Record<string, unknown> {
  const check = group.healthCheck;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher: { HttpCode: check.matcher },
    LoadBalancerArns: state.balancersOf(group.arn).map((balancer) => balancer.arn),
    TargetType: group.targetType,
    ProtocolVersion: 'HTTP1',
    IpAddressType: 'ipv4',
  };
}

export function listenerView(listener: Listener): Record<string, unknown> {
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    DefaultActions: listener.defaultActions.map(withGroupArn),
  };
}

/** AWS answers a forward to a single group in both forms, short and weighted. */
function withGroupArn(action: Listener['defaultActions'][number]): Record<string, unknown> {
  const groups = groupsOf(action);
  if (groups.length === 0) return { ...action };
  return {
    ...action,
    ...(groups.length === 1 ? { TargetGroupArn: groups[0]?.TargetGroupArn } : {}),
    ForwardConfig: {
      TargetGroups: groups.map((group) => ({
        TargetGroupArn: group.TargetGroupArn,
        Weight: Number(group.Weight ?? 1),
      })),
    },
  };
}

/** The rules of a listener as DescribeRules answers them, the default one last. */
export function rulesView(state: ElbState, listener: Listener): Record<string, unknown>[] {
  const rules = state.rulesOf(listener.arn).map(ruleView);
  return [
    ...rules,
    {
      RuleArn: `${listener.arn.replace(':listener/', ':listener-rule/')}/default`,
      Priority: 'default',
      Conditions: [],
      Actions: listener.defaultActions.map(withGroupArn),
      IsDefault: true,
    },
  ];
}

export function ruleView(rule: Rule): Record<string, unknown> {
  return {
    RuleArn: rule.arn,
    Priority: String(rule.priority),
    Conditions: rule.conditions.map((condition) => ({ ...condition })),
    Actions: rule.actions.map(withGroupArn),
    IsDefault: false,
  };
}
