import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidOutput,
  InvalidToken,
  StateMachineDoesNotExist,
  TaskTimedOut,
  type DescribeExecutionInput,
  type SendTaskFailureInput,
  type SendTaskSuccessInput,
  type StartExecutionInput,
  type StopExecutionInput,
} from '@aws-sdk/client-sfn';
import type { Arn } from '../../layers/core/arn.ts';
import type { AwsCommand } from '../../layers/core/aws.ts';
import type { Ratio } from '../../layers/core/units.ts';
import { operationOf } from '../../layers/runtime/calls.ts';
import type { Clock } from './clock.ts';
import { NotSimulated } from './not-simulated.ts';
import { json, type Json } from './states/data.ts';
import { parseDefinition, type Definition } from './states/definition.ts';
import { StateError } from './states/errors.ts';
import { Execution, type Description, type HistoryEvent, type Status } from './states/execution.ts';
import { walk, type Invoke, type Tokens } from './states/walk.ts';

export { healDefinition } from './states/definition.ts';
export type { Invoke } from './states/walk.ts';

/** The detail of EventBridge's "Step Functions Execution Status Change". */
export interface StatusChange {
  readonly executionArn: Arn;
  readonly stateMachineArn: Arn;
  readonly name: string;
  readonly status: Status;
  readonly error?: string;
  readonly cause?: string;
}

export interface StatesOptions {
  readonly clock: Clock;
  /** Jitter of retries. */
  readonly random: () => Ratio;
  readonly stateMachineArn: Arn;
  readonly definition: Definition;
  readonly invoke: Invoke;
  /** Told of each change: AWS delivers these events with best effort only. */
  readonly onStatus?: (change: StatusChange) => void;
}

type TokenAnswer = { readonly output: Json } | { readonly failed: StateError };
const $metadata = { httpStatusCode: 400 };

/** A state machine of Step Functions, type Standard, in virtual time. Executions are kept for good. */
export class StateMachine {
  readonly #options: StatesOptions;
  readonly #executions = new Map<string, Execution>();
  readonly #waiting = new Map<string, (answer: TokenAnswer) => void>();
  #tokens = 0;

  /** @throws NotSimulated when the definition is beyond what is simulated */
  constructor(options: StatesOptions) {
    this.#options = { ...options, definition: parseDefinition(options.definition) };
  }

  /**
   * Its first state is entered when the clock runs on.
   * @throws ExecutionAlreadyExists when one of this name has ended, or runs with another input; the same again is the same
   */
  start(name: string, input: unknown): Description {
    const before = this.#executions.get(name);
    if (before?.isRunning && JSON.stringify(before.input) === JSON.stringify(json(input))) return before.describe();
    if (before)
      throw new ExecutionAlreadyExists({ $metadata, message: `Execution Already Exists: '${this.#arnOf(name)}'` });
    const { clock, definition } = this.#options;
    const execution = new Execution(name, input, clock, (ended) => this.#tell(ended));
    this.#executions.set(name, execution);
    this.#tell(execution);
    const { TimeoutSeconds } = definition;
    if (TimeoutSeconds !== undefined)
      execution.after(TimeoutSeconds, () => execution.end({ status: 'TIMED_OUT', error: 'States.Timeout' }));
    execution.after(0, () => this.#walk(execution));
    return execution.describe();
  }

  /** Aborts an execution; its functions go on. One that has ended stays as it is. */
  stop(name: string, error?: string, cause?: string): void {
    this.#executionOf(name).end({
      status: 'ABORTED',
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    });
  }

  /** Undefined: there is none of this name. */
  describe(name: string): Description | undefined {
    return this.#executions.get(name)?.describe();
  }

  /** What happened, the first first. @throws ExecutionDoesNotExist */
  history(name: string): readonly HistoryEvent[] {
    return this.#executionOf(name).history;
  }

