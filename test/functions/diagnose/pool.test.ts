import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doubted } from '../../../functions/diagnose/doubt.ts';
import { pooled } from '../../../functions/diagnose/pool.ts';
import { possible } from '../../../functions/diagnose/possible.ts';
import type { Hypothesis } from '../../../layers/core/diagnosis.ts';
import { FAULTS, type Fault } from '../../../layers/core/taxonomy.ts';
import { SERVICE } from '../evidence.ts';

const opinion = (shares: Partial<Record<Fault, number>>): Hypothesis[] =>
  Object.entries(shares).map(([fault, confidence]) => ({
    resource: SERVICE,
    fault: fault as Fault,
    confidence,
    because: [`${fault} because it looks so`],
  }));
const shares = (hypotheses: readonly Hypothesis[]) =>
  Object.fromEntries(hypotheses.map(({ fault, confidence }) => [fault, Math.round(confidence * 1000) / 1000]));

/** As the mean is, before it is sharpened. */
const PLAIN = { weight: 0.5, sharpness: 1 };

describe('the pool', () => {
  test('is the mean of two opinions (Stone 1961), the most probable first', () => {
    const found = pooled(opinion({ overload: 0.6, unknown: 0.4 }), opinion({ overload: 0.8, deadlock: 0.2 }), PLAIN);

    expect(shares(found)).toEqual({ overload: 0.748, unknown: 0.232, deadlock: 0.02 });
    expect(found[0]?.because).toEqual(['overload because it looks so', 'overload because it looks so']);
  });

  test('of two that are sure of something else says so, and believes neither as much', () => {
    const found = pooled(opinion({ overload: 0.72, deadlock: 0.16, unknown: 0.12 }), opinion({ deadlock: 1 }), PLAIN);

    expect(shares(found)).toEqual({ deadlock: 0.435, unknown: 0.295, overload: 0.27 });
    expect(found[0]?.because.at(-1)).toBe(
      'Rules and model disagree: overload (72 %) by the rules, deadlock (100 %) by the model.',
    );
  });

  test('holds what no rule finds too unlikely to act on, however sure the model is of it', () => {
    const found = pooled(opinion({ overload: 0.8, unknown: 0.2 }), opinion({ deadlock: 1 }), PLAIN);

    expect(shares(found)).toEqual({ overload: 0.684, unknown: 0.221, deadlock: 0.095 });
  });

  test('is all the more what the rules say as the model does not know', () => {
    const found = pooled(
      opinion({ 'memory-leak': 0.8, unknown: 0.2 }),
      opinion({ unknown: 0.8, deadlock: 0.2 }),
      PLAIN,
    );

    expect(shares(found)).toEqual({ 'memory-leak': 0.784, unknown: 0.196, deadlock: 0.02 });
  });

  test('is sharpened, since opinions that agree are righter than their mean is sure; the order stays', () => {
    const ruled = opinion({ overload: 0.6, 'memory-leak': 0.3, unknown: 0.1 });

    const found = pooled(ruled, [], { sharpness: 2 });

    const sum = 0.36 + 0.09 + 0.01;
    expect(found.map(({ confidence }) => confidence)).toEqual(
      [0.36 / sum, 0.09 / sum, 0.01 / sum].map((one) => expect.closeTo(one, 9) as number),
    );
  });

  test('never raises what the model names alone, however much it is sharpened', () => {
    const [ruled, modelled] = [opinion({ unknown: 1 }), opinion({ deadlock: 1 })];

    const alone = [1, 2.4, 4].map(
      (sharpness) => pooled(ruled, modelled, { sharpness }).find(({ fault }) => fault === 'deadlock')?.confidence,
    );

    expect(alone).toEqual([alone[0], alone[0], alone[0]]);
    expect(alone[0]).toBeLessThanOrEqual(0.1);
  });

  test('is what the rules say where the model has nothing left', () => {
    expect(shares(pooled(opinion({ overload: 1 }), []))).toEqual({ overload: 1 });
  });
});

describe('what is possible', () => {
  const model = opinion({ 'bad-deployment': 0.8, 'crash-loop': 0.1, unknown: 0.1 });

  test('is no bad change where none was made', () => {
    expect(shares(possible(model, opinion({ unknown: 1 }), { 'tasks-failed': 2 }))).toEqual({
      'crash-loop': 0.5,
      unknown: 0.5,
    });
  });

  test('is no bad change that the rules have acquitted', () => {
    const ruled = opinion({ 'bad-deployment': 0.05, 'memory-leak': 0.95 });

    expect(possible(model, ruled, {}).map(({ fault }) => fault)).toEqual(['unknown']);
  });

  test('is no crash loop in which no task ended', () => {
    expect(shares(possible(model, opinion({ 'bad-deployment': 1 }), {}))).toEqual({
      'bad-deployment': 0.889,
      unknown: 0.111,
    });
  });
});

describe('doubt', () => {
  const sure = opinion({ overload: 0.9, unknown: 0.1 });

  test('takes a tenth for each part that could not be read, at most half', () => {
    expect(shares(doubted(sure, ['the log could not be read']))).toEqual({ overload: 0.81, unknown: 0.19 });
    expect(
      shares(
        doubted(
          sure,
          Array.from({ length: 30 }, (_, n) => `part ${n}`),
        ),
      ),
    ).toEqual({ unknown: 0.55, overload: 0.45 });
  });

  test('is not cast by what was left out on purpose', () => {
    expect(doubted(sure, ['12 further neighbours were not looked at'])).toEqual(sure);
  });
});

test('however opinions differ, confidences stay probabilities that add up to one', () => {
  const faults = fc.constantFrom(...(Object.keys(FAULTS) as Fault[]));
  const opinions = fc.dictionary(faults, fc.double({ min: 0.001, max: 1, noNaN: true }), { minKeys: 1 }).map((raw) => {
    const all = { unknown: 0.1, ...raw };
    const total = Object.values(all).reduce((sum, value) => sum + value, 0);
    return opinion(Object.fromEntries(Object.entries(all).map(([fault, value]) => [fault, value / total])));
  });
  fc.assert(
    fc.property(opinions, opinions, fc.array(fc.string(), { maxLength: 9 }), (ruled, modelled, gaps) => {
      const found = doubted(pooled(ruled, possible(modelled, ruled, {})), gaps);

      expect(found.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 9);
      expect(
        found.every(({ confidence, because }) => confidence > 0 && confidence <= 1 + 1e-9 && because.length > 0),
      ).toBe(true);
    }),
  );
});
