import { beforeEach, describe, expect, test } from 'vitest';
import { PastIncident, type Label } from '../../layers/core/experience.ts';
import { incidents, knowledge } from '../../layers/runtime/kb/index.ts';
import type { Moved } from '../../layers/runtime/kb/knowledge.ts';
import { after, anAttempt, anIncident, serviceArn, unique } from './samples.ts';
import { freshTables } from './tables.ts';

beforeEach(freshTables);

let ids = 0;
const past = (over: Partial<PastIncident> = {}): PastIncident =>
  PastIncident.parse({
    incidentId: `01JD${String((ids += 1)).padStart(22, '0')}`,
    resource: serviceArn('api'),
    resourceType: 'ecs-service',
    endedAt: after(ids),
    signature: { 'own metric Errors up': 0.8, 'log missing <*>': 1 },
    label: { fault: 'crash-loop', root: serviceArn('api'), by: 'diagnosis' },
    ending: 'escalated: exhausted',
    tried: [],
    ...over,
  });
const API = serviceArn('api');
const STORE = serviceArn('store');
const CACHE = serviceArn('cache');
const person = { by: 'ada', at: after(900) };
const none = () => [];

describe('past incidents', () => {
  test('are kept once and come back as they were, the newest first, by type of resource', async () => {
    const [first, second] = [past({ features: '{"cpu-now":90}' }), past()];
    const alias = past({ resourceType: 'lambda-alias' });
    for (const one of [first, second, alias]) await knowledge.rememberIncident(one);

    expect(await knowledge.rememberIncident({ ...first, ending: 'noise' })).toBe('known');

    expect(await knowledge.pastIncidents('ecs-service')).toEqual([second, first]);
    expect(await knowledge.pastIncidents('lambda-alias')).toEqual([alias]);
    expect(await knowledge.pastIncidents('sqs-queue')).toEqual([]);
  });

  test('are read by one bounded query, however many there are', async () => {
    const all = Array.from({ length: 230 }, () => past());
    for (let n = 0; n < all.length; n += 10)
      await Promise.all(all.slice(n, n + 10).map((one) => knowledge.rememberIncident(one)));

    const found = await knowledge.pastIncidents('ecs-service');

    expect(found).toHaveLength(220);
    expect(found[0]).toEqual(all.at(-1));
  });

  test('are forgotten when told to', async () => {
    const [stays, goes] = [past(), past()];
    for (const one of [stays, goes]) await knowledge.rememberIncident(one);

    await knowledge.forgetIncidents([goes]);

    expect(await knowledge.pastIncidents('ecs-service')).toEqual([stays]);
  });
});

describe('causes', () => {
  const healing = (root: string): Label => ({ fault: 'dependency-failure', root, by: 'healing' });

  test('are counted once an incident, where a healing shows them', async () => {
    const one = past({ label: healing(STORE) });
    await Promise.all([1, 2, 3].map(() => knowledge.rememberIncident(one)));
    await knowledge.rememberIncident(past({ label: healing(STORE) }));
    await knowledge.rememberIncident(past({ label: { fault: 'dependency-failure', root: CACHE, by: 'diagnosis' } }));
    await knowledge.rememberIncident(past({ label: healing(API) }));

    expect(await knowledge.causes(API)).toEqual([{ effect: API, cause: STORE, confirmed: 2, denied: 0 }]);
  });

  test('that were counted and are corrected move to what it was', async () => {
    const one = past({ label: healing(STORE) });
    await knowledge.rememberIncident(one);

    await knowledge.judgeDiagnosis(one, { said: 'corrected', ...person }, { fault: 'overload', root: CACHE }, none);

    expect(await knowledge.causes(API)).toEqual([
      { effect: API, cause: CACHE, confirmed: 1, denied: 0 },
      { effect: API, cause: STORE, confirmed: 0, denied: 1 },
    ]);
  });

  test('that were only guessed are denied by a correction, and counted by a confirmation', async () => {
    const guess = { fault: 'dependency-failure', root: STORE, by: 'diagnosis' } as const;
    const [denied, confirmed] = [past({ label: guess }), past({ label: guess })];
    for (const one of [denied, confirmed]) await knowledge.rememberIncident(one);

    await knowledge.judgeDiagnosis(denied, { said: 'corrected', ...person }, { fault: 'overload', root: API }, none);
    await knowledge.judgeDiagnosis(confirmed, { said: 'confirmed', ...person }, guess, none);

    expect(await knowledge.causes(API)).toEqual([{ effect: API, cause: STORE, confirmed: 1, denied: 1 }]);
  });
});

