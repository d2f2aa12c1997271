import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExecutionError, StateMachine as LocalStateMachine } from 'aws-local-stepfunctions';
import { vi } from 'vitest';
import { GENESIS } from '../../layers/core/audit.ts';
import type { StepInput } from '../../layers/core/step.ts';
import { randomFor } from '../../sandbox/load/random.ts';
import { Clock } from '../../simulator/core/clock.ts';
import { StateMachine, healDefinition } from '../../simulator/core/states.ts';

export interface AslState {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Choices?: readonly { readonly Variable: string; readonly StringEquals: string; readonly Next: string }[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly ResultPath: string;
    readonly Next: string;
  }[];
  readonly Retry?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly MaxAttempts: number;
    readonly JitterStrategy: string;
  }[];
  readonly Parameters?: Readonly<Record<string, unknown>>;
}

export interface Asl {
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, AslState>>;
}

export const APPROVAL_TIMEOUT = 3600;
const file = join(import.meta.dirname, '..', '..', 'statemachines', 'heal.asl.json');

/** The definition as it stands in the file, placeholders and all. */
export const source = readFileSync(file, 'utf8');

/** The definition as it is deployed: function ARNs in place, the approval's timeout a number. */
export const asl = JSON.parse(
  source
    .replace('"${ApprovalTimeoutSeconds}"', String(APPROVAL_TIMEOUT))
    .replace(/\$\{(\w+)Arn\}/g, (_, name: string) => `arn:aws:lambda:eu-west-1:111122223333:function:${name}:1`),
) as Asl;

export const taskStates = Object.entries(asl.States)
  .filter(([, { Type }]) => Type === 'Task')
  .map(([name]) => name);

/** A question that nobody answers. */
export const NEVER = Symbol('never');

/** What a state does each time it is entered: a verdict, or an error that its function throws, or no answer. */
export type Act =
  | string
  | Error
  | typeof NEVER
  | { readonly verdict: string; readonly because?: string; readonly waitSeconds?: number };
export type Script = Readonly<Record<string, readonly Act[]>>;

export interface Run {
  /** Task states in the order they were entered, once a call: a retry stands there again. */
  readonly calls: readonly string[];
  readonly inputs: readonly { readonly state: string; readonly payload: StepInput & { readonly taskToken?: string } }[];
  /** Set when the execution failed: the error's name. */
  readonly error?: string;
  /** Calls that the script did not foresee: a test is only sound when there are none. */
  readonly unforeseen: readonly string[];
}

export const first: StepInput = {
  schema: 1,
  incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
  step: 0,
  attempt: 0,
  looks: 0,
  verdict: 'opened',
  because: '',
  waitSeconds: 0,
  failure: '',
  auditHead: GENESIS,
};

/** What a script makes of the functions: notes each call, and answers as its next act says. */
class Actor {
  readonly calls: string[] = [];
  readonly inputs: { readonly state: string; readonly payload: Payload }[] = [];
  readonly unforeseen: string[] = [];
  readonly #left: ReadonlyMap<string, Act[]>;

  constructor(script: Script) {
    this.#left = new Map(Object.entries(script).map(([state, acts]) => [state, [...acts]]));
  }

  /** @throws what the act says; NEVER: there is no answer */
  act(state: string, payload: Payload): StepInput | typeof NEVER {
    this.calls.push(state);
    this.inputs.push({ state, payload });
    const act = this.#left.get(state)?.shift();
    if (act === undefined) {
      this.unforeseen.push(state);
      throw new Error(`the script has no act for ${state}`);
    }
    if (act instanceof Error) throw act;
    if (act === NEVER) return NEVER;
    const { verdict, because = '', waitSeconds = 0 } = typeof act === 'string' ? { verdict: act } : act;
    const { taskToken: _, ...before } = payload;
    return { ...before, step: before.step + 1, verdict, because, waitSeconds };
  }

  run(error: string | undefined): Run {
    const { calls, inputs, unforeseen } = this;
    return { calls, inputs, unforeseen, ...(error !== undefined && { error }) };
  }
}

type Payload = Run['inputs'][number]['payload'];

/** Runs a script to its end, waits and retries in virtual time. */
export type Engine = (script: Script) => Promise<Run>;

/** aws-local-stepfunctions, written by others. Every Task state has a local handler. */
const aslLocal: Engine = async (script) => {
  const actor = new Actor(script);
  const handler = (state: string) => async (given: { Payload: Payload }) => {
    const output = actor.act(state, given.Payload);
    if (output === NEVER) return new Promise(() => undefined);
    return state === 'AwaitApproval' ? output : { Payload: output, StatusCode: 200 };
  };
  vi.useFakeTimers();
  try {
    const machine = new LocalStateMachine(structuredClone(asl) as never, { validationOptions: { noValidate: true } });
    const execution = machine.run(first as never, {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(taskStates.map((state) => [state, handler(state)])) as never,
      },
      context: { Task: { Token: 'token' } } as never,
    });
    let over = false;
    const ended = execution.result.then(() => undefined, wrapped).finally(() => (over = true));
    while (!over) await vi.advanceTimersByTimeAsync(60_000);
    return actor.run(await ended);
  } finally {
    vi.useRealTimers();
  }
};

/** The library wraps the error that a Fail state names. */
function wrapped(error: unknown): string {
  const inner = error instanceof ExecutionError ? error.cause : error;
  return inner instanceof Error ? inner.name : String(inner);
}

/** The simulator's own. A person answers through the task token as soon as the question is put. */
const simulated: Engine = async (script) => {
  const actor = new Actor(script);
  const clock = new Clock('2026-03-01T12:00:00.000Z');
  const machine: StateMachine = new StateMachine({
    clock,
    random: randomFor(1, 'jitter'),
    stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal',
    definition: healDefinition(APPROVAL_TIMEOUT),
    invoke: async (_, given, { state }) => {
      const payload = given as unknown as Payload;
      const output = actor.act(state, payload);
      if (payload.taskToken === undefined) return output === NEVER ? new Promise(() => undefined) : output;
      const { taskToken } = payload;
      if (output !== NEVER) clock.after(1, () => machine.sendTaskSuccess(taskToken, output));
      return null;
    },
  });
  machine.start(first.incidentId, first);
  await clock.run();
  const { status, error } = machine.describe(first.incidentId) ?? {};
  if (status !== 'SUCCEEDED' && status !== 'FAILED') throw new Error(`the execution is ${status}`);
  return actor.run(error);
};

export const ENGINES = { 'aws-local-stepfunctions': aslLocal, simulator: simulated } as const;
export type EngineName = keyof typeof ENGINES;
