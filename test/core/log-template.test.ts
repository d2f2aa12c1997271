import { expect, test } from 'vitest';
import { templateOf, templates, troubleIn } from '../../layers/core/log-template.ts';

const resource = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';

test.each([
  ['order 8812 failed after 30.5 ms', 'order <*> failed after <*> ms'],
  ['request 3f2b7c9a-1111-4222-8333-abcdefabcdef timed out', 'request <*> timed out'],
  ['connect ECONNREFUSED 10.0.3.17:8080', 'connect ECONNREFUSED <*>'],
  ['at 2026-11-01T12:00:00.123Z: no slot', 'at <*>: no slot'],
  ['trace deadbeef01234567 lost', 'trace <*> lost'],
  ['HTTP/1.1 503', 'HTTP/<*> <*>'],
])('%s has the shape %s', (line, template) => {
  expect(templateOf(line)).toBe(template);
});

test('a shape never holds a secret', () => {
  expect(templateOf('login failed password=hunter2 for bob')).toBe('login failed password=[redacted] for bob');
});

test.each([
  [
    '{"level":"ERROR","message":"request failed","error":{"name":"TypeError","message":"x is undefined"}}',
    'request failed: TypeError: x is undefined',
  ],
  ['{"level":"INFO","message":"no error here"}', undefined],
  ['{"_aws":{"Timestamp":1},"Errors":3}', undefined],
  ['Unhandled exception: boom\n  at main', 'Unhandled exception: boom'],
  ['served 20 requests', undefined],
  ['{"level":"FATAL", cut off', '{"level":"FATAL", cut off'],
])('what went wrong in %s is %s', (line, said) => {
  expect(troubleIn(line)).toBe(said);
});

test('shapes are counted before and after the onset, the most frequent after it first', () => {
  const lines = [
    { at: 1, text: 'error: old 1' },
    { at: 10, text: 'error: new 1' },
    { at: 11, text: 'error: new 2' },
    { at: 12, text: 'error: old 2' },
    { at: 13, text: 'all is well' },
  ];

  expect(templates(resource, lines, 10)).toEqual([
    { resource, template: 'error: new <*>', before: 0, after: 2, example: 'error: new 1' },
    { resource, template: 'error: old <*>', before: 1, after: 1, example: 'error: old 1' },
  ]);
});
