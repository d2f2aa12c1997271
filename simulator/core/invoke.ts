import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { TABLES, tableEnv, type Table } from '../../layers/core/tables.ts';
import { addSeconds, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { WatchPolicy } from '../../layers/core/watch-policy.ts';
import { withRuntime, type Call, type Runtime } from '../../layers/runtime/runtime.ts';
import { actions } from '../../functions/recover/actions.generated.ts';
import type { Clock } from './clock.ts';
import { NotSimulated } from './not-simulated.ts';

/** One run of a function. */
export interface Invocation {
  readonly requestId: string;
  readonly functionName: FunctionName;
  readonly payload: unknown;
  /** When it is killed. */
  readonly deadline: Instant;
  /** Ends its process now (SIGKILL): nothing of it goes on, and its caller is told of the exit. */
  readonly kill: () => void;
}

/** What a function failed with, as Lambda tells its caller: the name is the error's type. */
export class FunctionError extends Error {
  constructor(errorType: string, errorMessage: string) {
    super(errorMessage);
    this.name = errorType;
  }
}

export interface FunctionsOptions {
  readonly clock: Clock;
  readonly runtime: Omit<Runtime, 'call'>;
  /** Answers what functions ask of AWS: how long it takes, and whether it works, is decided here. */
  readonly call: (call: Call, from: Invocation) => Promise<unknown>;
  /** How far the clock of a function's host is from the true time; default not at all. */
  readonly skew?: (functionName: FunctionName) => Seconds;
  /** The functions' environment (see `environmentOf`). It is the process's: one deployment at a time. */
  readonly environment: Readonly<Record<string, string>>;
}

type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** The functions of the stack, run in this process by the code that is deployed. */
export class Functions {
  readonly #handlers: ReadonlyMap<FunctionName, Handler>;
  readonly #options: FunctionsOptions;

  private constructor(handlers: ReadonlyMap<FunctionName, Handler>, options: FunctionsOptions) {
    this.#handlers = handlers;
    this.#options = options;
  }

  static async load(options: FunctionsOptions): Promise<Functions> {
    Object.assign(process.env, options.environment, QUIET);
    const handlers = new Map<FunctionName, Handler>();
    for (const name of Object.keys(FUNCTIONS) as FunctionName[]) handlers.set(name, await handlerOf(name));
    return new Functions(handlers, options);
  }

  /**
   * Runs a function with a copy of the payload, and answers a copy of what it answers.
   * @throws FunctionError with what the function threw, or `Sandbox.Timedout` when its time was over: it is then killed,
   * so that nothing of it goes on, and what it had asked of AWS is answered to nobody
   */
  async invoke(functionName: string, payload: unknown): Promise<unknown> {
    const { clock, runtime } = this.#options;
    const handler = this.#handlers.get(functionName as FunctionName);
    if (!handler) throw new NotSimulated(`there is no function ${functionName}`);
    const spec = FUNCTIONS[functionName as FunctionName];
    const budget = spec.timeout.toSeconds();
    const about = {
      requestId: runtime.uuid(),
      functionName: functionName as FunctionName,
      payload: copyOf(payload),
      deadline: addSeconds(clock.now(), budget),
    };
    return this.#within(budget, about.requestId, (isAlive, kill) => {
      const invocation: Invocation = { ...about, kill };
      return withRuntime(this.#runtimeOf(invocation, isAlive), () =>
        handler(invocation.payload, contextOf(invocation, clock, clock.milliseconds + budget * 1000)),
      );
    });
  }

  #within(
    budget: Seconds,
    requestId: string,
    run: (isAlive: () => boolean, kill: () => void) => Promise<unknown>,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let isAlive = true;
      const end = (errorType: string, why: string) => {
        isAlive = false;
        outOfTime.cancel();
        reject(new FunctionError(errorType, `RequestId: ${requestId} Error: ${why}`));
      };
      const outOfTime = this.#options.clock.after(budget, () =>
        end('Sandbox.Timedout', `Task timed out after ${budget.toFixed(2)} seconds`),
      );
      const kill = () => isAlive && end('Runtime.ExitError', 'Runtime exited with error: signal: killed');
      run(() => isAlive, kill)
        .finally(() => outOfTime.cancel())
        .then(
          (answer) => resolve(copyOf(answer)),
          (error: unknown) => reject(thrown(error)),
        );
    });
  }

  /** Whatever a killed function waits for never comes. */
  #runtimeOf(invocation: Invocation, isAlive: () => boolean): Runtime {
    const { runtime, call, clock, skew = () => 0 } = this.#options;
    const forTheLiving = <T>(begin: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        if (!isAlive()) return;
        begin().then(
          (answer) => isAlive() && resolve(answer),
          (error: unknown) => {
            if (error instanceof NotSimulated) clock.fail(error);
            else if (isAlive()) reject(error as Error);
          },
        );
      });
    return {
      ...runtime,
      now: () => addSeconds(runtime.now(), skew(invocation.functionName)),
      sleep: (time) => forTheLiving(() => runtime.sleep(time)),
      call: <T>(made: Call) => forTheLiving(async () => (await call(made, invocation)) as T),
    };
  }
}

