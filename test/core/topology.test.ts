import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareEdges, confidenceOf, EdgeSource, edgesFrom, type Edge } from '../../layers/core/topology.ts';
import { CALLEE, PARAMETER, resourceOf, SERVICE } from '../functions/evidence.ts';

test('an edge that two sources tell of is surer than by either alone', () => {
  expect(confidenceOf(['tag'])).toBe(0.9);
  // 1 - (1 - 0.9)(1 - 0.7), the noisy-or of Pearl 1988.
  expect(confidenceOf(['tag', 'name'])).toBe(0.97);
  expect(confidenceOf(['tag', 'tag'])).toBe(0.9);
});

test('what X-Ray saw is believed as often as it must have been seen', () => {
  // Laplace's rule of succession, (n + 1) / (n + 2): after 10 times and after one.
  expect(confidenceOf(['x-ray'])).toBe(0.9167);
  expect(confidenceOf(['x-ray-seldom'])).toBe(0.6667);
  expect(confidenceOf(['x-ray-seldom', 'name'])).toBe(0.9);
});

test('an edge of a record without sources is known, and less sure', () => {
  const [edge] = edgesFrom(resourceOf({ dependsOn: [CALLEE] }));

  expect(edge).toEqual({ from: SERVICE, to: CALLEE, sources: [], confidence: 0.7 });
});

test('a resource that lists itself, or another twice, has one edge to the other', () => {
  expect(edgesFrom(resourceOf({ dependsOn: [SERVICE, CALLEE, CALLEE] })).map(({ to }) => to)).toEqual([CALLEE]);
});

test('confidence is a probability, and no source lowers it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EdgeSource.options), { minLength: 1 }), (sources) => {
      const [, ...fewer] = sources;
      expect(confidenceOf(sources)).toBeLessThanOrEqual(1);
      if (fewer.length > 0) expect(confidenceOf(sources)).toBeGreaterThanOrEqual(confidenceOf(fewer));
    }),
  );
});

test('graphs differ by edges that are there, gone, or known otherwise', () => {
  const edge = (to: string, ...sources: Edge['sources']): Edge => ({ from: SERVICE, to, sources, confidence: 0.9 });

  const { added, removed } = compareEdges(
    [edge(CALLEE, 'tag', 'name'), edge(PARAMETER, 'tag')],
    [edge(CALLEE, 'name', 'tag'), edge(PARAMETER, 'environment')],
  );

  expect(added).toEqual([edge(PARAMETER, 'environment')]);
  expect(removed).toEqual([edge(PARAMETER, 'tag')]);
});
