import { describe, expect, it } from 'vitest';

import { invocationsIn, pointsOf } from '../../../sandbox/logs/lambda-metrics.ts';

const time = new Date('2026-03-02T10:00:20.000Z');
let streams = 0;

/** The lines of one invocation as the emulator writes them (MiniStack 1.5.33). */
function invocation(version: string, written: readonly string[], ms = 12) {
  const stream = `2026/03/02/[${version}]${(streams += 1)}`;
  const id = `4d83ffc1-bd49-4830-be0a-${streams}`;
  return [
    `START RequestId: ${id} Version: ${version}`,
    ...written,
    `END RequestId: ${id}`,
    `REPORT RequestId: ${id}\tDuration: ${ms} ms\tBilled Duration: ${ms} ms\tMemory Size: 128 MB\tMax Memory Used: 54 MB`,
  ].map((text) => ({ stream, time, text }));
}

const STACK = [
  'pre',
  'TypeError: boom',
  '    at exports.handler (/tmp/x/code/index.js:1:59)',
  '    at Interface.emit (node:events:514:28)',
];
const UP = '(node:18563) [DEP0169] DeprecationWarning: `url.parse()` behavior is not standardized';

describe('the invocations in a function log', () => {
  it.each([
    ['a returning handler', ['fine'], false],
    ['a handler that writes nothing, once its version wrote something', [], false],
    ['a thrown error', STACK, true],
    ['an error that was only logged', [...STACK, '{"level":"INFO","message":"recovered"}'], false],
    ['a timeout', ['working', 'Task timed out after 3.00 seconds'], true],
    ['a process that ended', ['Worker process died'], true],
  ])('with %s: failed is told', (_, written, failed) => {
    const spoke = new Set(['1']);

    expect(invocationsIn(invocation('1', written), spoke)).toEqual([{ version: '1', failed, duration: 12, time }]);
  });

  it('of a version that cannot come up are failures, when other versions do', () => {
    const spoke = new Set<string>();

    const found = invocationsIn(
      [...invocation('1', [UP]), ...invocation('1', []), ...invocation('2', []), ...invocation('2', [])],
      spoke,
    );

    expect(found.map((i) => [i.version, i.failed])).toEqual([
      ['1', false],
      ['1', false],
      ['2', true],
      ['2', true],
    ]);
  });

  it('are kept apart when their lines come mixed', () => {
    const [a, b] = [invocation('1', STACK, 5), invocation('2', ['x'], 7)];
    const mixed = a.flatMap((line, i) => (b[i] ? [line, b[i]] : [line]));

    const found = invocationsIn(mixed, new Set());

    expect(found.map((i) => [i.version, i.failed, i.duration])).toEqual([
      ['1', true, 5],
      ['2', false, 7],
    ]);
  });
});

describe('the metrics of an invocation', () => {
  const of = (version: string, aliases: readonly string[]) =>
    pointsOf('pricing', { version, failed: true, duration: 12, time }, aliases)
      .filter((p) => p.metricName === 'Errors')
      .map((p) => p.dimensions);

  it('are published by function and by alias, and there by the version that ran', () => {
    expect(of('3', ['live'])).toEqual([
      { FunctionName: 'pricing' },
      { FunctionName: 'pricing', Resource: 'pricing:live' },
      { FunctionName: 'pricing', Resource: 'pricing:live', ExecutedVersion: '3' },
    ]);
  });

  it('are published by version or function where no alias is', () => {
    expect(of('3', [])).toEqual([{ FunctionName: 'pricing' }, { FunctionName: 'pricing', Resource: 'pricing:3' }]);
    expect(of('$LATEST', [])).toEqual([{ FunctionName: 'pricing' }, { FunctionName: 'pricing', Resource: 'pricing' }]);
  });

  it('count a success as no error, so that a rate has its zeros', () => {
    const points = pointsOf('pricing', { version: '$LATEST', failed: false, duration: 12, time }, []);

    expect(points.slice(0, 4).map((p) => [p.metricName, p.value])).toEqual([
      ['Invocations', 1],
      ['Errors', 0],
      ['Throttles', 0],
      ['Duration', 12],
    ]);
  });
});
