import { AwsError, type Operation } from '../contract.ts';
import type { ElbState, Listener, TargetGroup } from './state.ts';
import type { Targets } from './targets.ts';
import { listenerView, loadBalancerView, rulesView, ruleView, targetGroupView } from './views.ts';

type Named = { readonly arn: string };

/** The operations of Elastic Load Balancing v2 that the local account answers. */
export function elbOperations(state: ElbState, targets: Targets): Readonly<Record<string, Operation>> {
  return { ...describing(state), ...targetOperations(state, targets), ...changing(state), ...tagging(state) };
}

function describing(state: ElbState): Record<string, Operation> {
  return {
    DescribeLoadBalancers: (input) => {
      const named = select(state.loadBalancers, input.LoadBalancerArns, 'LoadBalancer');
      const all = input.Names ? byName(named, input.Names, 'LoadBalancer') : named;
      return page('LoadBalancers', all, input, loadBalancerView);
    },
    DescribeTargetGroups: (input) => {
      let groups = select(state.targetGroups, input.TargetGroupArns, 'TargetGroup');
      if (input.Names) groups = byName(groups, input.Names, 'TargetGroup');
      const balancer: string | undefined = input.LoadBalancerArn;
      if (balancer) {
        find(state.loadBalancers, balancer, 'LoadBalancer');
        groups = groups.filter((group) => state.balancersOf(group.arn).some(({ arn }) => arn === balancer));
      }
      return page('TargetGroups', groups, input, (group) => targetGroupView(state, group));
    },
    DescribeListeners: (input) => {
      if (input.LoadBalancerArn) {
        find(state.loadBalancers, input.LoadBalancerArn, 'LoadBalancer');
        return page('Listeners', state.listenersOf(input.LoadBalancerArn), input, listenerView);
      }
      if (!input.ListenerArns) throw missing('LoadBalancerArn or ListenerArns');
      return page('Listeners', select(state.listeners, input.ListenerArns, 'Listener'), input, listenerView);
    },
    DescribeRules: (input) => {
      if (input.RuleArns) return page('Rules', select(state.rules, input.RuleArns, 'Rule'), input, ruleView);
      const listener = find(state.listeners, input.ListenerArn, 'Listener');
      return page('Rules', rulesView(state, listener), input, (rule) => rule);
    },
    DescribeTargetGroupAttributes: (input) => ({
      Attributes: entries(attributesOf(find(state.targetGroups, input.TargetGroupArn, 'TargetGroup'))),
    }),
    DescribeLoadBalancerAttributes: (input) => {
      const balancer = find(state.loadBalancers, input.LoadBalancerArn, 'LoadBalancer');
      return { Attributes: entries(new Map([['idle_timeout.timeout_seconds', '60'], ...balancer.attributes])) };
    },
  };
}

function attributesOf(group: TargetGroup): Map<string, string> {
  return new Map([
    ['deregistration_delay.timeout_seconds', '300'],
    ['stickiness.enabled', 'false'],
    ['load_balancing.algorithm.type', 'round_robin'],
    ...group.attributes,
  ]);
}

function targetOperations(state: ElbState, targets: Targets): Record<string, Operation> {
  return {
    DescribeTargetHealth: (input) => {
      const group = find(state.targetGroups, input.TargetGroupArn, 'TargetGroup');
      const asked: { Id: string }[] = input.Targets ?? [...group.targets.keys()].map((Id) => ({ Id }));
      return { TargetHealthDescriptions: asked.map(({ Id }) => targetView(group, Id, targets)) };
    },
    RegisterTargets: (input) => {
      const group = find(state.targetGroups, input.TargetGroupArn, 'TargetGroup');
      for (const { Id, Port } of (input.Targets ?? []) as { Id: string; Port?: number | string }[]) {
        const known = group.known.get(Id);
        const local = /^(127\.|localhost$)/.test(Id);
        if (!known && !local)
          throw new AwsError('InvalidTarget', `The IP address '${Id}' is not one of this account's`);
        const host = known?.host ?? Id;
        targets.register(group.arn, { id: Id, host, port: Number(Port ?? known?.port ?? group.port) });
      }
      return {};
    },
    DeregisterTargets: (input) => {
      const group = find(state.targetGroups, input.TargetGroupArn, 'TargetGroup');
      for (const { Id } of (input.Targets ?? []) as { Id: string }[]) void targets.deregister(group.arn, Id);
      return {};
    },
  };
}

function targetView(group: TargetGroup, id: string, targets: Targets): Record<string, unknown> {
  const port = group.targets.get(id)?.port ?? group.known.get(id)?.port ?? group.port;
  const { state, reason, description } = targets.describe(group.arn, id);
  return {
    Target: { Id: id, Port: port, AvailabilityZone: `${group.arn.split(':')[3]}a` },
    HealthCheckPort: group.healthCheck.port === 'traffic-port' ? String(port) : group.healthCheck.port,
    TargetHealth: {
      State: state,
      ...(reason ? { Reason: reason } : {}),
      ...(description ? { Description: description } : {}),
    },
  };
}

