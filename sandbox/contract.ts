/**
 * The contracts between the parts of the local account. One process holds them all: the endpoint (a reverse proxy in
 * front of the emulator), and the services that the sandbox answers itself because their behaviour is the point:
 * ECS, Elastic Load Balancing, Application Auto Scaling's targets, CloudWatch metrics and alarms, X-Ray's service graph.
 */

/** Who calls, as read from the request's credentials. `accountId` is 12 digits. */
export interface Caller {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
}

/** Answers one operation of a service; input and output have the member names of AWS's own service model. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- inputs are checked by each operation against what it needs
export type Operation = (input: any, caller: Caller) => unknown;

/** A service that the sandbox answers itself. What `operations` lacks is answered with `NotImplemented` (HTTP 501). */
export interface LocalService {
  /** The signing name in the credential scope: `ecs`, `monitoring`, `elasticloadbalancing`, `application-autoscaling`, `xray`. */
  readonly signingName: string;
  /** XML namespace of the service's answers, for services that speak the Query protocol. */
  readonly xmlNamespace?: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Ends timers, processes and listeners. */
  stop(): Promise<void>;
}

/** An error as AWS answers it: `code` is the model's error name, e.g. `ServiceNotFoundException`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** An event as AWS puts it on the default bus. */
export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources?: readonly string[];
  readonly time?: Date;
}

/** Puts events on the account's default bus. Never rejects: what the bus refuses is logged. */
export type PublishEvent = (event: BusEvent) => void;

/** One value of a metric. `timestamp` defaults to now. */
export interface MetricPoint {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** How many samples have this value. Default 1. */
  readonly count?: number;
  readonly unit?: string;
  readonly timestamp?: Date;
}

/** Writes metrics into the sandbox's CloudWatch, as AWS services do. */
export type PutMetrics = (points: readonly MetricPoint[]) => void;

/** Appends lines to a log stream of CloudWatch Logs (group and stream are made when absent). Never rejects. */
export type PutLogLines = (group: string, stream: string, lines: readonly { time: Date; text: string }[]) => void;

/** What every part of the sandbox is given. */
export interface SandboxContext {
  readonly accountId: string;
  readonly region: string;
  /** The endpoint all clients use, e.g. `http://127.0.0.1:4566`. Known before the parts are made. */
  readonly endpoint: string;
  readonly publish: PublishEvent;
  readonly putMetrics: PutMetrics;
  readonly putLogLines: PutLogLines;
  /** Where tasks send X-Ray's segments: host and port of UDP. Without one they are told of none. */
  readonly daemonAddress?: string;
  /** One line of progress or trouble for the sandbox's own log. */
  readonly log: (line: string) => void;
}

/** Where a task can be reached. */
export interface Target {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

export type TargetHealth = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused';

/** What the ECS data plane needs of the load balancer. */
export interface LoadBalancers {
  register(targetGroupArn: string, target: Target): void;
  /** Stops new requests at once; resolves when those in flight have ended, or the deregistration delay is over. */
  deregister(targetGroupArn: string, targetId: string): Promise<void>;
  health(targetGroupArn: string, targetId: string): TargetHealth;
  /** The local address that stands for a load balancer's DNS name (host:port of its first listener), if it is known. */
  addressOf(dnsName: string): string | undefined;
}

/** What CloudFormation made inside the emulator and a local service takes over after a deploy. */
export interface TakeOver {
  /** Idempotent: called after every deploy, with the resolved resources of the deployed stacks. */
  adopt(resources: readonly DeployedResource[]): Promise<void>;
}

/** One resource of a deployed stack, with its properties as CloudFormation would have resolved them. */
export interface DeployedResource {
  readonly stackName: string;
  readonly logicalId: string;
  /** What `Ref` answers for it. */
  readonly physicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
}
