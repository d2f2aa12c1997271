import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '../../layers/core/log-class.ts';
import { FaultCategory, Severity } from '../../layers/core/taxonomy.ts';

test.each([
  ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 'exhaustion', 'critical'],
  ['write /var/data: no space left on device', 'exhaustion', 'critical'],
  ['Error: EMFILE: too many open files, open <*>', 'exhaustion', 'high'],
  ['ThrottlingException: Rate exceeded', 'capacity', 'high'],
  ['Busy: every slot is taken and the queue is full', 'capacity', 'info'],
  ['Error: Cannot find module <*>', 'change', 'high'],
  ['invalid setting limit', 'change', 'low'],
  ['connect ECONNREFUSED <*>', 'dependency', 'high'],
  ['store answered <*>', 'dependency', 'info'],
  ['SyntaxError: Unexpected token < in JSON at position <*>', 'data', 'high'],
  ['CannotPullContainerError: pull image manifest', 'infrastructure', 'high'],
  ['TypeError: Cannot read properties of undefined', 'process', 'high'],
  ['warning: retrying in <*>', 'unknown', 'medium'],
  ['client closed the stream', 'unknown', 'low'],
  ['served <*> requests', 'unknown', 'info'],
])('%s is %s, %s', (template, category, severity) => {
  expect(classify(template)).toEqual({ category, severity });
});

test.each([
  ['FATAL', 'critical'],
  [' error ', 'high'],
  ['Warning', 'medium'],
  ['NOTICE', 'low'],
  ['info', 'info'],
])('the level %s says %s, whatever the words', (level, severity) => {
  expect(classify('panic: all is lost', level).severity).toBe(severity);
});

test('an unknown level leaves it to the words', () => {
  expect(classify('panic: all is lost', 'constructor').severity).toBe('critical');
});

test('there is an answer for any text and any level', () => {
  fc.assert(
    fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (text, level) => {
      const { category, severity } = classify(text, level);

      expect(FaultCategory.options).toContain(category);
      expect(Severity.options).toContain(severity);
    }),
  );
});

test('the taxonomy has eight categories and five severities, and each can be found in a log', () => {
  const examples = ['ENOSPC', 'throttled', 'unknown option', 'DNS', 'malformed', 'upstream', 'exception', 'hello'];

  expect(FaultCategory.options).toHaveLength(8);
  expect(Severity.options).toHaveLength(5);
  expect(new Set(examples.map((text) => classify(text).category))).toEqual(new Set(FaultCategory.options));
});
