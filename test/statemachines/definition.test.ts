import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { EscalationCause } from '../../layers/core/incident.ts';
import { StepInput } from '../../layers/core/step.ts';
import { VERDICTS } from '../../layers/core/verdicts.ts';
import { asl, source, taskStates, type AslState } from './machine.ts';

/** The package brings no types. */
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: object) => {
  readonly isValid: boolean;
  readonly errors: readonly unknown[];
};
const root = join(import.meta.dirname, '..', '..');
const states = Object.entries(asl.States);
const functionOf = (state: AslState): string =>
  /function:(\w+):/.exec(String(state.Parameters?.['FunctionName']))?.[1] ?? '';

test('the definition is plain JSON, its placeholders in quotes, and valid Amazon States Language', () => {
  expect(() => JSON.parse(source) as unknown).not.toThrow();
  const { isValid, errors } = aslValidator(structuredClone(asl));
  expect(errors).toEqual([]);
  expect(isValid).toBe(true);
});

/** What the emulator, the in-process engine and AWS agree on. Anything else must be tried on all three, then added. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  Task: ['Type', 'Comment', 'Resource', 'Parameters', 'OutputPath', 'TimeoutSeconds', 'Retry', 'Catch', 'Next'],
  Choice: ['Type', 'Comment', 'Choices', 'Default'],
  Wait: ['Type', 'Comment', 'SecondsPath', 'Next'],
  Pass: ['Type', 'Comment', 'Parameters', 'Next'],
  Succeed: ['Type'],
  Fail: ['Type', 'Error', 'Cause'],
};

test('it uses only features of the language that all three engines share', () => {
  const unusual = states.flatMap(([name, state]) =>
    Object.keys(state)
      .filter((field) => !ALLOWED[state.Type]?.includes(field))
      .map((field) => `${name}.${field}`),
  );
  const comparisons = states.flatMap(([, { Choices = [] }]) => Choices.flatMap((choice) => Object.keys(choice)));
  const resources = new Set(states.flatMap(([, { Resource }]) => Resource ?? []));
  const context = source.match(/\$\$\.[\w.]+/g) ?? [];

  expect(unusual).toEqual([]);
  expect(new Set(comparisons)).toEqual(new Set(['Variable', 'StringEquals', 'Next']));
  expect(resources).toEqual(
    new Set(['arn:aws:states:::lambda:invoke', 'arn:aws:states:::lambda:invoke.waitForTaskToken']),
  );
  expect(new Set(context)).toEqual(new Set(['$$.Task.Token']));
  expect(source).not.toMatch(/States\.(?:Format|JsonMerge|Array|MathAdd|UUID)|JSONata|\{%/);
});

describe.each(taskStates)('%s', (name) => {
  const state = asl.States[name]!;

  test('sends the envelope field by field, never its whole input', () => {
    const payload = state.Parameters?.['Payload'] as Record<string, string>;
    const { 'taskToken.$': token, ...envelope } = payload;

    expect(envelope).toEqual(
      Object.fromEntries(Object.keys(StepInput.shape).map((field) => [`${field}.$`, `$.${field}`])),
    );
    expect(token).toBe(name === 'AwaitApproval' ? '$$.Task.Token' : undefined);
  });

  test('has a branch for every verdict that its function may answer, and none besides', () => {
    const next = asl.States[state.Next ?? '']!;
    const branches =
      next.Type === 'Choice'
        ? next.Choices!.map(({ StringEquals }) => StringEquals)
        : [...VERDICTS[name as keyof typeof VERDICTS]];

    expect(branches.toSorted()).toEqual([...VERDICTS[name as keyof typeof VERDICTS]].toSorted());
    if (next.Type === 'Choice') expect(next.Default).toBe('UnknownVerdict');
    else expect(VERDICTS[name as keyof typeof VERDICTS]).toHaveLength(1);
  });

  test('is tried again with jitter, and what is not caught by name is caught', () => {
    expect(state.Retry?.every(({ JitterStrategy, MaxAttempts }) => JitterStrategy === 'FULL' && MaxAttempts > 0)).toBe(
      true,
    );
    expect(state.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('States.TaskFailed');
    expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
    expect(state.Catch?.every(({ ResultPath }) => ResultPath === '$.error')).toBe(true);
  });

  test('waits longer than its function can run', () => {
    const spec = FUNCTIONS[functionOf(state) as FunctionName];

    expect(spec, `FUNCTIONS has no ${functionOf(state)}`).toBeDefined();
    expect(state.TimeoutSeconds).toBeGreaterThan(spec.timeout.toSeconds());
  });

  test('has a function that writes an audit event', () => {
    const { folder } = FUNCTIONS[functionOf(state) as FunctionName];
    const file = join(root, 'functions', folder, 'handler.ts');

    expect(existsSync(file)).toBe(true);
    const text = readFileSync(file, 'utf8');
    expect(name === 'AwaitApproval' ? text.includes('kb.audit.append(') : text.includes(`step('${name}'`)).toBe(true);
  });
});

test('every state is reached from somewhere', () => {
  const reached = new Set([
    asl.StartAt,
    ...states.flatMap(([, { Next, Default, Choices = [], Catch = [] }]) => [
      Next,
      Default,
      ...Choices.map((one) => one.Next),
      ...Catch.map((one) => one.Next),
    ]),
  ]);

  expect(states.map(([name]) => name).filter((name) => !reached.has(name))).toEqual([]);
});

test('every wait is as long as the state before it says', () => {
  const waits = states
    .filter(([, { Type }]) => Type === 'Wait')
    .map(([, state]) => (state as { SecondsPath?: string }).SecondsPath);

  expect(new Set(waits)).toEqual(new Set(['$.waitSeconds']));
});

test('what a Pass state gives as reason is a cause of an escalation', () => {
  const causes = states
    .filter(([, { Type }]) => Type === 'Pass')
    .map(([, { Parameters }]) => String(Parameters?.['because']));

  expect(causes.filter((cause) => !EscalationCause.safeParse(cause).success)).toEqual([]);
});

test('what fails after something may have been changed goes to Rollback, everything else to a person', () => {
  const caught = Object.fromEntries(
    taskStates.map((name) => [
      name,
      asl.States[asl.States[name]?.Catch?.at(-1)?.Next ?? '']?.Next ?? asl.States[name]?.Catch?.at(-1)?.Next,
    ]),
  );

  expect(caught).toEqual({
    Detect: 'Escalate',
    Diagnose: 'Escalate',
    Decide: 'Escalate',
    AwaitApproval: 'Escalate',
    Recover: 'Rollback',
    Verify: 'Rollback',
    VerifyUndo: 'Escalate',
    Rollback: 'Escalate',
    Learn: 'Escalate',
    Escalate: 'NotEscalated',
    Close: 'NotClosed',
  });
});
