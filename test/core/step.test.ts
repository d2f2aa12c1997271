import { expect, test } from 'vitest';
import { StepInput } from '../../layers/core/step.ts';

const failureOf = (failure: unknown) =>
  StepInput.parse({
    schema: 1,
    incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
    step: 3,
    attempt: 1,
    looks: 0,
    verdict: 'failed',
    because: 'our-fault',
    waitSeconds: 0,
    auditHead: '',
    failure,
  }).failure;

test('what a state caught becomes one line: the error’s name, and what the function threw', () => {
  const Cause = JSON.stringify({ errorType: 'NotFound', errorMessage: 'there is no incident x', trace: ['at y'] });

  expect(failureOf({ Error: 'NotFound', Cause })).toBe('NotFound: there is no incident x');
  expect(failureOf({ Error: 'States.Timeout', Cause: '' })).toBe('States.Timeout');
  expect(failureOf({ Error: 'States.Timeout' })).toBe('States.Timeout');
  expect(failureOf({ Error: 'Lambda.Unknown', Cause: 'exited with status 1' })).toBe(
    'Lambda.Unknown: exited with status 1',
  );
});

test('a cause is cut to 300 characters, without its secrets', () => {
  const failure = failureOf({ Error: 'E', Cause: `password=hunter2 ${'x'.repeat(1000)}` });

  expect(failure).toHaveLength('E: '.length + 300);
  expect(failure).not.toContain('hunter2');
});

test('a line that was made stays as it is from step to step', () => {
  const line = failureOf({ Error: 'E', Cause: 'y'.repeat(1000) });

  expect(failureOf(line)).toBe(line);
  expect(failureOf(undefined)).toBe('');
});
