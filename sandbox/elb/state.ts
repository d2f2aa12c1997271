import { Agent } from 'node:http';
import type { Server } from 'node:http';
import { REGISTERING, type Health, type HealthCheck } from './health.ts';

/** A target of a group, with the connections the balancer keeps to it. */
export class RegisteredTarget {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly registeredAt: number;
  readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  health: Health = REGISTERING;
  inFlight = 0;
  cancelCheck: () => void = () => undefined;
  #draining: { readonly done: Promise<void>; readonly finish: () => void } | undefined;

  constructor(id: string, host: string, port: number, registeredAt: number) {
    this.id = id;
    this.host = host;
    this.port = port;
    this.registeredAt = registeredAt;
  }

  get draining(): boolean {
    return this.#draining !== undefined;
  }

  /** Resolves when no request is in flight any more, or `finishDraining` was called. */
  drain(): Promise<void> {
    if (this.#draining) return this.#draining.done;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#draining = { done: promise, finish: resolve };
    if (this.inFlight === 0) resolve();
    return promise;
  }

  finishDraining(): void {
    this.#draining?.finish();
  }

  began(): void {
    this.inFlight += 1;
  }

  ended(): void {
    this.inFlight -= 1;
    if (this.inFlight === 0) this.#draining?.finish();
  }
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: string;
  healthCheck: HealthCheck;
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly targets: Map<string, RegisteredTarget>;
  /** Where an id could last be reached, so that a target taken out by hand can be put back by its id. */
  readonly known: Map<string, { host: string; port: number }>;
  /** Round robin position. */
  next: number;
}

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly dnsName: string;
  readonly scheme: string;
  readonly createdAt: Date;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
}

/** An action of a listener or rule, with the member names of AWS. */
export interface Action {
  readonly Type: string;
  readonly TargetGroupArn?: string;
  readonly Order?: number;
  readonly ForwardConfig?: { readonly TargetGroups?: readonly WeightedGroup[] };
  readonly FixedResponseConfig?: {
    readonly StatusCode: string;
    readonly ContentType?: string;
    readonly MessageBody?: string;
  };
  readonly RedirectConfig?: Readonly<Record<string, string>>;
}

export interface WeightedGroup {
  readonly TargetGroupArn: string;
  readonly Weight?: number | string;
}

export interface Condition {
  readonly Field?: string;
  readonly Values?: readonly string[];
  readonly PathPatternConfig?: { readonly Values?: readonly string[] };
  readonly HostHeaderConfig?: { readonly Values?: readonly string[] };
  readonly HttpRequestMethodConfig?: { readonly Values?: readonly string[] };
  readonly HttpHeaderConfig?: { readonly HttpHeaderName?: string; readonly Values?: readonly string[] };
}

export interface Rule {
  readonly arn: string;
  readonly listenerArn: string;
  priority: number;
  conditions: readonly Condition[];
  actions: readonly Action[];
  readonly tags: Map<string, string>;
}

export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: string;
  defaultActions: readonly Action[];
  readonly tags: Map<string, string>;
  /** The proxy that answers for it, and where. */
  server?: Server;
  localPort?: number;
}

/** Everything the load balancers know. */
export class ElbState {
  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly targetGroups = new Map<string, TargetGroup>();
  readonly listeners = new Map<string, Listener>();
  readonly rules = new Map<string, Rule>();

  listenersOf(loadBalancerArn: string): Listener[] {
    return [...this.listeners.values()].filter((listener) => listener.loadBalancerArn === loadBalancerArn);
  }

  /** The rules of a listener in the order in which they are tried, without the default one. */
  rulesOf(listenerArn: string): Rule[] {
    const rules = [...this.rules.values()].filter((rule) => rule.listenerArn === listenerArn);
    return rules.sort((a, b) => a.priority - b.priority);
  }

  /** The load balancers that send requests to a group. */
  balancersOf(targetGroupArn: string): LoadBalancer[] {
    const found = new Set<LoadBalancer>();
    for (const listener of this.listeners.values()) {
      const actions = [listener.defaultActions, ...this.rulesOf(listener.arn).map((rule) => rule.actions)].flat();
      const balancer = this.loadBalancers.get(listener.loadBalancerArn);
      if (
        balancer &&
        actions.some((action) => groupsOf(action).some((group) => group.TargetGroupArn === targetGroupArn))
      )
        found.add(balancer);
    }
    return [...found];
  }
}

/** The target groups an action forwards to, with their weights. */
export function groupsOf(action: Action): readonly WeightedGroup[] {
  if (action.Type !== 'forward') return [];
  const weighted = action.ForwardConfig?.TargetGroups;
  if (weighted && weighted.length > 0) return weighted;
  return action.TargetGroupArn ? [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }] : [];
}
