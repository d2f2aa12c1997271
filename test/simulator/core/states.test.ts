import {
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../../infra/functions.ts';
import { Clock } from '../../../simulator/core/clock.ts';
import { FunctionError } from '../../../simulator/core/invoke.ts';
import { StateMachine, healDefinition, type Invoke, type StatusChange } from '../../../simulator/core/states.ts';
import { randomFor } from '../../../sandbox/load/random.ts';
import { APPROVAL_TIMEOUT, first } from '../../statemachines/machine.ts';

const START = '2026-03-01T12:00:00.000Z';
const ARN = 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal';
const name = first.incidentId;

interface Setting {
  readonly invoke?: Invoke;
  readonly definition?: unknown;
  readonly random?: () => number;
}

function aMachine({
  invoke = () => new Promise(() => undefined),
  definition = healDefinition(APPROVAL_TIMEOUT),
  random = () => 0.5,
}: Setting = {}) {
  const clock = new Clock(START);
  const changes: StatusChange[] = [];
  const machine = new StateMachine({
    clock,
    random,
    stateMachineArn: ARN,
    definition: definition as never,
    invoke,
    onStatus: (change) => changes.push(change),
  });
  const seconds = () => (Date.parse(clock.now()) - Date.parse(START)) / 1000;
  return { clock, machine, changes, seconds };
}

/** Answers like the functions: each state's verdicts in turn, the last one for good. */
function says(
  verdicts: Readonly<Record<string, readonly (string | Error)[]>>,
  called: (state: string) => void = () => undefined,
): Invoke {
  const left = new Map(Object.entries(verdicts).map(([state, list]) => [state, [...list]]));
  return async (_, payload, { state }) => {
    called(state);
    const list = left.get(state) ?? [];
    const verdict = list.length > 1 ? list.shift() : list[0];
    if (verdict === undefined) throw new Error(`nothing is said for ${state}`);
    if (verdict instanceof Error) throw verdict;
    return { ...(payload as object), verdict };
  };
}

const failing = (errorType: string) => new FunctionError(errorType, 'it failed');

describe('time', () => {
  test('a task that does not answer is given up after its timeout and tried again, then caught', async () => {
    const calls: [string, number][] = [];
    const { clock, machine, seconds } = aMachine({
      invoke: async (_, payload, { state }) => {
        calls.push([state, seconds()]);
        if (state === 'Detect') return new Promise(() => undefined);
        return { ...(payload as object), verdict: state === 'Escalate' ? 'escalated' : 'closed' };
      },
    });

    machine.start(name, first);
    await clock.run();

    // 75 s each; between them half of 2, 4 and 8 s.
    expect(calls).toEqual([['Detect', 0], ['Detect', 76], ['Detect', 153], ['Detect', 232], ['Escalate', 307], ['Close', 307]]); // prettier-ignore
    expect(machine.describe(name)).toMatchObject({ status: 'SUCCEEDED' });
    const told = machine.history(name).find(({ type, state }) => type === 'TaskScheduled' && state === 'Escalate');
    expect(JSON.parse(told?.data ?? '')).toMatchObject({ because: 'our-fault', failure: { Error: 'States.Timeout' } });
  });

  test('retries wait a seeded share of a delay that doubles up to its limit; each retrier counts for itself', async () => {
    const at: number[] = [];
    const { clock, machine, seconds } = aMachine({
      random: () => 0.999_999_999,
      invoke: says(
        { Detect: [failing('Lambda.TooManyRequestsException')], Escalate: ['escalated'], Close: ['closed'] },
        (state) => (state === 'Detect' ? at.push(Math.round(seconds())) : 0),
      ),
    });

    machine.start(name, first);
    await clock.run();

    expect(at).toEqual([0, 1, 3, 7, 15, 31]);
  });

  test('an approval that nobody gives is late after its timeout; an answer then is refused', async () => {
    let token = '';
    const others = says({
      Detect: ['gather'],
      Diagnose: ['diagnosed'],
      Decide: ['ask'],
      Escalate: ['escalated'],
      Close: ['closed'],
    });
    const { clock, machine, seconds } = aMachine({
      invoke: async (fn, payload, from) => {
        if (from.state !== 'AwaitApproval') return others(fn, payload, from);
        token = (payload as { taskToken: string }).taskToken;
        return null;
      },
    });

    machine.start(name, first);
    await clock.run();

    expect(seconds()).toBe(APPROVAL_TIMEOUT);
    const answer = () => machine.answer(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
    expect(answer).toThrow(expect.objectContaining({ name: 'TaskTimedOut' }));
    expect(() => machine.sendTaskSuccess(`${name}-99`, {})).toThrow(expect.objectContaining({ name: 'InvalidToken' }));
  });

  test('an execution that lasts longer than the machine allows times out, and says so', async () => {
    const { clock, machine, changes, seconds } = aMachine({
      invoke: async (_, payload) => ({ ...(payload as object), verdict: 'look', waitSeconds: 3600 }),
    });

    machine.start(name, first);
    await clock.run();

    expect(seconds()).toBe(172_800);
    expect(changes.map(({ status }) => status)).toEqual(['RUNNING', 'TIMED_OUT']);
  });

  test('a history of 25,000 events is the end', async () => {
    const { clock, machine } = aMachine({
      invoke: async (_, payload) => ({ ...(payload as object), verdict: 'look', waitSeconds: 5 }),
    });

    machine.start(name, first);
    await clock.run();

    expect(machine.describe(name)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(machine.history(name)).toHaveLength(25_001);
  });
});

describe('errors', () => {
  test.each(['States.Runtime', 'States.DataLimitExceeded'])('%s is neither tried again nor caught', async (error) => {
    let calls = 0;
    const { clock, machine, changes } = aMachine({ invoke: says({ Detect: [failing(error)] }, () => calls++) });

    machine.start(name, first);
    await clock.run();

    expect(calls).toBe(1);
    expect(changes.at(-1)).toMatchObject({ status: 'FAILED', error, name, stateMachineArn: ARN });
  });

  test('an answer without what the next state reads ends the execution', async () => {
    const { clock, machine } = aMachine({ invoke: async () => ({ incidentId: name }) });

    machine.start(name, first);
    await clock.run();

    expect(machine.describe(name)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  test('an answer of over 256 KiB ends the execution', async () => {
    const { clock, machine } = aMachine({
      invoke: async (_, payload) => ({ ...(payload as object), verdict: 'x'.repeat(262_144) }),
    });

    machine.start(name, first);
    await clock.run();

    expect(machine.describe(name)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test.each([
    ['a state of another type', { Type: 'Parallel', Next: 'b' }],
    ['a heartbeat', { ...healDefinition(60).States['Detect'], HeartbeatSeconds: 5 }],
    ['an intrinsic function', { Type: 'Pass', Parameters: { 'a.$': 'States.UUID()' }, Next: 'Done' }],
    ['a path with a filter', { Type: 'Wait', SecondsPath: '$.a[?(@.b)]', Next: 'Done' }],
    ['a state that is not there', { Type: 'Wait', SecondsPath: '$.a', Next: 'Nowhere' }],
  ])('%s is refused', (_, state) => {
    const definition = { StartAt: 'a', States: { ...healDefinition(60).States, a: state } };

    expect(() => aMachine({ definition })).toThrow(expect.objectContaining({ name: 'NotSimulated' }));
  });
});

describe('executions', () => {
  test('a name is one execution: the same again while it runs, refused when it has ended or differs', async () => {
    const { clock, machine } = aMachine({ invoke: says({ Detect: ['closing'], Close: ['closed'] }) });
    const start = (input: object = first) =>
      machine.answer(new StartExecutionCommand({ stateMachineArn: ARN, name, input: JSON.stringify(input) }));

    start();
    expect(() => start()).not.toThrow();
    expect(() => start({ other: 1 })).toThrow(expect.objectContaining({ name: 'ExecutionAlreadyExists' }));
    await clock.run();
    expect(() => start()).toThrow(expect.objectContaining({ name: 'ExecutionAlreadyExists' }));
    expect(machine.history(name).filter(({ type }) => type === 'ExecutionStarted')).toHaveLength(1);
  });

  test('one that is stopped goes nowhere from there, though its function goes on to its end', async () => {
    const done: string[] = [];
    const { clock, machine, changes } = aMachine({
      invoke: async (_, payload, { state }) => {
        await clock.sleep(10_000);
        done.push(state);
        return { ...(payload as object), verdict: 'closing' };
      },
    });
    const executionArn = `${ARN.replace('stateMachine', 'execution')}:${name}`;

    machine.start(name, first);
    await clock.run('2026-03-01T12:00:05.000Z');
    machine.answer(new StopExecutionCommand({ executionArn, error: 'ByHand' }));
    await clock.run();

    expect(done).toEqual(['Detect']);
    expect(changes.at(-1)).toMatchObject({ status: 'ABORTED', error: 'ByHand', executionArn });
    expect(machine.answer(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'ABORTED',
      stopDate: new Date('2026-03-01T12:00:05.000Z'),
    });
    expect(machine.history(name).at(-1)?.type).toBe('ExecutionAborted');
  });

  test('what was never started does not exist, and other commands are not simulated', () => {
    const { machine } = aMachine();
    const describing = new DescribeExecutionCommand({ executionArn: `${ARN}:none` });

    expect(() => machine.answer(describing)).toThrow(expect.objectContaining({ name: 'ExecutionDoesNotExist' }));
    expect(() => machine.answer(new ListExecutionsCommand({}))).toThrow(
      expect.objectContaining({ name: 'NotSimulated' }),
    );
  });

  test('the same seed makes the same history, another one another', async () => {
    const play = async (seed: number) => {
      const { clock, machine } = aMachine({
        random: randomFor(seed, 'jitter'),
        invoke: says({
          Detect: [failing('Error'), failing('Error'), 'closing'],
          Close: [failing('Lambda.Unknown'), 'closed'],
        }),
      });
      machine.start(name, first);
      await clock.run();
      return JSON.stringify(machine.history(name));
    };

    expect(await play(1)).toBe(await play(1));
    expect(await play(2)).not.toBe(await play(1));
  });

  test('the machine calls functions that there are', () => {
    const called = Object.values(healDefinition(60).States).flatMap((state) =>
      state.Type === 'Task' ? state.Parameters.FunctionName : [],
    );

    expect(called.filter((fn) => !(fn in FUNCTIONS))).toEqual([]);
    expect(called.length).toBeGreaterThan(10);
  });
});
