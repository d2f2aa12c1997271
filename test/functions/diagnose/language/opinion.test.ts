import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conclude } from '../../../../functions/diagnose/conclude.ts';
import { advise } from '../../../../functions/diagnose/language/advise.ts';
import { digestOf } from '../../../../functions/diagnose/language/digest.ts';
import { opinionFrom } from '../../../../functions/diagnose/language/opinion.ts';
import { Diagnosis } from '../../../../layers/core/diagnosis.ts';
import { Opinion } from '../../../../layers/core/language.ts';
import type { Fault } from '../../../../layers/core/taxonomy.ts';
import { ranked } from '../../../support/converse-server.ts';
import { SERVICE } from '../../evidence.ts';
import { MODEL, named, unsure } from './unsure.ts';

test('what was too unlikely to be acted on stays so, however sure a model is of it', () => {
  const one = (fault: Fault, confidence: number) => ({ resource: SERVICE, fault, confidence, because: ['x'] });
  const before = {
    ...conclude(unsure()),
    hypotheses: [one('overload', 0.6), one('unknown', 0.3), one('deadlock', 0.1)],
  };
  const opinion = {
    model: MODEL,
    ranking: before.hypotheses.map(({ fault }) => ({
      resource: SERVICE,
      fault,
      probability: fault === 'deadlock' ? 1 : 0,
    })),
    explanation: '',
    dropped: [],
    tokens: { input: 1, output: 1 },
  };

  const { hypotheses } = advise(before, opinion);

  expect(hypotheses.map(({ fault }) => fault)).toEqual(['overload', 'unknown', 'deadlock']);
  expect(hypotheses[2]!.confidence).toBeCloseTo(0.1, 9);
  expect(hypotheses.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 9);
});

describe('whatever a model answers', () => {
  const evidence = unsure();
  const diagnosis = conclude(evidence);
  const digest = digestOf(evidence, diagnosis);
  const id = fc.oneof(fc.constantFrom('H1', 'H2', 'H3', 'H0', 'H9', '__proto__', 'constructor'), fc.string());
  const rank = fc.oneof(
    fc.record({ hypothesis: id, probability: fc.double() }),
    fc.record({ hypothesis: id, probability: fc.double(), action: fc.string() }),
    fc.jsonValue(),
  );
  const input = fc.oneof(
    fc.record({ ranking: fc.array(rank, { maxLength: 6 }), explanation: fc.oneof(fc.string(), fc.jsonValue()) }),
    fc.jsonValue(),
  );

  test('the diagnosis names the same resources and faults, and stays a probability within bounds', () => {
    fc.assert(
      fc.property(input, (given) => {
        let opinion: Opinion | undefined;
        try {
          opinion = opinionFrom(ranked(given).body as object, MODEL, digest, diagnosis);
        } catch (error) {
          expect(String(error)).toMatch(/^Error: (it|its) /);
          return;
        }

        expect(Opinion.parse(opinion)).toEqual(opinion);
        const after = Diagnosis.parse(advise(diagnosis, opinion));
        expect(named(after)).toEqual(named(diagnosis));
        expect(after.hypotheses.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 9);
        for (const { fault, resource, confidence } of diagnosis.hypotheses) {
          const now = after.hypotheses.find((one) => one.fault === fault && one.resource === resource)!;
          expect(now.confidence / confidence).toBeGreaterThan(0.249);
          expect(now.confidence / confidence).toBeLessThan(4.001);
        }
        expect(opinion.explanation).not.toMatch(/arn:|:\/\/|`/);
      }),
      { numRuns: 400 },
    );
  });
});
