import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { count, ownHistory } from '../../../functions/decide/history.ts';
import { candidateKey, plan, type PlanOptions, type Posteriors } from '../../../functions/decide/plan.ts';
import type { ActionCatalogue } from '../../../functions/recover/catalogue.ts';
import type { Action } from '../../../layers/core/action.ts';
import type { Diagnosis } from '../../../layers/core/diagnosis.ts';
import { Attempt } from '../../../layers/core/plan.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { at, evidenceOf, resourceOf, SERVICE } from '../evidence.ts';

const action = (name: string, faults: readonly Fault[], over: Partial<Action> = {}): Action => ({
  name,
  summary: name,
  heals: [{ resource: 'ecs-service', faults, prior: { alpha: 1, beta: 1 } }],
  risk: 'R2',
  params: z.unknown(),
  destroysEvidence: false,
  settles: { typical: 60, atMost: 600 },
  cooldown: 60,
  disruption: 0,
  afterwards: { kind: 'nothing' },
  propose: ({ resource }) => ({ service: resource.arn }),
  touches: () => [SERVICE],
  writes: () => [],
  preconditions: async () => [],
  intend: async () => [],
  apply: async () => undefined,
  settled: async () => 'yes',
  ...over,
});
const catalogue = (...actions: readonly Action[]): ActionCatalogue =>
  Object.fromEntries(actions.map((one) => [one.name, one]));
const diagnosis = (...pairs: readonly (readonly [Fault, number])[]): Diagnosis => ({
  hypotheses: pairs.map(([fault, confidence]) => ({
    resource: SERVICE,
    fault,
    confidence,
    because: ['a test says so'],
  })),
  severity: 'high',
  onset: at(0),
  gaps: [],
});
const order = (
  actions: ActionCatalogue,
  of: Diagnosis,
  { posteriors = {}, resource = {}, ...options }: PlanOptions & { posteriors?: Posteriors; resource?: object } = {},
) => plan(of, evidenceOf({ resources: [resourceOf(resource)] }), posteriors, DEFAULT_POLICY, actions, options);
const names = (made: ReturnType<typeof plan>) => made.candidates.map((candidate) => candidate.action);

describe('candidates are ordered', () => {
  test('by the chance that they heal', () => {
    const actions = catalogue(action('restart', ['crash-loop']), action('revert', ['bad-deployment']));

    expect(names(order(actions, diagnosis(['bad-deployment', 0.7], ['crash-loop', 0.3])))).toEqual([
      'revert',
      'restart',
    ]);
  });

  test('by the time they take, where the chance is the same', () => {
    const actions = catalogue(
      action('slow', ['crash-loop'], { settles: { typical: 600, atMost: 900 } }),
      action('quick', ['crash-loop']),
    );

    expect(names(order(actions, diagnosis(['crash-loop', 1])))).toEqual(['quick', 'slow']);
  });

  test('by chance over time, as Simon & Kadane (1975) prove: 0.5 in 90 s before 0.9 in 300 s', () => {
    const actions = catalogue(
      action('sure', ['crash-loop'], { settles: { typical: 270, atMost: 900 } }),
      action('quick', ['crash-loop'], { settles: { typical: 60, atMost: 900 } }),
    );
    const posteriors = { 'crash-loop/sure': { alpha: 9, beta: 1 }, 'crash-loop/quick': { alpha: 1, beta: 1 } };

    expect(names(order(actions, diagnosis(['crash-loop', 1]), { posteriors }))).toEqual(['quick', 'sure']);
  });

  test('with what they risk counted as lost time', () => {
    const actions = catalogue(
      action('bold', ['crash-loop'], { risk: 'R2', disruption: 0.5 }),
      action('mild', ['crash-loop'], { risk: 'R1' }),
    );

    expect(names(order(actions, diagnosis(['crash-loop', 1])))).toEqual(['mild', 'bold']);
  });

  test('by what was learned: what healed before comes first the next time', () => {
    const actions = catalogue(action('a', ['crash-loop']), action('b', ['crash-loop']));
    const learned = { 'crash-loop/b': { alpha: 2, beta: 1 }, 'crash-loop/a': { alpha: 1, beta: 2 } };

    expect(names(order(actions, diagnosis(['crash-loop', 1])))[0]).toBe('a');
    expect(names(order(actions, diagnosis(['crash-loop', 1]), { posteriors: learned }))[0]).toBe('b');
  });

  test('by what healed this very resource before what healed others', () => {
    const actions = catalogue(action('a', ['crash-loop']), action('b', ['crash-loop']));
    const posteriors = { 'crash-loop/a': { alpha: 7, beta: 3 }, 'crash-loop/b': { alpha: 3, beta: 3 } };
    const own = { 'crash-loop/a': { healed: 0, failed: 1 }, 'crash-loop/b': { healed: 1, failed: 0 } };

    expect(names(order(actions, diagnosis(['crash-loop', 1]), { posteriors }))[0]).toBe('a');
    expect(names(order(actions, diagnosis(['crash-loop', 1]), { posteriors, own }))[0]).toBe('b');
  });

  test('with those that a person must allow after those that may run', () => {
    const actions = catalogue(
      action('asks', ['crash-loop'], { risk: 'R3', settles: { typical: 30, atMost: 60 } }),
      action('acts', ['crash-loop']),
    );

    expect(names(order(actions, diagnosis(['crash-loop', 1])))).toEqual(['acts', 'asks']);
  });
});

