import { expect, test } from 'vitest';
import { templateOf, templates, troubleIn } from '../../layers/core/log-template.ts';

const resource = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';

const unclear = { resource, category: 'unknown', severity: 'high' };

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
  ['{"level":50,"msg":"invalid currency code"}', 'invalid currency code'],
  ['{"level":30,"msg":"refused politely"}', undefined],
  ['{"severity":"EMERGENCY","message":"missing ledger"}', 'missing ledger'],
  ['2026-11-01 12:00:00,123 [main] SEVERE: ledger closed', '2026-11-01 12:00:00,123 [main] SEVERE: ledger closed'],
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
    { ...unclear, template: 'error: new <*>', before: 0, after: 2, example: 'error: new 1' },
    { ...unclear, template: 'error: old <*>', before: 1, after: 1, example: 'error: old 1' },
  ]);
});

test('lines that name different things are one shape, and its counts are theirs together', () => {
  const users = ['ada', 'grace', 'edsger', 'barbara', 'donald'];
  const lines = users.map((user, at) => ({ at, text: `login failed for user ${user} after 3 tries` }));

  const found = templates(resource, lines, 2);

  expect(found).toEqual([
    {
      resource,
      template: 'login failed for user <*> after <*> tries',
      before: 2,
      after: 3,
      example: 'login failed for user ada after 3 tries',
      category: 'unknown',
      severity: 'high',
    },
  ]);
});

test('a secret that varies from line to line is in no shape and in no example', () => {
  const lines = ['hunter', 'swordfish', 'sesame', 'tiger'].map((word, at) => ({
    at,
    text: `error: login with password=${word} refused`,
  }));

  const found = JSON.stringify(templates(resource, lines, 2));

  expect(found).not.toMatch(/hunter|swordfish|sesame|tiger/);
  expect(found).toContain('password=[redacted]');
});

test('2,000 troubled lines of 200 shapes take well under 50 ms of processor time', () => {
  const lines = Array.from({ length: 2000 }, (_, i) => ({
    at: i,
    text: `ERROR step${'abcdefghij'[i % 10]} ${'klmnopqrst'[i % 7]}${'uvwxy'[i % 5]} request ${i} from 10.0.0.${i % 250} failed after ${i / 10} ms: reset`,
  }));
  templates(resource, lines, 1000);

  const before = process.cpuUsage();
  for (let n = 0; n < 5; n++) templates(resource, lines, 1000);
  const { user, system } = process.cpuUsage(before);

  expect((user + system) / 1000 / 5).toBeLessThan(50);
});