/** Powertools writes logs and metrics to the process's output, where thousands of incidents a minute drown everything. */
const QUIET = { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true', POWERTOOLS_DEV: 'false' };

const ROOT = join(import.meta.dirname, '..', '..', 'functions');

async function handlerOf(name: FunctionName): Promise<Handler> {
  const { folder, ...spec } = FUNCTIONS[name];
  const file = join(ROOT, folder, 'file' in spec ? spec.file : 'handler.ts');
  const { handler } = (await import(pathToFileURL(file).href)) as { handler?: Handler };
  if (handler) return handler;
  throw new NotSimulated(`${file} must export handler`);
}

function contextOf({ requestId, functionName }: Invocation, clock: Clock, killedAt: number): Context {
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '1',
    invokedFunctionArn: functionName,
    memoryLimitInMB: String(FUNCTIONS[functionName].memory),
    logGroupName: functionName,
    logStreamName: functionName,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => killedAt - clock.milliseconds,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

const copyOf = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

function thrown(error: unknown): Error {
  if (error instanceof NotSimulated) return error;
  return error instanceof Error
    ? new FunctionError(error.name, error.message)
    : new FunctionError('Error', String(error));
}

export interface Deployment {
  readonly accountId: string;
  readonly region: string;
  /** What differs from the default policy. */
  readonly policy?: Partial<Policy>;
  /** Names of the actions that have a role; default all. */
  readonly actions?: readonly string[];
  /** What differs from the default of watching. */
  readonly watch?: Partial<WatchPolicy>;
}

/** The queue of resources that are due to be watched. */
export const WATCH_QUEUE = 'watches';

export const healArnOf = ({ region, accountId }: Deployment): string =>
  `arn:aws:states:${region}:${accountId}:stateMachine:prunella-heal`;

/** What the stack puts into its functions' environment, all of it for all of them. */
export function environmentOf(deployment: Deployment): Record<string, string> {
  const { accountId, region, policy = {}, watch = {}, actions: names = Object.keys(actions) } = deployment;
  const role = (name: string) => `arn:aws:iam::${accountId}:role/prunella-${name}`;
  return {
    ...Object.fromEntries(Object.keys(TABLES).map((table) => [tableEnv(table as Table), table])),
    AWS_REGION: region,
    ACCOUNT_ID: accountId,
    HEAL_ARN: healArnOf(deployment),
    TOPIC_ARN: `arn:aws:sns:${region}:${accountId}:prunella-operators`,
    READER_ROLE_ARN: role('reader'),
    ACTION_ROLES: JSON.stringify(Object.fromEntries(names.map((name) => [name, role(name)]))),
    PRUNELLA_POLICY: JSON.stringify(policy),
    PRUNELLA_WATCH: JSON.stringify(watch),
    WATCH_QUEUE_URL: WATCH_QUEUE,
  };
}
