import type { Ratio, Seconds } from '../../../layers/core/units.ts';
import { NotSimulated } from '../not-simulated.ts';
import { at, filled, json, placed, type Json } from './data.ts';
import type { Definition, Retrier, State, TaskState } from './definition.ts';
import { isNamed, StateError, taskError } from './errors.ts';
import type { Execution } from './execution.ts';

/** Who called a function. */
export interface CallerState {
  readonly execution: string;
  readonly state: string;
}
export type Invoke = (functionName: string, payload: Json, from: CallerState) => Promise<unknown>;

/** Tasks that wait for their token. */
export interface Tokens {
  /** A new token; `settle` is called with its answer, if one comes. */
  open(settle: (answer: { readonly output: Json } | { readonly failed: StateError }) => void): string;
  close(token: string): void;
}

export interface Surroundings {
  readonly definition: Definition;
  readonly invoke: Invoke;
  readonly random: () => Ratio;
  readonly tokens: Tokens;
}

/** Goes from state to state until the execution ends. When it is ended from outside, this never comes back. */
export async function walk(execution: Execution, surroundings: Surroundings): Promise<void> {
  const { StartAt, States } = surroundings.definition;
  try {
    let step: Step | undefined = { next: StartAt, data: execution.input };
    while (step) step = await enter(execution, step.next, States[step.next]!, step.data, surroundings);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    execution.end({ status: 'FAILED', error: error.error, cause: error.cause });
  }
}

interface Step {
  readonly next: string;
  readonly data: Json;
}

async function enter(
  execution: Execution,
  name: string,
  state: State,
  data: Json,
  surroundings: Surroundings,
): Promise<Step | undefined> {
  const record = (what: string, details: object = {}) =>
    execution.record(`${state.Type}State${what}`, { state: name, ...details });
  record('Entered', { data });
  if (state.Type === 'Fail') {
    execution.end({ status: 'FAILED', error: state.Error, cause: state.Cause });
    return undefined;
  }
  const step = await through(execution, name, state, data, surroundings);
  record('Exited', { data: step?.data ?? data });
  if (!step) execution.end({ status: 'SUCCEEDED', output: data });
  return step;
}

async function through(
  execution: Execution,
  name: string,
  state: Exclude<State, { Type: 'Fail' }>,
  data: Json,
  surroundings: Surroundings,
): Promise<Step | undefined> {
  switch (state.Type) {
    case 'Succeed':
      return undefined;
    case 'Choice':
      return { next: chosen(state, data), data };
    case 'Wait':
      await execution.pause(secondsAt(data, state.SecondsPath));
      return { next: state.Next, data };
    case 'Pass': {
      const result = state.Parameters ? filled(state.Parameters, data, undefined) : data;
      return { next: state.Next, data: at(placed(data, state.ResultPath, result), state.OutputPath, 'OutputPath') };
    }
    case 'Task':
      return task(execution, name, state, data, surroundings);
  }
}

function chosen({ Choices, Default }: Extract<State, { Type: 'Choice' }>, data: Json): string {
  const choice = Choices.find(({ Variable, StringEquals }) => at(data, Variable, 'Variable') === StringEquals);
  if (choice) return choice.Next;
  if (Default !== undefined) return Default;
  throw new StateError('States.NoChoiceMatched', 'no choice matched, and there is no Default');
}

function secondsAt(data: Json, path: string): Seconds {
  const value = at(data, path, 'SecondsPath');
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new StateError(
    'States.Runtime',
    `The SecondsPath parameter does not reference a non-negative integer: ${path} = ${JSON.stringify(value)}`,
  );
}

/** Tries until it succeeds, is caught, or fails. Every retrier counts for itself. */
async function task(
  execution: Execution,
  name: string,
  state: TaskState,
  data: Json,
  surroundings: Surroundings,
): Promise<Step> {
  const tried = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = await attempt(execution, name, state, data, surroundings);
      return { next: state.Next, data: at(placed(data, state.ResultPath, result), state.OutputPath, 'OutputPath') };
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const retrier = state.Retry.find(({ ErrorEquals }) => isNamed(ErrorEquals, error.error));
      const times = retrier ? (tried.get(retrier) ?? 0) : 0;
      if (retrier && times < retrier.MaxAttempts) {
        tried.set(retrier, times + 1);
        await execution.pause(delay(retrier, times, surroundings.random));
        continue;
      }
      const catcher = state.Catch.find(({ ErrorEquals }) => isNamed(ErrorEquals, error.error));
      if (!catcher) throw error;
      return { next: catcher.Next, data: placed(data, catcher.ResultPath, { Error: error.error, Cause: error.cause }) };
    }
  }
}

function delay(
  { IntervalSeconds, BackoffRate, MaxDelaySeconds = Infinity, JitterStrategy }: Retrier,
  times: number,
  random: () => Ratio,
): Seconds {
  const whole = Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** times);
  return JitterStrategy === 'FULL' ? random() * whole : whole;
}

/** One call of the function. What answers after the state has given up is not heard; the function is not stopped. */
function attempt(
  execution: Execution,
  name: string,
  state: TaskState,
  data: Json,
  { invoke, tokens }: Surroundings,
): Promise<Json> {
  const waits = state.Resource.endsWith('.waitForTaskToken');
  return new Promise((resolve, reject) => {
    let isOver = false;
    const settle = (type: string, details: { error?: string; data?: Json }, then: () => void): void => {
      if (isOver || !execution.isRunning) return;
      isOver = true;
      timer?.cancel();
      if (token !== undefined) tokens.close(token);
      try {
        execution.record(type, { state: name, ...details });
        then();
      } catch (error) {
        reject(error as Error);
      }
    };
    const fail = (error: StateError, type = 'TaskFailed') => settle(type, { error: error.error }, () => reject(error));
    const succeed = (result: Json) => settle('TaskSucceeded', { data: result }, () => resolve(result));
    const token = waits
      ? tokens.open((answer) => ('output' in answer ? succeed(answer.output) : fail(answer.failed)))
      : undefined;
    const payload = json(filled(state.Parameters.Payload, data, token));
    execution.record('TaskScheduled', { state: name, data: payload });
    const timer =
      state.TimeoutSeconds === undefined
        ? undefined
        : execution.after(state.TimeoutSeconds, () =>
            fail(
              new StateError('States.Timeout', `the task took longer than ${state.TimeoutSeconds} s`),
              'TaskTimedOut',
            ),
          );
    execution.record('TaskStarted', { state: name });
    invoke(state.Parameters.FunctionName, payload, { execution: execution.name, state: name })
      .then(
        (answer) => {
          if (!waits) return answered(answer, succeed, fail);
          if (!isOver && execution.isRunning) execution.record('TaskSubmitted', { state: name });
        },
        (error: unknown) => (error instanceof NotSimulated ? reject(error) : fail(taskError(error))),
      )
      .catch(reject);
  });
}

/** The integration's answer around the function's; only what is read of it is made. */
function answered(answer: unknown, succeed: (result: Json) => void, fail: (error: StateError) => void): void {
  try {
    succeed({ ExecutedVersion: '1', Payload: json(answer), StatusCode: 200 });
  } catch (error) {
    fail(taskError(error));
  }
}
