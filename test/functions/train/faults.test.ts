import { describe, expect, it } from 'vitest';
import { fit } from '../../../functions/diagnose/classify/fit.ts';
import { classify } from '../../../functions/diagnose/classify/forest.ts';
import { refined } from '../../../functions/diagnose/model/refine.ts';
import { actions } from '../../../functions/recover/catalogue.ts';
import { chooseFaults } from '../../../functions/train/choose-faults.ts';
import { knownCases, type KnownCase } from '../../../functions/train/known-faults.ts';
import type { PastIncident } from '../../../layers/core/experience.ts';
import { epoch } from '../../../layers/core/points.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { CALLEE, SERVICE } from '../evidence.ts';

/** A world in which overload is busy and a deadlock is slow. */
function shippedForest() {
  const random = seeded(3);
  const cases = Array.from({ length: 200 }, (_, n) => {
    const label = n % 2 === 0 ? 'overload' : 'deadlock';
    const [busy, slow] = label === 'overload' ? [80, 2] : [20, 50];
    return { label, values: { 'cpu-now': busy + 10 * random(), 'latency-ratio': slow + 5 * random() } };
  });
  return fit(cases, ['cpu-now', 'latency-ratio'], { growth: { trees: 16, tried: 1, leaf: 8, seed: 1 } });
}

const day = (n: number): string => new Date(Date.UTC(2026, 5, 1) + n * 86_400_000).toISOString();

/** One incident a day; what looks busy is in turn `busy[0]`, `busy[1]`, …, and what is slow a deadlock, as it is shipped. */
function cases(count: number, busy: readonly Fault[]): KnownCase[] {
  const random = seeded(5);
  return Array.from({ length: count }, (_, n) => {
    const isBusy = n % 2 === 0;
    const values = isBusy
      ? { 'cpu-now': 80 + 10 * random(), 'latency-ratio': 2 + 5 * random() }
      : { 'cpu-now': 20 + 10 * random(), 'latency-ratio': 50 + 5 * random() };
    const fault = isBusy ? busy[(n / 2) % busy.length]! : 'deadlock';
    return { incidentId: `I${n}`, resource: SERVICE, fault, weight: 1, values, at: day(n), saidAt: day(n) };
  });
}

const probabilityOf = (forest: ReturnType<typeof shippedForest>, fault: Fault, values: KnownCase['values']): number =>
  classify(forest, values).probabilities.find(({ label }) => label === fault)?.probability ?? 0;

describe('the shipped model, refined by own incidents', () => {
  it('has in each leaf the mean of the Dirichlet posterior (Cestnik 1990)', () => {
    const leaf = { feature: [0, -1, -1], threshold: [50, 0, 0], left: [1, 0, 1], leaves: [[1, 0], [0.25, 0.75]] }; // prettier-ignore
    const forest = { schema: 1 as const, features: ['cpu-now'], labels: ['deadlock', 'overload'], trees: [leaf], sharpness: 1, knownFrom: 0 }; // prettier-ignore
    const own = ['memory-leak', 'overload', 'overload'] as const;

    const { labels, trees } = refined(forest, {
      schema: 1,
      shippedCounts: 4,
      cases: own.map((fault, n) => ({ incidentId: `I${n}`, fault, weight: 1, values: { 'cpu-now': 90 } })),
    });

    expect(labels).toEqual(['deadlock', 'overload', 'memory-leak']);
    expect(trees[0]!.leaves[0]).toEqual([1, 0, 0]); // none fell there
    expect(trees[0]!.leaves[1]).toEqual([1 / 7, (4 * 0.75 + 2) / 7, 1 / 7]);
  });

  it('stays what it was about what looks like none of them', () => {
    const [forest, slow] = [shippedForest(), { 'cpu-now': 22, 'latency-ratio': 52 }];
    const busyOnes = cases(20, ['crash-loop']).filter(({ fault }) => fault === 'crash-loop');

    const other = refined(forest, { schema: 1, shippedCounts: 4, cases: busyOnes });

    expect(probabilityOf(other, 'deadlock', slow)).toBeCloseTo(probabilityOf(forest, 'deadlock', slow), 3);
    expect(probabilityOf(other, 'crash-loop', busyOnes[0]!.values)).toBeGreaterThan(0.8);
  });
});