describe('left out, with the reason', () => {
  const actions = catalogue(action('restart', ['crash-loop']));
  const of = diagnosis(['crash-loop', 1]);

  test.each([
    [
      'what does not fit',
      order(
        catalogue(action('restart', ['crash-loop'], { propose: () => ({ unfit: 'no other revision was steady' }) })),
        of,
      ),
      'no other revision was steady',
    ],
    [
      'what was tried in this incident',
      order(actions, of, {
        tried: new Set([candidateKey({ action: 'restart', resource: SERVICE, params: { service: SERVICE } })]),
      }),
      'tried',
    ],
    [
      'what hardly can be the cause',
      order(actions, diagnosis(['placement-failure', 0.85], ['crash-loop', 0.15])),
      'the chance that it heals is 7.5 %',
    ],
    ['what rests', order(actions, of, { resting: { restart: 'it rests 60 s' } }), 'it rests 60 s'],
    [
      'what cannot be undone',
      order(catalogue(action('restart', ['crash-loop'], { risk: 'R4' })), of),
      'never executed',
    ],
    ['everything in mode observe', order(actions, of, { resource: { mode: 'observe' } }), 'observe'],
  ])('%s', (_name, made, why) => {
    expect(made.candidates).toEqual([]);
    expect(made.rejected).toHaveLength(1);
    expect(made.rejected[0]?.why).toContain(why);
  });
});

test('in mode suggest even what cannot be undone is a candidate: it is only told', () => {
  const made = order(catalogue(action('wipe', ['crash-loop'], { risk: 'R4' })), diagnosis(['crash-loop', 1]), {
    resource: { mode: 'suggest' },
  });

  expect(names(made)).toEqual(['wipe']);
});

test('an action against two faults is one candidate whose chances add up', () => {
  const made = order(
    catalogue(action('restart', ['crash-loop', 'deadlock'])),
    diagnosis(['crash-loop', 0.6], ['deadlock', 0.4]),
  );

  expect(made.candidates).toHaveLength(1);
  expect(made.candidates[0]).toMatchObject({ fault: 'crash-loop', success: 0.5 });
});

test('an action that heals the fault on another type of resource only is no candidate', () => {
  const made = order(
    catalogue(action('move', ['crash-loop'], { heals: [{ resource: 'lambda-alias', faults: ['crash-loop'] }] })),
    diagnosis(['crash-loop', 1]),
  );

  expect(made).toEqual({ candidates: [], rejected: [] });
});

test('outcomes on the resource are counted by fault and action, the unknown ones left out', () => {
  const attempt = (name: string, outcome: string | undefined) =>
    Attempt.parse({
      attempt: 1,
      candidate: {
        action: name,
        params: {},
        resource: SERVICE,
        fault: 'crash-loop',
        risk: 'R2',
        success: 0.5,
        expectedSeconds: 60,
        because: [],
      },
      startedAt: at(0),
      leased: [],
      mutations: [],
      outcome,
    });

  const history = count([
    attempt('a', 'recovered'),
    attempt('a', 'unchanged'),
    attempt('b', 'worse'),
    attempt('b', 'unknown'),
    attempt('b', undefined),
  ]);

  expect(history).toEqual({ 'crash-loop/a': { healed: 1, failed: 1 }, 'crash-loop/b': { healed: 0, failed: 1 } });
});

test('how an action fared on a resource is told without this incident’s attempts, and by its shares where it was often', async () => {
  const arn = SERVICE;
  const attempt = Attempt.parse({
    attempt: 1,
    candidate: {
      action: 'restart-service',
      params: {},
      resource: arn,
      fault: 'crash-loop',
      risk: 'R2',
      success: 0.5,
      expectedSeconds: 60,
      because: [],
    },
    startedAt: '2026-01-01T00:00:00.000Z',
    leased: [],
    mutations: [],
    outcome: 'unchanged',
  });
  const knowledge = {
    ownOutcomes: () =>
      Promise.resolve({
        'crash-loop/restart-service': { healed: 0, failed: 1 },
        'memory-leak/restart-service': { healed: 3, failed: 1 },
        'deadlock/restart-service': { healed: 30, failed: 10 },
      }),
  };

  const history = await ownHistory(arn, [attempt], { knowledge } as never);

  expect(history).toEqual({
    'memory-leak/restart-service': { healed: 3, failed: 1 },
    'deadlock/restart-service': { healed: 7.5, failed: 2.5 },
  });
});