function changing(state: ElbState): Record<string, Operation> {
  return {
    ModifyTargetGroupAttributes: (input) => {
      const group = find(state.targetGroups, input.TargetGroupArn, 'TargetGroup');
      for (const { Key, Value } of input.Attributes ?? []) group.attributes.set(Key, String(Value));
      return { Attributes: entries(attributesOf(group)) };
    },
    ModifyLoadBalancerAttributes: (input) => {
      const balancer = find(state.loadBalancers, input.LoadBalancerArn, 'LoadBalancer');
      for (const { Key, Value } of input.Attributes ?? []) balancer.attributes.set(Key, String(Value));
      return { Attributes: entries(balancer.attributes) };
    },
    ModifyTargetGroup: (input) => {
      const group = find(state.targetGroups, input.TargetGroupArn, 'TargetGroup');
      const was = group.healthCheck;
      group.healthCheck = {
        ...was,
        path: input.HealthCheckPath ?? was.path,
        intervalSeconds: Number(input.HealthCheckIntervalSeconds ?? was.intervalSeconds),
        timeoutSeconds: Number(input.HealthCheckTimeoutSeconds ?? was.timeoutSeconds),
        healthyThreshold: Number(input.HealthyThresholdCount ?? was.healthyThreshold),
        unhealthyThreshold: Number(input.UnhealthyThresholdCount ?? was.unhealthyThreshold),
        matcher: input.Matcher?.HttpCode ?? was.matcher,
      };
      return { TargetGroups: [targetGroupView(state, group)] };
    },
    ModifyListener: (input) => {
      const listener: Listener = find(state.listeners, input.ListenerArn, 'Listener');
      listener.defaultActions = input.DefaultActions ?? listener.defaultActions;
      return { Listeners: [listenerView(listener)] };
    },
    ModifyRule: (input) => {
      const rule = find(state.rules, input.RuleArn, 'Rule');
      rule.actions = input.Actions ?? rule.actions;
      rule.conditions = input.Conditions ?? rule.conditions;
      return { Rules: [ruleView(rule)] };
    },
  };
}

function tagging(state: ElbState): Record<string, Operation> {
  const tagsOf = (arn: string): Map<string, string> => {
    if (arn.includes(':targetgroup/')) return find(state.targetGroups, arn, 'TargetGroup').tags;
    if (arn.includes(':loadbalancer/')) return find(state.loadBalancers, arn, 'LoadBalancer').tags;
    if (arn.includes(':listener-rule/')) return find(state.rules, arn, 'Rule').tags;
    return find(state.listeners, arn, 'Listener').tags;
  };
  return {
    DescribeTags: (input) => ({
      TagDescriptions: (input.ResourceArns ?? []).map((ResourceArn: string) => ({
        ResourceArn,
        Tags: entries(tagsOf(ResourceArn)),
      })),
    }),
    AddTags: (input) => {
      for (const arn of input.ResourceArns ?? [])
        for (const { Key, Value } of input.Tags ?? []) tagsOf(arn).set(Key, Value ?? '');
      return {};
    },
    RemoveTags: (input) => {
      for (const arn of input.ResourceArns ?? []) for (const key of input.TagKeys ?? []) tagsOf(arn).delete(key);
      return {};
    },
  };
}

function entries(map: ReadonlyMap<string, string>): { Key: string; Value: string }[] {
  return [...map].map(([Key, Value]) => ({ Key, Value }));
}

function missing(what: string): AwsError {
  return new AwsError('ValidationError', `${what} must be specified`);
}

function find<T>(map: ReadonlyMap<string, T>, arn: string | undefined, kind: string): T {
  if (!arn) throw missing(`${kind}Arn`);
  const found = map.get(arn);
  if (!found) throw new AwsError(`${kind}NotFound`, `${kind} '${arn}' not found`);
  return found;
}

function select<T>(map: ReadonlyMap<string, T>, arns: readonly string[] | undefined, kind: string): T[] {
  return arns ? arns.map((arn) => find(map, arn, kind)) : [...map.values()];
}

function byName<T extends Named & { readonly name: string }>(all: T[], names: readonly string[], kind: string): T[] {
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (!found) throw new AwsError(`${kind}NotFound`, `${kind}s '[${name}]' not found`);
    return found;
  });
}

/** One page of an answer; the marker is the position at which the next one begins. */
function page<T>(
  member: string,
  all: readonly T[],
  input: { Marker?: string; PageSize?: number | string },
  view: (one: T) => unknown,
): Record<string, unknown> {
  const from = Number(input.Marker ?? 0);
  const to = from + Number(input.PageSize ?? 400);
  return { [member]: all.slice(from, to).map(view), ...(to < all.length ? { NextMarker: String(to) } : {}) };
}