describe('a refined model', () => {
  it('replaces the shipped one where what looks the same is another fault in this account', () => {
    const choice = chooseFaults(cases(44, ['crash-loop']), shippedForest(), {});

    if (choice.kind !== 'judged') throw new Error(choice.why);
    expect(choice.better).toBe(true);
    expect(choice.own.brier).toBeLessThan(choice.inUse.brier);
    expect(choice.reliability.reduce((sum, { count }) => sum + count, 0)).toBe(choice.judgedOn.length);
    expect(choice.learnedFrom.length + choice.judgedOn.length).toBe(44);
    expect(choice.learnedFrom.at(-1)!.at < choice.judgedOn[0]!.at).toBe(true);
    expect(choice.model.cases.length).toBe(choice.learnedFrom.length);
  });

  it('does not replace the shipped one where that is right', () => {
    expect(chooseFaults(cases(30, ['overload']), shippedForest(), {})).toMatchObject({ better: false });
  });

  it('does not replace the shipped one when what it learned from was mislabelled and what came later was not', () => {
    const poisoned = cases(40, ['overload']).map((one, n) =>
      n < 24 ? { ...one, fault: 'placement-failure' as const } : one,
    );

    expect(chooseFaults(poisoned, shippedForest(), {})).toMatchObject({ better: false });
  });

  it('still names what was most often said where a fifth is mislabelled', () => {
    const shipped = shippedForest();
    const some = cases(40, ['crash-loop']).map((one, n) =>
      n % 5 === 0 ? { ...one, fault: 'memory-leak' as const } : one,
    );

    const choice = chooseFaults(some, shipped, {});

    if (choice.kind !== 'judged') throw new Error(choice.why);
    const busy = { 'cpu-now': 85, 'latency-ratio': 4 };
    expect(classify(refined(shipped, choice.model), busy).label).toBe('crash-loop');
    expect(classify(refined(shipped, choice.model), { 'cpu-now': 22, 'latency-ratio': 52 }).label).toBe('deadlock');
  });

  it('does not believe a few corrections of what was healed far more often as it was named', () => {
    const corrected = cases(40, ['crash-loop']).filter(({ fault }) => fault === 'crash-loop');
    const healed = cases(400, ['overload'])
      .filter(({ fault }) => fault === 'overload')
      .map((one, n) => ({ ...one, weight: 0.5, at: day(n / 10), saidAt: day(n / 10) }));
    const all = [...corrected, ...healed].sort((a, b) => (a.at < b.at ? -1 : 1));

    const choice = chooseFaults(all, shippedForest(), {});

    if (choice.kind !== 'judged') throw new Error(choice.why);
    const busy = { 'cpu-now': 85, 'latency-ratio': 4 };
    expect(classify(refined(shippedForest(), choice.model), busy).label).toBe('overload');
  });

  it('does not replace one that knows it already', () => {
    const all = cases(30, ['crash-loop']);
    const first = chooseFaults(all, shippedForest(), {});
    if (first.kind !== 'judged') throw new Error(first.why);

    expect(chooseFaults(all, shippedForest(), { model: first.model })).toMatchObject({ better: false });
  });

  it('is not made of fewer than five incidents to learn from and five to be judged on', () => {
    expect(chooseFaults(cases(9, ['crash-loop']), shippedForest(), {})).toMatchObject({ kind: 'too-few' });
    expect(chooseFaults(cases(10, ['crash-loop']), shippedForest(), {})).toMatchObject({ kind: 'judged' });
    expect(chooseFaults([], shippedForest(), {})).toMatchObject({ kind: 'too-few' });
  });

  it('is judged only on what happened since a person went back', () => {
    const all = cases(30, ['crash-loop']);

    const choice = chooseFaults(all, shippedForest(), { judgeSince: epoch(all.at(-3)!.at) });

    expect(choice.kind === 'too-few' && choice.why).toContain('there are 30, 3 of them since a person went back');
  });

  it('is not believed for one resource on one day, however often the same came back', () => {
    const together = cases(30, ['crash-loop']).map((one, n) => ({ ...one, at: `2026-06-01T12:${10 + n}:00.000Z` }));

    expect(chooseFaults(together, shippedForest(), {})).toMatchObject({ kind: 'judged', better: false });
  });
});

describe('a fault is known', () => {
  const past = (over: Partial<PastIncident>): PastIncident => ({
    incidentId: 'I',
    resource: SERVICE,
    resourceType: 'ecs-service',
    endedAt: day(0),
    signature: {},
    label: { fault: 'overload', root: SERVICE, by: 'healing' },
    ending: 'recovered by scale-out',
    tried: [{ action: 'scale-out', fault: 'overload', on: 'ecs-service', outcome: 'recovered' }],
    features: '{"cpu-now":90}',
    ...over,
  });
  const restarted = [
    { action: 'restart-service', fault: 'deadlock', on: 'ecs-service', outcome: 'recovered' },
  ] as const;

  it.each<[string, Partial<PastIncident>, (readonly [Fault, number])?]>([
    ['by an action that heals nothing else', {}, ['overload', 1]],
    [
      'by half, by one that heals other faults, too',
      { label: { fault: 'deadlock', root: SERVICE, by: 'healing' }, tried: [...restarted] },
      ['deadlock', 0.5],
    ],
    [
      'by a person, whatever healed it',
      { label: { fault: 'deadlock', root: SERVICE, by: 'person' }, tried: [...restarted] },
      ['deadlock', 1],
    ],
    ['not by Diagnose alone', { label: { fault: 'overload', root: SERVICE, by: 'diagnosis' } }],
    [
      'as a failure of what it calls where the cause was there',
      { label: { fault: 'overload', root: CALLEE, by: 'person' } },
      ['dependency-failure', 1],
    ],
    ['not where nobody kept what it looked like', { features: undefined as never }],
  ])('%s', (_, over, known) => {
    expect(knownCases([past(over)], actions).map(({ fault, weight }) => [fault, weight])).toEqual(known ? [known] : []);
  });
});
