/** A local account with ECS and load balancers for tests, on a clock that runs fast. */
import { fileURLToPath } from 'node:url';
import type { BusEvent, DeployedResource, MetricPoint, SandboxContext } from '../../../sandbox/contract.ts';
import { clockAt, type Clock } from '../../../sandbox/elb/clock.ts';
import { startElb, type Elb } from '../../../sandbox/elb/index.ts';
import { startEcs, type Ecs, type EcsOptions } from '../../../sandbox/ecs/index.ts';

export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';
const CALLER = { accountId: ACCOUNT, region: REGION, accessKeyId: 'AKIATEST' };
const FIXTURE = fileURLToPath(new URL('fixture', import.meta.url));

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are read as a test needs them
type Answer = any;

export interface TestAccount {
  readonly clock: Clock;
  readonly events: BusEvent[];
  readonly metrics: MetricPoint[];
  readonly logs: { group: string; stream: string; text: string }[];
  readonly elb: Elb;
  readonly ecs: Ecs;
  /** Calls an operation of ECS, or of the load balancers when ECS has none of that name. */
  call(operation: string, input: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Waits until `read` answers something other than undefined or false; fails with `what` after 15 real seconds. */
  until<T>(what: string, read: () => Promise<T | undefined | false> | T | undefined | false): Promise<T>;
  stop(): Promise<void>;
}

export function testAccount(options: EcsOptions & { speed?: number } = {}): TestAccount {
  const clock = clockAt(options.speed ?? 20);
  const events: BusEvent[] = [];
  const metrics: MetricPoint[] = [];
  const logs: TestAccount['logs'] = [];
  const context: SandboxContext = {
    accountId: ACCOUNT,
    region: REGION,
    endpoint: 'http://127.0.0.1:9',
    publish: (event) => void events.push(event),
    putMetrics: (points) => void metrics.push(...points),
    putLogLines: (group, stream, lines) => void logs.push(...lines.map(({ text }) => ({ group, stream, text }))),
    daemonAddress: '127.0.0.1:2000',
    log: () => undefined,
  };
  const elb = startElb(context, { clock });
  const ecs = startEcs(context, elb, { clock, launchGapMs: 0, settleMs: 4000, ...options });
  return {
    clock,
    events,
    metrics,
    logs,
    elb,
    ecs,
    call: async (operation, input) => {
      const found = ecs.service.operations[operation] ?? elb.service.operations[operation];
      if (!found) throw new Error(`no operation ${operation}`);
      return structuredClone(await found(input, CALLER));
    },
    until: async (what, read) => {
      const giveUp = Date.now() + 15_000;
      for (;;) {
        const value = await read();
        if (value !== undefined && value !== false) return value;
        if (Date.now() > giveUp) throw new Error(`waited 15 s for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    stop: async () => {
      await ecs.service.stop();
      await elb.service.stop();
    },
  };
}

/** Registers a revision whose container runs the fixture server. */
export function definition(family: string, container: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    family,
    cpu: '256',
    memory: '512',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions: [
      {
        name: 'app',
        image: 'example/app:1',
        portMappings: [{ containerPort: 8080 }],
        dockerLabels: { 'prunella.local.command': 'node server.ts', 'prunella.local.cwd': FIXTURE },
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/test/app', 'awslogs-region': REGION, 'awslogs-stream-prefix': 'app' },
        },
        stopTimeout: 20,
        ...container,
      },
    ],
  };
}

const elbArn = (rest: string): string => `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:${rest}`;
export const LOAD_BALANCER = elbArn('loadbalancer/app/front/0123456789abcdef');
export const TARGET_GROUP = elbArn('targetgroup/web/fedcba9876543210');
export const LISTENER = elbArn('listener/app/front/0123456789abcdef/1111222233334444');
export const DNS_NAME = `front-0123456789.${REGION}.elb.amazonaws.com`;

function resource(type: string, physicalId: string, properties: Record<string, unknown>): DeployedResource {
  return { stackName: 'test', logicalId: 'x', physicalId, type: `AWS::${type}`, properties, tags: {} };
}

/** A load balancer with one listener and one target group. */
export function frontDoor(group: Readonly<Record<string, unknown>> = {}): DeployedResource[] {
  return [
    resource('ElasticLoadBalancingV2::LoadBalancer', LOAD_BALANCER, {
      Name: 'front',
      Subnets: ['subnet-1', 'subnet-2'],
    }),
    resource('ElasticLoadBalancingV2::TargetGroup', TARGET_GROUP, {
      Port: 80,
      TargetType: 'ip',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 10,
      HealthCheckTimeoutSeconds: 5,
      UnhealthyThresholdCount: 2,
      HealthyThresholdCount: 2,
      TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '60' }],
      ...group,
    }),
    resource('ElasticLoadBalancingV2::Listener', LISTENER, {
      LoadBalancerArn: LOAD_BALANCER,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: TARGET_GROUP }],
    }),
  ];
}

export const BEHIND_FRONT_DOOR = [{ targetGroupArn: TARGET_GROUP, containerName: 'app', containerPort: 8080 }];

/** The service as DescribeServices answers it. */
export async function service(account: TestAccount, name = 'web'): Promise<Answer> {
  return (await account.call('DescribeServices', { cluster: 'test', services: [name] })).services[0];
}

/** Waits until the service's last event says that it is steady. */
export async function steady(account: TestAccount, name = 'web'): Promise<Answer> {
  return account.until(`${name} to be steady`, async () => {
    const found = await service(account, name);
    return found?.events[0]?.message.endsWith('has reached a steady state.') && found;
  });
}
