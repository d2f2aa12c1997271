import { expect, test } from 'vitest';
import { table } from '../../../bench/mttr/table.ts';

test('compares the same window, and never gives a number to what does not recover', () => {
  const text = table({
    nobody: [{ scenario: 'crash-loop', availability: 0.614, recoveredMs: null, noticed: true }],
    prunella: [{ scenario: 'crash-loop', availability: 0.958, recoveredMs: 62_000, noticed: true }],
  });

  expect(text.split('\n')).toEqual([
    'scenario    without healing  well after  Prunella  well after',
    'crash-loop  61.4 %           > 300 s     95.8 %    62 s',
  ]);
});

test('says when customers did not notice', () => {
  const text = table({ ecs: [{ scenario: 'memory-leak', availability: 1, recoveredMs: 0, noticed: false }] });

  expect(text).toContain('100.0 %');
  expect(text).toContain('not noticed');
});
