import { describe, expect, test } from 'vitest';
import { StepInput } from '../../layers/core/step.ts';
import { ENGINES, NEVER, taskStates, type EngineName, type Run, type Script } from './machine.ts';

const begin = { Detect: ['gather'], Diagnose: ['diagnosed'] } as const;
const fault = () => new Error('a fault of ours');
/** As often as a state is tried at most: once, and three times again. */
const forever = () => [fault(), fault(), fault(), fault()];

/** What each engine made of the scripts, one after the other. */
const walked: Record<EngineName, Run[]> = { 'aws-local-stepfunctions': [], simulator: [] };

describe.each(Object.keys(ENGINES) as EngineName[])('by %s', (engine) => {
  const visited = new Set<string>();

  async function path(script: Script): Promise<Run> {
    const run = await ENGINES[engine](script);
    walked[engine].push(run);
    for (const state of run.calls) visited.add(state);
    expect(run.unforeseen).toEqual([]);
    return run;
  }

  test('a real incident is detected, diagnosed, recovered, verified, learned from and closed', async () => {
    const run = await path({
      ...begin,
      Decide: ['act'],
      Recover: ['applied'],
      Verify: ['settling', 'recovered'],
      Learn: ['close'],
      Close: ['closed'],
    });

    expect(run.calls).toEqual(['Detect', 'Diagnose', 'Decide', 'Recover', 'Verify', 'Verify', 'Learn', 'Close']);
    expect(run.error).toBeUndefined();
  });

  test('noise, and what is suppressed, is closed without a diagnosis', async () => {
    const run = await path({ Detect: ['closing'], Close: ['closed'] });

    expect(run.calls).toEqual(['Detect', 'Close']);
  });

  test('what is unclear at first is looked at again before it is called real', async () => {
    const run = await path({ Detect: [{ verdict: 'look', waitSeconds: 15 }, 'closing'], Close: ['closed'] });

    expect(run.calls).toEqual(['Detect', 'Detect', 'Close']);
  });

  test('what did not help is undone and looked at, and the next candidate is tried', async () => {
    const run = await path({
      ...begin,
      Decide: ['act', 'act'],
      Recover: ['applied', 'applied'],
      Verify: ['rollback', 'recovered'],
      Rollback: ['undone'],
      VerifyUndo: ['unsettled', 'undone'],
      Learn: ['next', 'close'],
      Close: ['closed'],
    });

    expect(run.calls).toEqual([
      'Detect', 'Diagnose', 'Decide', 'Recover', 'Verify', 'Rollback', 'VerifyUndo', 'VerifyUndo', 'Learn',
      'Decide', 'Recover', 'Verify', 'Learn', 'Close',
    ]); // prettier-ignore
  });

  test('an action without an inverse goes from Rollback straight to Learn', async () => {
    const run = await path({
      ...begin,
      Decide: ['act', 'escalate'],
      Recover: ['applied'],
      Verify: ['rollback'],
      Rollback: ['nothing'],
      Learn: ['next'],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.calls).toEqual([
      'Detect',
      'Diagnose',
      'Decide',
      'Recover',
      'Verify',
      'Rollback',
      'Learn',
      'Decide',
      'Escalate',
      'Close',
    ]);
  });

  test('an undo waits while a function that outlived its state may still be at work', async () => {
    const run = await path({
      ...begin,
      Decide: ['act'],
      Recover: ['undo'],
      Rollback: [{ verdict: 'busy', waitSeconds: 120 }, 'nothing'],
      Learn: ['escalate'],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.calls.filter((state) => state === 'Rollback')).toHaveLength(2);
  });

  test('a failed undo escalates, after what it is worth knowing was learned', async () => {
    const run = await path({
      ...begin,
      Decide: ['act'],
      Recover: ['applied'],
      Verify: ['rollback'],
      Rollback: [{ verdict: 'failed', because: 'undo-failed' }],
      Learn: [{ verdict: 'escalate', because: 'undo-failed' }],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.inputs.find(({ state }) => state === 'Escalate')?.payload.because).toBe('undo-failed');
  });

  test('a resource that is worse after the undo escalates', async () => {
    const run = await path({
      ...begin,
      Decide: ['act'],
      Recover: ['applied'],
      Verify: ['rollback'],
      Rollback: ['undone'],
      VerifyUndo: ['escalate'],
      Learn: ['escalate'],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.calls.slice(-4)).toEqual(['VerifyUndo', 'Learn', 'Escalate', 'Close']);
  });

  test('an incident with no candidate left escalates', async () => {
    const run = await path({ ...begin, Decide: ['escalate'], Escalate: ['escalated'], Close: ['closed'] });

    expect(run.calls).toEqual(['Detect', 'Diagnose', 'Decide', 'Escalate', 'Close']);
  });

  test('a suggestion closes the incident after Decide', async () => {
    const run = await path({ ...begin, Decide: ['closing'], Close: ['closed'] });

    expect(run.calls).toEqual(['Detect', 'Diagnose', 'Decide', 'Close']);
  });

  test('a folded incident waits, and is looked at when its cause is healed', async () => {
    const run = await path({
      ...begin,
      Decide: [
        { verdict: 'wait', waitSeconds: 20 },
        { verdict: 'verify', waitSeconds: 10 },
      ],
      Verify: ['recovered'],
      Learn: ['close'],
      Close: ['closed'],
    });

    expect(run.calls).toEqual(['Detect', 'Diagnose', 'Decide', 'Decide', 'Verify', 'Learn', 'Close']);
  });

  test('evidence that has become too old to wait on is collected anew', async () => {
    const run = await path({
      Detect: ['gather'],
      Diagnose: ['diagnosed', 'diagnosed'],
      Decide: ['diagnose', 'escalate'],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.calls).toEqual(['Detect', 'Diagnose', 'Decide', 'Diagnose', 'Decide', 'Escalate', 'Close']);
  });

  test('an incident that is not well although nothing was tried begins again at Detect', async () => {
    const run = await path({
      Detect: ['gather', 'closing'],
      Diagnose: ['diagnosed'],
      Decide: ['verify'],
      Verify: ['again'],
      Close: ['closed'],
    });

    expect(run.calls).toEqual(['Detect', 'Diagnose', 'Decide', 'Verify', 'Detect', 'Close']);
  });

  test('a signal that joins while it is closed leads back to Verify', async () => {
    const run = await path({
      ...begin,
      Decide: ['act'],
      Recover: ['applied'],
      Verify: ['recovered', 'recovered'],
      Learn: ['close', 'close'],
      Close: ['rejoined', 'closed'],
    });

    expect(run.calls.slice(-5)).toEqual(['Learn', 'Close', 'Verify', 'Learn', 'Close']);
  });

  test('a refused lease leads back to Decide', async () => {
    const run = await path({
      ...begin,
      Decide: ['act', 'act'],
      Recover: [{ verdict: 'again', waitSeconds: 15 }, 'applied'],
      Verify: ['recovered'],
      Learn: ['close'],
      Close: ['closed'],
    });

    expect(run.calls.slice(2, 6)).toEqual(['Decide', 'Recover', 'Decide', 'Recover']);
  });

  test('another writer stops Recover and Verify', async () => {
    const inRecover = await path({
      ...begin,
      Decide: ['act'],
      Recover: [{ verdict: 'escalate', because: 'other-writer' }],
      Escalate: ['escalated'],
      Close: ['closed'],
    });
    const inVerify = await path({
      ...begin,
      Decide: ['act'],
      Recover: ['applied'],
      Verify: [{ verdict: 'escalate', because: 'other-writer' }],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    for (const run of [inRecover, inVerify])
      expect(run.inputs.find(({ state }) => state === 'Escalate')?.payload.because).toBe('other-writer');
  });

  test('a given approval begins at Detect again, for the world may have changed', async () => {
    const run = await path({
      Detect: ['gather', 'gather'],
      Diagnose: ['diagnosed', 'diagnosed'],
      Decide: ['ask', 'act'],
      AwaitApproval: ['approved'],
      Recover: ['applied'],
      Verify: ['recovered'],
      Learn: ['close'],
      Close: ['closed'],
    });

    expect(run.calls.slice(0, 7)).toEqual([
      'Detect',
      'Diagnose',
      'Decide',
      'AwaitApproval',
      'Detect',
      'Diagnose',
      'Decide',
    ]);
    expect(run.inputs.find(({ state }) => state === 'AwaitApproval')?.payload.taskToken).toBeTruthy();
  });

  test('a refused approval escalates', async () => {
    const run = await path({
      ...begin,
      Decide: ['ask'],
      AwaitApproval: [{ verdict: 'refused', because: 'approval-refused' }],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.inputs.find(({ state }) => state === 'Escalate')?.payload.because).toBe('approval-refused');
  });

  test('an approval that nobody gives in time escalates as late, without another question', async () => {
    const run = await path({
      ...begin,
      Decide: ['ask'],
      AwaitApproval: [NEVER],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.calls.filter((state) => state === 'AwaitApproval')).toHaveLength(1);
    expect(run.inputs.find(({ state }) => state === 'Escalate')?.payload).toMatchObject({
      verdict: 'late',
      because: 'approval-late',
    });
  });

  test.each([
    'Detect',
    'Diagnose',
    'Decide',
    'Recover',
    'Verify',
    'Rollback',
    'VerifyUndo',
    'Learn',
    'Escalate',
    'Close',
  ])('%s is tried again after a passing fault', async (state) => {
    const whole: Record<string, readonly (string | Error)[]> = {
      Detect: ['gather'],
      Diagnose: ['diagnosed'],
      Decide: ['act'],
      Recover: ['applied'],
      Verify: ['rollback'],
      Rollback: ['undone'],
      VerifyUndo: ['undone'],
      Learn: ['escalate'],
      Escalate: ['escalated'],
      Close: ['closed'],
    };

    const run = await path({ ...whole, [state]: [fault(), ...(whole[state] ?? [])] });

    expect(run.error).toBeUndefined();
    expect(run.calls.filter((called) => called === state)).toHaveLength(2);
  });

  test.each(['Detect', 'Diagnose', 'Decide', 'AwaitApproval', 'VerifyUndo', 'Learn'])(
    '%s that fails for good escalates as our fault',
    async (state) => {
      const whole: Record<string, readonly (string | Error)[]> = {
        Detect: ['gather'],
        Diagnose: ['diagnosed'],
        Decide: [state === 'AwaitApproval' ? 'ask' : 'act'],
        Recover: ['applied'],
        Verify: ['rollback'],
        Rollback: ['undone'],
        VerifyUndo: ['undone'],
        Escalate: ['escalated'],
        Close: ['closed'],
      };

      const run = await path({ ...whole, [state]: forever() });

      expect(run.calls.slice(-3)).toEqual([state, 'Escalate', 'Close']);
      const payload = run.inputs.at(-2)?.payload;
      expect(payload?.because).toBe('our-fault');
      expect(StepInput.parse({ ...payload, taskToken: undefined }).failure).toContain('a fault of ours');
    },
  );

  test.each(['Recover', 'Verify'])('%s that fails for good is undone before it escalates', async (state) => {
    const run = await path({
      ...begin,
      Decide: ['act'],
      Recover: ['applied'],
      [state]: forever(),
      Rollback: [{ verdict: 'undone', because: 'our-fault' }],
      VerifyUndo: [{ verdict: 'undone', because: 'our-fault' }],
      Learn: [{ verdict: 'escalate', because: 'our-fault' }],
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.calls.slice(-5)).toEqual(['Rollback', 'VerifyUndo', 'Learn', 'Escalate', 'Close']);
    expect(run.inputs.find((input) => input.state === 'Rollback')?.payload.because).toBe('our-fault');
    const told = run.inputs.find((input) => input.state === 'Escalate')?.payload;
    expect(StepInput.parse(told).failure).toContain('a fault of ours');
  });

  test('an undo that fails for good escalates as a failed undo', async () => {
    const run = await path({
      ...begin,
      Decide: ['act'],
      Recover: ['undo'],
      Rollback: forever(),
      Escalate: ['escalated'],
      Close: ['closed'],
    });

    expect(run.inputs.find(({ state }) => state === 'Escalate')?.payload).toMatchObject({
      because: 'undo-failed',
      incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
    });
  });

  test.each([
    ['Escalate', 'NotEscalated', { ...begin, Decide: ['escalate'], Escalate: forever() }],
    ['Close', 'NotClosed', { Detect: ['closing'], Close: forever() }],
  ] as const)(
    'an execution whose %s fails for good fails, so that reconcile brings it to its end',
    async (_state, error, script) => {
      const run = await path(script);

      expect(run.error).toBe(error);
    },
  );

  test('a verdict without a branch fails the execution instead of going on somewhere', async () => {
    const run = await path({ Detect: ['perhaps'] });

    expect(run.error).toBe('UnknownVerdict');
  });

  test('a Task state that a script does not foresee is noticed', async () => {
    const run = await ENGINES[engine]({ Detect: ['closing'] });

    expect(run.unforeseen).toContain('Close');
  });

  test('these paths lead through every Task state', () => {
    expect([...visited].sort()).toEqual([...taskStates].sort());
  });
});

/** Without what is each engine's own: the token's text, and the form of a cause. */
const comparable = ({ inputs, ...run }: Run) => ({
  ...run,
  inputs: inputs.map(({ state, payload: { taskToken, ...payload } }) => ({
    state,
    payload: StepInput.parse(payload),
    asks: taskToken !== undefined,
  })),
});

test('both engines make the same calls, with the same inputs, in the same order, to the same end', () => {
  const [theirs, ours] = [walked['aws-local-stepfunctions'], walked.simulator];

  expect(ours.length).toBeGreaterThan(30);
  expect(ours.map(comparable)).toEqual(theirs.map(comparable));
});
