import { expect, test } from 'vitest';
import type { Result } from '../../../sandbox/scenarios/lib/result.ts';
import { table } from '../../../sandbox/scenarios/lib/table.ts';

const HEALED: Result = {
  name: 'crash-loop',
  seed: 1,
  ok: true,
  fault: 'bad-deployment',
  faultRight: true,
  action: 'rollback-deployment',
  detectedMs: 21_400,
  actedMs: 24_600,
  healedMs: 95_000,
  attempts: 1,
  verdict: 'recovered by action',
  availability: 0.9312,
  problems: [],
  variation: {},
  incidents: [],
};

test('a row says what was found, done and how long it took', () => {
  expect(table([HEALED]).split('\n')).toEqual([
    'scenario      fault found     action               detected  acted  healed  attempts  verdict              availability',
    '────────────  ──────────────  ───────────────────  ────────  ─────  ──────  ────────  ───────────────────  ────────────',
    '✓ crash-loop  bad-deployment  rollback-deployment  21 s      25 s   95 s    1         recovered by action  93.1 %',
  ]);
});

test('what went wrong stands under the table', () => {
  const wrong: Result = {
    ...HEALED,
    ok: false,
    faultRight: false,
    healedMs: null,
    availability: null,
    problems: ['it is not well'],
  };

  const text = table([HEALED, wrong]);

  expect(text).toContain('bad-deployment (wrong)');
  expect(text.split('\n').at(-1)).toBe('✗ crash-loop: it is not well');
});
