import { describe, expect, it } from 'vitest';

import { compilePattern, valueAt } from '../../../sandbox/logs/filter-pattern.ts';

const matches = (pattern: string, message: string): boolean => compilePattern(pattern)(message) !== undefined;

describe('a filter pattern of terms', () => {
  // The examples of "Filter pattern syntax", Amazon CloudWatch Logs User Guide.
  it.each([
    ['', 'anything', true],
    ['ERROR', '[ERROR 400] BAD REQUEST', true],
    ['ERROR', '[WARN 401] UNAUTHORIZED', false],
    ['ERROR ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', true],
    ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
    ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
    ['"INTERNAL SERVER ERROR"', 'INTERNAL ERROR SERVER', false],
    ['?ERROR ?WARN', '[WARN 401] UNAUTHORIZED', true],
    ['?ERROR ?WARN', '[INFO 200] OK', false],
    ['ERROR -ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
    ['ERROR -ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', false],
    ['%AUTHORIZ[E]D%', 'UNAUTHORIZED', true],
    ['error', 'ERROR', false],
  ])('%s on "%s": %s', (pattern, message, expected) => {
    expect(matches(pattern, message)).toBe(expected);
  });
});

describe('a filter pattern for JSON', () => {
  const line = JSON.stringify({
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    level: 'ERROR',
    ms: 120,
    ok: false,
    user: null,
    objectList: [{ name: 'a' }, { name: 'b' }],
    'user-agent': 'x',
    deep: { er: { code: 42 } },
  });

  it.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{ $.eventType = UpdateTrail }', true],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.sourceIPAddress = 111.111.* }', true],
    ['{ $.objectList[1].name = "b" }', true],
    ['{ $.objectList[0].name = "b" }', false],
    ['{ $.user IS NULL }', true],
    ['{ $.ok IS FALSE }', true],
    ['{ $.ok IS TRUE }', false],
    ['{ $.nope NOT EXISTS }', true],
    ['{ $.level NOT EXISTS }', false],
    ['{ $.ms >= 120 && $.level = "ERROR" }', true],
    ['{ $.ms > 120 || $.level = "WARN" }', false],
    ['{ $.level = "ERROR" && ($.ms < 10 || $.deep.er.code = 42) }', true],
    ['{ $.user-agent = "x" }', true],
    ['{ $.level = %^ERR% }', true],
    ['{ $.level != "ERROR" }', false],
    ['{ $.nope != "x" }', false],
  ])('%s: %s', (pattern, expected) => {
    expect(matches(pattern, line)).toBe(expected);
  });

  it('does not match what is not JSON', () => {
    expect(matches('{ $.level = "ERROR" }', 'level = "ERROR"')).toBe(false);
  });

  it('gives the line for values to be read from', () => {
    const match = compilePattern('{ $.level = "ERROR" }')(line);

    expect(valueAt(match?.json, '$.deep.er.code')).toBe(42);
  });

  it.each(['{ $.a = }', '{ a = 1 }', '{ $.a = 1', '[ip, user]', '{ ($.a = 1 }'])(
    'is refused when it reads %s',
    (pattern) => {
      expect(() => compilePattern(pattern)).toThrow(/cannot be read|not supported/);
    },
  );
});
