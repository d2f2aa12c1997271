import { expect, test } from 'vitest';
import { look, NAMES, table } from '../../../simulator/world/check/confusion.ts';

/** What the rules name right without a confounder; the others are told apart less surely (see the table of confusion.ts). */
const NAMED = [
  'bad-configuration',
  'bad-function-version',
  'dependency-failure',
  'memory-leak',
  'overload',
  'placement-failure',
] as const;

test.each(NAMES)('the evidence of %s is whole', async (fault) => {
  const { named, gaps, hypotheses } = await look(fault, 1, false);

  expect(named).not.toBe('unseen');
  expect(gaps).toEqual([]);
  expect(hypotheses.length).toBeGreaterThan(0);
});

test.each(NAMED)('the rules name %s by its evidence', async (fault) => {
  const { named, expected } = await look(fault, 2, false);

  expect(named).toBe(expected);
});

test('the table counts what is right and says what it was called otherwise', () => {
  const one = {
    fault: 'deadlock',
    variant: 'v',
    confounder: 'none',
    hypotheses: [],
    gaps: [],
    expected: 'deadlock',
  } as const;

  const lines = table([
    { ...one, seed: 1, named: 'deadlock' },
    { ...one, seed: 2, named: 'unknown' },
  ]);

  expect(lines).toEqual(['deadlock                 1 of 2   unknown (v) 1']);
});