describe('what a person says of a diagnosis', () => {
  const correct = (one: PastIncident, by = 'ada', outcomesOf: (kept: PastIncident) => Moved[] = none) =>
    knowledge.judgeDiagnosis(
      one,
      { said: 'corrected', by, at: after(900) },
      { fault: 'overload', root: API },
      outcomesOf,
    );

  test('becomes the label, with who said it and what it was before', async () => {
    const one = past();
    await knowledge.rememberIncident(one);

    await correct(one);

    expect(await knowledge.pastIncidents('ecs-service')).toEqual([
      {
        ...one,
        label: { fault: 'overload', root: API, by: 'person' },
        verdict: { said: 'corrected', by: 'ada', at: after(900), was: one.label },
      },
    ]);
  });

  test('is kept also of an incident that was not, or no longer', async () => {
    const one = past();

    expect(await correct(one)).toMatchObject({ kind: 'taken' });
    expect(await knowledge.pastIncidents('ecs-service')).toMatchObject([
      { label: { fault: 'overload', by: 'person' } },
    ]);
    expect(await knowledge.rememberIncident(one)).toBe('known');
  });

  test('counts once, of several at once too', async () => {
    const one = past();
    await knowledge.rememberIncident(one);

    const answers = await Promise.all(['ada', 'bob', 'cy', 'di'].map((by) => correct(one, by)));

    expect(answers.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
    const [stored] = await knowledge.pastIncidents('ecs-service');
    for (const answer of answers) expect(answer.past.verdict).toEqual(stored!.verdict);
  });

  test('moves outcomes to the fault that it was, once', async () => {
    const action = unique('action');
    const { incidentId, resource } = await anIncident();
    const outcomes = ['recovered', 'unchanged', 'recovered'] as const;
    for (const [n, outcome] of outcomes.entries()) {
      await incidents.putAttempt(incidentId, anAttempt(resource.arn, n + 1));
      await knowledge.learn({
        incidentId,
        attempt: n + 1,
        fault: 'crash-loop',
        resource: resource.arn,
        resourceType: 'ecs-service',
        action,
        outcome,
        prior: { alpha: 2, beta: 2 },
      });
    }
    const moved = (outcome: Moved['outcome'], prior: Moved['prior']): Moved => ({
      from: 'crash-loop',
      to: 'overload',
      resourceType: 'ecs-service',
      action,
      outcome,
      prior,
    });
    const one = past();
    const outcomesOf = () => [moved('recovered', { alpha: 1, beta: 1 }), moved('unchanged', { alpha: 1, beta: 1 })];

    await Promise.all(['ada', 'bob'].map((by) => correct(one, by, outcomesOf)));

    const known = await knowledge.posteriors('ecs-service', ['crash-loop', 'overload']);
    expect(known[`crash-loop/${action}`]).toEqual({ alpha: 3, beta: 2 });
    expect(known[`overload/${action}`]).toEqual({ alpha: 2, beta: 2 });
  });

  test('takes back what was counted wrongly, though the action does not claim to heal what it was', async () => {
    const action = unique('action');
    const { incidentId, resource } = await anIncident();
    await incidents.putAttempt(incidentId, anAttempt(resource.arn));
    const lesson = { incidentId, attempt: 1, resourceType: 'ecs-service', action, outcome: 'recovered' } as const;
    await knowledge.learn({ ...lesson, resource: resource.arn, fault: 'crash-loop', prior: { alpha: 2, beta: 2 } });
    const moved: Moved = { ...lesson, from: 'crash-loop', to: 'overload', prior: undefined };

    await correct(past(), 'ada', () => [moved]);
    await correct(past(), 'ada', () => [moved]); // was taken back already: nothing is left of it

    const known = await knowledge.posteriors('ecs-service', ['crash-loop', 'overload']);
    expect(known).toEqual({ [`crash-loop/${action}`]: { alpha: 2, beta: 2 } });
  });
});