  get names(): readonly string[] {
    return [...this.#executions.keys()];
  }

  /** @throws TaskTimedOut when nobody waits any more, InvalidToken when nobody ever did */
  sendTaskSuccess(token: string, output: unknown): void {
    this.#answerTask(token, { output: json(output) });
  }

  /** @throws TaskTimedOut when nobody waits any more, InvalidToken when nobody ever did */
  sendTaskFailure(token: string, error: string, cause = ''): void {
    this.#answerTask(token, { failed: new StateError(error, cause) });
  }

  /** Answers a command of the Step Functions client. @throws what AWS throws; NotSimulated for other commands */
  answer(command: AwsCommand<unknown>): unknown {
    const operation = operationOf(command);
    const { input } = command;
    switch (operation) {
      case 'StartExecution':
        return this.#startFor(input as StartExecutionInput);
      case 'DescribeExecution':
        return this.#describeFor(input as DescribeExecutionInput);
      case 'StopExecution': {
        const { executionArn, error, cause } = input as StopExecutionInput;
        this.stop(nameOf(executionArn), error, cause);
        return { stopDate: new Date(this.#options.clock.now()) };
      }
      case 'SendTaskSuccess': {
        const { taskToken = '', output = '' } = input as SendTaskSuccessInput;
        this.sendTaskSuccess(taskToken, parsed(output));
        return {};
      }
      case 'SendTaskFailure': {
        const { taskToken = '', error = '', cause } = input as SendTaskFailureInput;
        this.sendTaskFailure(taskToken, error, cause);
        return {};
      }
      default:
        throw new NotSimulated(`the simulator's Step Functions does not answer ${operation}`);
    }
  }

  #startFor({ stateMachineArn, name, input = '{}' }: StartExecutionInput): object {
    if (stateMachineArn !== this.#options.stateMachineArn)
      throw new StateMachineDoesNotExist({ $metadata, message: `State Machine Does Not Exist: '${stateMachineArn}'` });
    if (!name) throw new NotSimulated('executions without a name are not simulated');
    const { startedAt } = this.start(name, JSON.parse(input));
    return { executionArn: this.#arnOf(name), startDate: new Date(startedAt) };
  }

  #describeFor({ executionArn }: DescribeExecutionInput): object {
    const { name, status, input, output, error, cause, startedAt, stoppedAt } = this.#executionOf(
      nameOf(executionArn),
    ).describe();
    return {
      executionArn: this.#arnOf(name),
      stateMachineArn: this.#options.stateMachineArn,
      name,
      status,
      startDate: new Date(startedAt),
      input: JSON.stringify(input),
      ...(stoppedAt && { stopDate: new Date(stoppedAt) }),
      ...(output !== undefined && { output: JSON.stringify(output) }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    };
  }

  #walk(execution: Execution): Promise<void> {
    const { definition, invoke, random } = this.#options;
    const tokens: Tokens = {
      open: (settle) => {
        const token = `${execution.name}-${++this.#tokens}`;
        this.#waiting.set(token, settle);
        return token;
      },
      close: (token) => void this.#waiting.delete(token),
    };
    return walk(execution, { definition, invoke, random, tokens });
  }

  #answerTask(token: string, answer: TokenAnswer): void {
    const settle = this.#waiting.get(token);
    const number = Number(/-(\d+)$/.exec(token)?.[1] ?? Infinity);
    if (number > this.#tokens) throw new InvalidToken({ $metadata, message: `Invalid Token: '${token}'` });
    const isHeard = settle !== undefined && this.#executions.get(token.slice(0, token.lastIndexOf('-')))?.isRunning;
    if (!isHeard)
      throw new TaskTimedOut({ $metadata, message: `Task Timed Out: 'Provided task does not exist anymore'` });
    settle(answer);
  }

  #executionOf(name: string): Execution {
    const execution = this.#executions.get(name);
    if (execution) return execution;
    throw new ExecutionDoesNotExist({ $metadata, message: `Execution Does Not Exist: '${this.#arnOf(name)}'` });
  }

  #arnOf = (name: string): Arn => `${this.#options.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

  #tell(execution: Execution): void {
    const { name, status, error, cause } = execution.describe();
    this.#options.onStatus?.({
      executionArn: this.#arnOf(name),
      stateMachineArn: this.#options.stateMachineArn,
      name,
      status,
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    });
  }
}

const nameOf = (executionArn = ''): string => executionArn.split(':').at(-1) ?? '';

function parsed(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    throw new InvalidOutput({ $metadata, message: 'Invalid Output: the output is not JSON' });
  }
}
