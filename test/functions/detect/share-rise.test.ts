import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startShare, stepShare, type Bucket, type ShareState } from '../../../functions/detect/support/share-rise.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';

const START = 1_794_700_800;
const bucket = (minute: number, seen: number, odd: number): Bucket => {
  const at = START + 60 * minute;
  return { at, first: at, seen, odd: odd > 0 ? { late: odd } : {} };
};

/** Thirty sessions a minute, of which so great a part is odd. */
function told(minutes: number, share: (minute: number) => number, begun = startShare(0.01), alertsPerWeek = 1) {
  const random = seeded(3);
  let state: ShareState = begun;
  return Array.from({ length: minutes }, (_, minute) => {
    const odd = Array.from({ length: 30 }, () => random()).filter((one) => one < share(minute)).length;
    const stepped = stepShare(state, bucket(minute, 30, odd), alertsPerWeek);
    state = JSON.parse(JSON.stringify(stepped.state)) as ShareState;
    return stepped.rise ? [{ minute, ...stepped.rise }] : [];
  }).flat();
}

test.each([0.0005, 0.01, 0.1])(
  'a share of %d that stays is told of no more often than its owner wants, in eight weeks',
  (usual) => {
    expect(told(8 * 10_080, () => usual, startShare(usual)).length).toBeLessThanOrEqual(8);
  },
);

test('a share of 15 per cent is told of within minutes, once, with its count since it rose and what was usual before', () => {
  const [rise, ...others] = told(400, (minute) => (minute < 100 ? 0.01 : 0.15));

  expect(others).toEqual([]);
  expect(rise!.minute).toBeLessThan(106);
  expect(Math.abs(rise!.since - (START + 6_000))).toBeLessThan(240);
  expect(rise!.odd['late']! / rise!.seen).toBeGreaterThan(0.08);
  expect(rise!.usual).toBeLessThan(0.03);
});

test('one bad minute is no news, whatever it brings, nor is a share that nobody would mind', () => {
  expect(told(300, (minute) => (minute === 150 ? 0.9 : 0.002))).toEqual([]);
  expect(told(2_000, (minute) => (minute < 100 ? 0.001 : 0.012), startShare(0.001))).toEqual([]);
});

test('what has gone on for a day is usual', () => {
  const long = (minute: number): number => (minute < 100 ? 0.01 : minute < 4_000 || minute > 4_500 ? 0.15 : 0.6);

  expect(told(5_000, long).map(({ minute }) => (minute < 4_000 ? 'first' : 'second'))).toEqual(['first', 'second']);
});

test('nothing that is counted makes it throw, or forget what a number is', () => {
  const number = fc.oneof(fc.nat(50), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -3, 0));
  const any = fc.record({ at: number, first: number, seen: fc.oneof(fc.nat(50), fc.constant(Number.NaN)) });
  fc.assert(
    fc.property(fc.array(fc.tuple(any, fc.nat(80)), { maxLength: 40 }), (buckets) => {
      let state = startShare(0.01);
      for (const [one, odd] of buckets) ({ state } = stepShare(state, { ...one, odd: { late: odd } }, 1));

      expect(Number.isFinite(state.seen + state.odd + state.spread)).toBe(true);
      expect(state.runs.every(({ weight }) => Number.isFinite(weight))).toBe(true);
    }),
  );
});
