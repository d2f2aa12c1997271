import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceDetectors } from '../../../../functions/detect/serviceDetectors.generated.ts';
import { learnService, type ServiceModel } from '../../../../functions/detect/multivariate/service-model.ts';
import {
  startService,
  stepService,
  type ServiceVerdict,
} from '../../../../functions/detect/multivariate/service-step.ts';
import { healthyRows, METRICS } from './series.ts';

const STEP = 300;
const LEARNED = 1440;
const model = learnService({ metrics: METRICS, from: 0, step: STEP, rows: healthyRows(LEARNED) }, serviceDetectors, 1);

/** Steps rows through a model, one a step from the end of what was learned. */
function verdicts(rows: readonly (readonly number[])[], using: ServiceModel = model): ServiceVerdict[] {
  let state = startService();
  return rows.map((row, t) => {
    const next = stepService(using, serviceDetectors, state, (LEARNED + t) * STEP, row);
    state = next.state;
    return next.verdict;
  });
}

const scored = (verdict: ServiceVerdict | undefined) => {
  if (verdict?.kind !== 'scored') throw new Error(`supply a scored row, got ${JSON.stringify(verdict)}`);
  return verdict;
};

describe('detection over all metrics of a service', () => {
  it('calls healthy days it has not seen healthy: about as many rows below each probability as it says', () => {
    const all = verdicts(healthyRows(1440, 2, LEARNED)).map(scored);

    const below = (p: number) => all.filter(({ probability }) => probability < p).length / all.length;
    expect(below(0.5)).toBeGreaterThan(0.3);
    expect(below(0.5)).toBeLessThan(0.7);
    expect(below(0.01)).toBeLessThan(0.04);
  });

  it('notices latency that leaves the load, though no value is out of its usual range, and names latency first', () => {
    const rows = healthyRows(300, 3, LEARNED);
    const lowest = Math.min(...rows.map((row) => row[3]!));
    const trouble = rows.map((row, t) => (t < 290 ? row : row.with(3, lowest + 0.25 * (row[3]! > 0.2 ? 0 : 1))));

    const last = scored(verdicts(trouble).at(-1));

    expect(last.probability).toBeLessThan(1e-3);
    expect(last.because[0]?.metric).toBe('latency');
  });

  it('notices a shift that its first row hardly shows, and is surer of it while it lasts', () => {
    const rows = healthyRows(312, 3, LEARNED).map((row, t) => (t < 300 ? row : row.with(2, row[2]! + 2e7)));

    const all = verdicts(rows).map(scored);

    expect(all[300]!.probability).toBeGreaterThan(5e-3);
    expect(all.at(-1)!.probability).toBeLessThan(1e-3);
    expect(all.at(-1)!.because[0]?.metric).toBe('memory');
    expect(all[299]!.score).toBeLessThan(0);
    expect(all.at(-1)!.score).toBeGreaterThan(0);
  });

  it('notices that a metric moves which never moved before', () => {
    const rows = healthyRows(300, 3, LEARNED).map((row, t) => (t < 295 ? row : row.with(4, 1)));

    const last = scored(verdicts(rows).at(-1));

    expect(last.probability).toBeLessThan(1e-3);
    expect(last.because[0]?.metric).toBe('replicas');
  });

  it('notices a change of unit, and is calm again after learning from the new unit', () => {
    const grown = (rows: number[][]) => rows.map((row) => row.with(2, row[2]! / 1024));
    const rows = grown(healthyRows(50, 4, LEARNED));

    const before = scored(verdicts(rows).at(-1));
    const history = { metrics: METRICS, from: 0, step: STEP, rows: grown(healthyRows(LEARNED)) };
    const after = scored(verdicts(rows, learnService(history, serviceDetectors, 1)).at(-1));

    expect(before.probability).toBeLessThan(1e-3);
    expect(before.because[0]?.metric).toBe('memory');
    expect(after.probability).toBeGreaterThan(0.01);
  });

  it('ignores duplicates, time running backwards and rows without a value, and says so', () => {
    const row = healthyRows(1, 5)[0]!;
    const { state } = stepService(model, serviceDetectors, startService(), 3000, row);

    const again = stepService(model, serviceDetectors, state, 3000, row);
    const back = stepService(model, serviceDetectors, state, 2000, row);
    const nothing = stepService(
      model,
      serviceDetectors,
      state,
      3300,
      row.map(() => Number.NaN),
    );

    expect(again.verdict).toEqual({ kind: 'ignored', why: 'not newer than the last row' });
    expect(back.verdict).toEqual({ kind: 'ignored', why: 'not newer than the last row' });
    expect(nothing.verdict).toEqual({ kind: 'ignored', why: 'no metric was measured' });
    expect([again.state, back.state, nothing.state]).toEqual([state, state, state]);
  });

  it('goes on the same after model and state were stored as JSON', () => {
    const rows = healthyRows(40, 6, LEARNED);
    const stored = JSON.parse(JSON.stringify(model)) as ServiceModel;
    let state = startService();
    let last: ServiceVerdict | undefined;

    rows.forEach((row, t) => {
      const next = stepService(stored, serviceDetectors, state, (LEARNED + t) * STEP, row);
      state = JSON.parse(JSON.stringify(next.state)) as typeof state;
      last = next.verdict;
    });

    expect(last).toEqual(verdicts(rows).at(-1));
  });

  it('counts the rise of a counter, so that its reset is no anomaly', () => {
    const counted = (rows: number[][]) => {
      let sum = 0;
      return rows.map((row) => [...row.slice(0, 4), (sum += row[0]!)]);
    };
    const history = { metrics: METRICS, from: 0, step: STEP, rows: counted(healthyRows(LEARNED)) };
    const rows = counted(healthyRows(60, 7, LEARNED));

    const learned = learnService(history, serviceDetectors, 1);
    const reset = rows.map((row, t) => (t < 58 ? row : row.with(4, row[4]! - rows[57]![4]!)));

    expect(learned.conditions[4]?.kind).toBe('counter');
    expect(scored(verdicts(rows, learned).at(-1)).probability).toBeGreaterThan(0.01);
    expect(scored(verdicts(reset, learned).at(-1)).probability).toBeGreaterThan(0.01);
  });

  it('says what is wrong with a history it cannot learn from', () => {
    const learn = (rows: number[][]) => () =>
      learnService({ metrics: METRICS, from: 0, step: STEP, rows }, serviceDetectors, 1);

    expect(learn([])).toThrow('at least one row');
    expect(learn([[1, 2]])).toThrow('supply 5 values a row, one a metric, got 2 in row 0');
  });
});

