import { expect, test } from 'vitest';
import { Mode, Risk, permissionFor } from '../../layers/core/mode.ts';

/** DESIGN §3, invariants 7 and 8, written out: a row a mode, a column a risk from R0 to R4. */
const TABLE: Readonly<Record<Mode, readonly string[]>> = {
  observe: ['never', 'never', 'never', 'never', 'never'],
  suggest: ['suggest', 'suggest', 'suggest', 'suggest', 'suggest'],
  approve: ['ask', 'ask', 'ask', 'ask', 'suggest'],
  heal: ['act', 'act', 'act', 'ask', 'suggest'],
};

test.each(Mode.options)('mode %s allows what the table says for each risk', (mode) => {
  expect(Risk.options.map((risk) => permissionFor(mode, risk))).toEqual(TABLE[mode]);
});

test('a lower max-risk asks where heal would act, and changes no other mode', () => {
  expect(Risk.options.map((risk) => permissionFor('heal', risk, 'R1'))).toEqual([
    'act',
    'act',
    'ask',
    'ask',
    'suggest',
  ]);
  expect(Risk.options.map((risk) => permissionFor('heal', risk, 'R0'))).toEqual([
    'act',
    'ask',
    'ask',
    'ask',
    'suggest',
  ]);
  expect(Risk.options.map((risk) => permissionFor('approve', risk, 'R0'))).toEqual(TABLE.approve);
});

test('a higher max-risk allows nothing more: R3 needs a person, R4 is never executed', () => {
  expect(Risk.options.map((risk) => permissionFor('heal', risk, 'R4'))).toEqual(TABLE.heal);
});
