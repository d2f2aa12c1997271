import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExecutionError, StateMachine } from 'aws-local-stepfunctions';
import { GENESIS } from '../../layers/core/audit.ts';
import type { StepInput } from '../../layers/core/step.ts';

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

/** Runs the machine in process. Every Task state has a local handler; one that the script does not name is noted. */
export async function play(script: Script, input: StepInput = first): Promise<Run> {
  const calls: string[] = [];
  const inputs: { state: string; payload: StepInput }[] = [];
  const unforeseen: string[] = [];
  const left = new Map(Object.entries(script).map(([state, acts]) => [state, [...acts]]));
  const handler = (state: string) => async (given: { Payload: StepInput }) => {
    calls.push(state);
    inputs.push({ state, payload: given.Payload });
    const act = left.get(state)?.shift();
    if (act === undefined) {
      unforeseen.push(state);
      throw new Error(`the script has no act for ${state}`);
    }
    if (act instanceof Error) throw act;
    if (act === NEVER) return new Promise(() => undefined);
    const {
      verdict,
      because = '',
      waitSeconds = 0,
    } = typeof act === 'string' ? { verdict: act, because: undefined, waitSeconds: undefined } : act;
    const output = { ...given.Payload, step: given.Payload.step + 1, verdict, because, waitSeconds };
    return state === 'AwaitApproval' ? output : { Payload: output, StatusCode: 200 };
  };
  const machine = new StateMachine(structuredClone(asl) as never, { validationOptions: { noValidate: true } });
  const execution = machine.run(input as never, {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(taskStates.map((state) => [state, handler(state)])) as never,
    },
    context: { Task: { Token: 'token' } } as never,
  });
  try {
    await execution.result;
    return { calls, inputs, unforeseen };
  } catch (error) {
    return { calls, inputs, unforeseen, error: wrapped(error) };
  }
}

/** The library wraps the error that a Fail state names. */
function wrapped(error: unknown): string {
  const inner = error instanceof ExecutionError ? error.cause : error;
  return inner instanceof Error ? inner.name : String(inner);
}