const value = fc.oneof(
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.constantFrom(0, 1, 1e300, -1e300, 1e-300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const rowsOf = (least: number) => fc.array(fc.tuple(value, value, value), { minLength: least, maxLength: 60 });

describe('whatever it is fed', () => {
  it('learns from any history and answers any row with finite numbers and shares that are 1 in all', () => {
    const times = fc.array(fc.oneof(fc.integer({ min: -1000, max: 100_000 }), fc.constant(Number.NaN)), {
      minLength: 60,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rowsOf(1), rowsOf(1), times, (history, rows, at) => {
        const learned = learnService(
          { metrics: ['a', 'b', 'c'], from: 0, step: 60, rows: history },
          serviceDetectors,
          1,
        );
        let state = startService();
        rows.forEach((row, t) => {
          const { state: next, verdict } = stepService(learned, serviceDetectors, state, at[t]!, row);
          state = next;
          if (verdict.kind === 'ignored') return;
          expect(Number.isFinite(verdict.score)).toBe(true);
          expect(verdict.probability).toBeGreaterThan(0);
          expect(verdict.probability).toBeLessThanOrEqual(1);
          const sum = verdict.because.reduce((total, { share }) => total + share, 0);
          if (verdict.because.length > 0) expect(sum).toBeCloseTo(1, 6);
        });
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});
