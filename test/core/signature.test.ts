import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanOf, similarity } from '../../layers/core/signature.ts';

describe('similarity', () => {
  test.each([
    // Ioffe 2010, §1: the sum of minima over the sum of maxima. By hand: (0.2 + 0.5) / (0.6 + 0.5 + 0.3).
    [{ a: 0.2, b: 0.5 }, { a: 0.6, b: 0.5, c: 0.3 }, 0.5],
    // With weights of one it is the plain Jaccard index: 2 shared of 4.
    [{ a: 1, b: 1, c: 1 }, { b: 1, c: 1, d: 1 }, 0.5],
    [{ a: 1 }, { b: 1 }, 0],
    [{ a: 0.3, b: 0.7 }, { a: 0.3, b: 0.7 }, 1],
    [{}, {}, 0],
    [{ a: 1 }, {}, 0],
  ])('of %j and %j is %s', (a, b, expected) => {
    expect(similarity(a as Record<string, number>, b as Record<string, number>)).toBeCloseTo(expected, 12);
  });

  const signature = fc.dictionary(
    fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('constructor', '__proto__x', 'toString')),
    fc.double({ min: 0.001, max: 1, noNaN: true }),
    { maxKeys: 12 },
  );

  test('lies between 0 and 1, is the same both ways round, and 1 for what shows the same', () => {
    fc.assert(
      fc.property(signature, signature, (a, b) => {
        const alike = similarity(a, b);

        expect(alike).toBeGreaterThanOrEqual(0);
        expect(alike).toBeLessThanOrEqual(1);
        expect(similarity(b, a)).toBeCloseTo(alike, 12);
        expect(similarity(a, a)).toBe(Object.keys(a).length > 0 ? 1 : 0);
      }),
    );
  });

  test('is a metric when taken from 1: no way round is shorter', () => {
    fc.assert(
      fc.property(signature, signature, signature, (a, b, c) => {
        const far = (x: object, y: object) =>
          Object.keys({ ...x, ...y }).length === 0 ? 0 : 1 - similarity(x as never, y as never);

        expect(far(a, c)).toBeLessThanOrEqual(far(a, b) + far(b, c) + 1e-9);
      }),
    );
  });
});

test('the mean shows what most show', () => {
  expect(meanOf([{ a: 1, b: 0.5 }, { a: 1 }, { a: 0.4, c: 0.3 }])).toEqual({
    a: expect.closeTo(0.8, 12),
    b: expect.closeTo(1 / 6, 12),
    c: expect.closeTo(0.1, 12),
  });
});
