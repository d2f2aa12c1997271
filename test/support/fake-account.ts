import type { Aws, AwsClient, AwsCommand } from '../../layers/core/aws.ts';

type Fields = Record<string, unknown>;

/** A task definition revision, service, parameter and alias kept in memory, answering the commands the actions send. */
export interface FakeAccount {
  readonly aws: Aws;
  /** All that can be changed, for comparing before and after. */
  readonly state: {
    service: Fields & { taskDefinition: string; desiredCount: number; deployments: Fields[] };
    revisions: Map<string, Fields>;
    parameter: { Version: number; Value: string; Type: string }[];
    alias: Fields & { FunctionVersion: string };
    scalable: { min: number; max: number } | undefined;
    stopped: Set<string>;
  };
  /** Names of the commands that change something, in the order they were sent. */
  readonly writes: string[];
  /** Called before a command is answered; may change the state, or throw. */
  before: (name: string) => void;
}

export const ARNS = {
  service: 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api',
  task: (n: number) => `arn:aws:ecs:eu-west-1:111122223333:task/prod/${n}`,
  revision: (n: number) => `arn:aws:ecs:eu-west-1:111122223333:task-definition/api:${n}`,
  parameter: 'arn:aws:ssm:eu-west-1:111122223333:parameter/api/limit',
  alias: 'arn:aws:lambda:eu-west-1:111122223333:function:quote:live',
  role: 'arn:aws:iam::111122223333:role/api-task',
} as const;

const READS = /^(Describe|Get|List)/;

/** A healthy account: service `prod/api` on revision 7, parameter at version 3, alias on version 5. */
export function fakeAccount(): FakeAccount {
  let deployments = 1;
  const state: FakeAccount['state'] = {
    service: {
      serviceArn: ARNS.service,
      status: 'ACTIVE',
      taskDefinition: ARNS.revision(7),
      desiredCount: 4,
      runningCount: 4,
      schedulingStrategy: 'REPLICA',
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
      deployments: [
        { id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED', taskDefinition: ARNS.revision(7) },
      ],
    },
    revisions: new Map([6, 7].map((n) => [ARNS.revision(n), revision(n, 512)])),
    parameter: [1, 2, 3].map((Version) => ({ Version, Value: `value-${Version}`, Type: 'String' })),
    alias: { FunctionVersion: '5', RoutingConfig: {}, RevisionId: 'r1' },
    scalable: undefined,
    stopped: new Set(),
  };
  const writes: string[] = [];
  const deploy = () => {
    deployments += 1;
    state.service.deployments = [
      {
        id: `ecs-svc/${deployments}`,
        status: 'PRIMARY',
        rolloutState: 'COMPLETED',
        taskDefinition: state.service.taskDefinition,
      },
    ];
  };
  const answers: Record<string, (input: Fields) => unknown> = {
    DescribeServices: () => ({ services: [structuredClone(state.service)] }),
    DescribeTaskDefinition: ({ taskDefinition }) => ({
      taskDefinition: findRevision(state.revisions, String(taskDefinition)),
    }),
    UpdateService(input) {
      const before = state.service.taskDefinition;
      if (input.taskDefinition) state.service.taskDefinition = String(input.taskDefinition);
      if (input.desiredCount !== undefined)
        Object.assign(state.service, { desiredCount: input.desiredCount, runningCount: input.desiredCount });
      if (input.forceNewDeployment || state.service.taskDefinition !== before) deploy();
      return { service: state.service };
    },
    RegisterTaskDefinition(input) {
      const n = state.revisions.size + 6;
      const made = { ...revision(n, 0), ...input };
      state.revisions.set(ARNS.revision(n), made);
      return { taskDefinition: made };
    },
    DescribeTasks: ({ tasks }) => ({
      tasks: (tasks as string[]).map((taskArn) => ({
        taskArn,
        group: 'service:api',
        lastStatus: state.stopped.has(taskArn) ? 'STOPPED' : 'RUNNING',
      })),
    }),
    StopTask: ({ task }) => state.stopped.add(String(task)),
    DescribeScalableTargets: () => ({
      ScalableTargets: state.scalable ? [{ MinCapacity: state.scalable.min, MaxCapacity: state.scalable.max }] : [],
    }),
    RegisterScalableTarget({ MinCapacity }) {
      state.scalable = { max: state.scalable?.max ?? 10, min: Number(MinCapacity) };
      return {};
    },
    GetParameterHistory: () => ({ Parameters: structuredClone(state.parameter) }),
    PutParameter({ Value, Type }) {
      state.parameter.push({ Version: state.parameter.length + 1, Value: String(Value), Type: String(Type) });
      return {};
    },
    GetAlias: () => structuredClone(state.alias),
    GetFunction: () => ({}),
    UpdateAlias: ({ FunctionVersion, RoutingConfig }) => Object.assign(state.alias, { FunctionVersion, RoutingConfig }),
    GetMetricStatistics: () => ({ Datapoints: Array.from({ length: 15 }, () => ({ Maximum: 10 })) }),
  };
  const account: FakeAccount = { aws: undefined as never, state, writes, before: () => undefined };
  const client: AwsClient = {
    async send<Output>(command: AwsCommand<Output>): Promise<Output> {
      const name = command.constructor.name.replace(/Command$/, '');
      const answer = answers[name];
      if (!answer) throw new Error(`the fake account answers no ${name}: add it where the others are`);
      account.before(name);
      if (!READS.test(name)) writes.push(name);
      return answer(command.input as Fields) as Output;
    },
  };
  return Object.assign(account, { aws: new Proxy({}, { get: () => client }) as Aws });
}

function revision(n: number, memory: number): Fields {
  return {
    taskDefinitionArn: ARNS.revision(n),
    family: 'api',
    revision: n,
    status: 'ACTIVE',
    cpu: '256',
    memory: '512',
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions: [{ name: 'api', memory }],
  };
}

function findRevision(revisions: Map<string, Fields>, name: string): Fields | undefined {
  return revisions.get(name) ?? [...revisions.values()].at(-1);
}
