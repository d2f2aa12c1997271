/**
 * The local account's load balancers: for each listener a real reverse proxy on a free loopback port, with health checks,
 * draining and the metrics of `AWS/ApplicationELB`. HTTP only; listeners of any protocol are answered over plain HTTP.
 */
import type {
  DeployedResource,
  LoadBalancers,
  LocalService,
  MetricPoint,
  SandboxContext,
  TakeOver,
} from '../contract.ts';
import { adopt } from './adopt.ts';
import { everyMinute, systemClock, type Clock } from './clock.ts';
import { dimensionsOf, TrafficMeter } from './meter.ts';
import { elbOperations } from './operations.ts';
import { startProxy } from './proxy.ts';
import { ElbState, type Listener, type LoadBalancer } from './state.ts';
import { Targets, type TargetView } from './targets.ts';

/** The load balancers of the account. */
export interface Elb extends LoadBalancers {
  readonly service: LocalService;
  readonly takeOver: TakeOver;
  /** Health of a target with AWS's reason and description. */
  describeTarget(targetGroupArn: string, targetId: string): TargetView;
}

export interface ElbOptions {
  readonly clock?: Clock;
}

/** How often healthy and unhealthy hosts are counted for their metrics. */
const HOST_COUNT_MS = 10_000;

export function startElb(context: SandboxContext, options: ElbOptions = {}): Elb {
  const clock = options.clock ?? systemClock;
  const state = new ElbState();
  const targets = new Targets(state, clock);
  const meter = new TrafficMeter();
  let hosts: MetricPoint[] = [];
  const timers = [
    clock.every(HOST_COUNT_MS, () => hosts.push(...hostCounts(state, clock))),
    everyMinute(clock, () => {
      context.putMetrics([...meter.takeBefore(clock.now()), ...hosts]);
      hosts = [];
    }),
  ];
  const open = async (listener: Listener, balancer: LoadBalancer): Promise<void> => {
    const record = (outcome: Parameters<TrafficMeter['record']>[0]): void => meter.record(outcome, clock.now());
    const server = await startProxy(listener, balancer, { state, record, dice: Math.random, speed: clock.speed });
    const address = server.address();
    listener.server = server;
    if (address && typeof address === 'object') listener.localPort = address.port;
    context.log(`load balancer ${balancer.name}:${listener.port} answers at 127.0.0.1:${listener.localPort}`);
  };
  return {
    service: {
      signingName: 'elasticloadbalancing',
      xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
      operations: elbOperations(state, targets),
      stop: async () => {
        timers.forEach((cancel) => cancel());
        targets.stop();
        await Promise.all([...state.listeners.values()].map(close));
      },
    },
    takeOver: { adopt: (resources) => takeOver(state, resources, open, context.log) },
    register: (group, target) => targets.register(group, target),
    deregister: (group, id) => targets.deregister(group, id),
    health: (group, id) => targets.health(group, id),
    describeTarget: (group, id) => targets.describe(group, id),
    addressOf: (name) => addressOf(state, name),
  };
}

/** Takes over what was deployed, and opens the listeners that are new. */
async function takeOver(
  state: ElbState,
  resources: readonly DeployedResource[],
  open: (listener: Listener, balancer: LoadBalancer) => Promise<void>,
  log: (line: string) => void,
): Promise<void> {
  adopt(state, resources);
  for (const listener of state.listeners.values()) {
    const balancer = state.loadBalancers.get(listener.loadBalancerArn);
    if (!balancer) log(`listener ${listener.arn} names no known load balancer: it is not answered`);
    else if (!listener.server) await open(listener, balancer);
  }
}

function close(listener: Listener): Promise<void> {
  return new Promise((resolve) => {
    if (!listener.server) return resolve();
    listener.server.close(() => resolve());
    listener.server.closeAllConnections();
  });
}

/** The local address of a DNS name, with or without the port of a listener behind it. */
function addressOf(state: ElbState, name: string): string | undefined {
  const [host = '', port] = name.toLowerCase().split(':');
  for (const balancer of state.loadBalancers.values()) {
    if (!standsFor(balancer, host)) continue;
    const listeners = state.listenersOf(balancer.arn).filter((listener) => listener.localPort !== undefined);
    const listener = listeners.find((one) => String(one.port) === port) ?? listeners[0];
    return listener && `127.0.0.1:${listener.localPort}`;
  }
  return undefined;
}

/** A DNS name is the load balancer's name, a beginning of its id, its Region; how much of the id is up to who made it. */
function standsFor(balancer: LoadBalancer, host: string): boolean {
  const [label = '', region] = host.replace(/^(internal-|dualstack\.)/, '').split('.');
  const id = balancer.arn.slice(balancer.arn.lastIndexOf('/') + 1).toLowerCase();
  const name = `${balancer.name.toLowerCase()}-`;
  if (host === balancer.dnsName.toLowerCase()) return true;
  if (!label.startsWith(name) || region !== balancer.arn.split(':')[3]) return false;
  return label.length > name.length && id.startsWith(label.slice(name.length));
}

/** Healthy and unhealthy hosts of each group that has targets and a load balancer. */
function hostCounts(state: ElbState, clock: Clock): MetricPoint[] {
  const timestamp = new Date(Math.floor(clock.now() / 60_000) * 60_000);
  const points: MetricPoint[] = [];
  for (const group of state.targetGroups.values()) {
    const targets = [...group.targets.values()].filter((target) => !target.draining);
    if (targets.length === 0) continue;
    const healthy = targets.filter((target) => target.health.state === 'healthy').length;
    for (const balancer of state.balancersOf(group.arn)) {
      const common = {
        namespace: 'AWS/ApplicationELB',
        dimensions: dimensionsOf(balancer.arn, group.arn),
        unit: 'Count',
        timestamp,
      };
      points.push({ ...common, metricName: 'HealthyHostCount', value: healthy });
      points.push({
        ...common,
        metricName: 'UnHealthyHostCount',
        value: targets.filter((target) => target.health.state === 'unhealthy').length,
      });
    }
  }
  return points;
}
