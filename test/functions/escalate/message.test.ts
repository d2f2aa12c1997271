import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  Escalation,
  escalationOf,
  parseMessage,
  subjectOf,
  textOf,
  type EscalationInput,
} from '../../../functions/escalate/message.ts';
import { Impact } from '../../../layers/core/impact.ts';
import { EscalationCause, Incident } from '../../../layers/core/incident.ts';
import { Attempt } from '../../../layers/core/plan.ts';
import type { Sequence } from '../../../layers/core/sequence.ts';
import { at, CALLEE, evidenceOf, revision, SERVICE } from '../evidence.ts';

const incident = Incident.parse({
  incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
  resource: SERVICE,
  fleet: 'f',
  mode: 'heal',
  status: 'open',
  severity: 'high',
  openedAt: at(30),
  onset: at(0),
  signalCount: 2,
  diagnosis: {
    hypotheses: [
      {
        resource: SERVICE,
        fault: 'bad-deployment',
        confidence: 0.7,
        because: ['A deployment of api:7 began 60 s before the onset.'],
      },
      { resource: SERVICE, fault: 'unknown', confidence: 0.3, because: ['always possible'] },
    ],
    severity: 'high',
    onset: at(0),
    gaps: ['log group /api could not be read'],
  },
});
const attempt = Attempt.parse({
  attempt: 1,
  candidate: {
    action: 'rollback-deployment',
    params: {},
    resource: SERVICE,
    fault: 'bad-deployment',
    risk: 'R2',
    success: 0.6,
    expectedSeconds: 150,
    because: [],
  },
  startedAt: at(60),
  leased: [SERVICE],
  mutations: [
    {
      resource: SERVICE,
      field: 'taskDefinition',
      was: revision(7),
      becomes: revision(6),
      action: 'rollback-deployment',
      state: 'undone',
      at: at(200),
    },
  ],
  judged: 'unchanged',
  outcome: 'unchanged',
  outcomeWhy: ['api-errors is still bad (token=abc123)'],
});
const input = (over: Partial<EscalationInput> = {}): EscalationInput => ({
  incident,
  because: 'exhausted',
  why: ['no action is left'],
  evidence: evidenceOf(),
  attempts: [attempt],
  plan: {
    candidates: [],
    rejected: [{ action: 'raise-memory', resource: SERVICE, why: 'the memory limit could not be read' }],
  },
  executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:heal:01JD3Q8Z3M7N5V6XK2B4C9D8EF',
  runbook: 'docs/runbook.md',
  now: at(600),
  ...over,
});

describe('the message to a person', () => {
  test('can be read back by a program from its last line', () => {
    const told = escalationOf(input());

    expect(parseMessage(textOf(told))).toEqual(told);
    expect(Escalation.parse(told)).toEqual(told);
  });

  test('says what is needed to take over', () => {
    const text = textOf(escalationOf(input()));

    for (const part of [
      SERVICE,
      'since 2026-11-01T12:00:00.000Z (10 min)',
      'no action is left',
      '2 of 2 tasks run',
      'api-errors: 40, before 0 (limit 5)',
      'Likely cause: bad-deployment (70 %)',
      'A deployment of api:7 began 60 s before the onset.',
      'not known: log group /api could not be read',
      '1. rollback-deployment at 2026-11-01T12:01:00.000Z: unchanged',
      'not tried: raise-memory: the memory limit could not be read',
      'nothing: all is as it was found',
      'npx prunella explain 01JD3Q8Z3M7N5V6XK2B4C9D8EF',
      '#/v2/executions/details/arn:aws:states:eu-west-1:111122223333:execution:heal:01JD3Q8Z3M7N5V6XK2B4C9D8EF',
      'docs/runbook.md',
    ])
      expect(text).toContain(part);
  });

  test('says what has followed such trouble before, while it can still come', () => {
    const next = { resource: CALLEE, fault: 'overload' } as const;
    const sequence: Sequence = {
      first: { resource: SERVICE, fault: 'bad-deployment' },
      next,
      came: 5,
      followed: 4,
      within: 1800,
      probability: 5 / 7,
      atLeast: 0.42,
      lag: { median: 720, low: 300, high: 1200 },
      chance: 1e-5,
      lastAt: at(-86_400),
      incidents: [],
    };
    const evidence = { ...evidenceOf(), order: { after: [], before: [sequence], daily: [] } };

    const told = escalationOf(input({ evidence }));

    const said =
      'overload of prod/store between 12:05 and 12:20 UTC, as it followed 4 of the last 5 times (71 %, at least 42 %)';
    expect(told.expected).toEqual([said]);
    expect(textOf(told)).toContain(`To be expected next\n- ${said}\n`);
    expect(parseMessage(textOf(told))).toEqual(told);
    expect(escalationOf(input({ evidence, now: at(1500) }))).not.toHaveProperty('expected');
  });

  test('says who is affected and what it cost, with its priority', () => {
    const impact = Impact.parse({
      affected: [
        {
          resource: SERVICE,
          hops: 0,
          inTrouble: true,
          budget: { objective: 0.999, burned: 0.25, rate: 400, by: 'requests' },
        },
      ],
      failedShare: 0.4,
      entries: [SERVICE],
      severity: 'high',
      priority: 'P1',
      because: ['By its own state and alarms.'],
    });

    const told = escalationOf(input({ incident: { ...incident, impact } }));

    expect(told.priority).toBe('P1');
    expect(textOf(told)).toContain('40 % of the requests failed since the onset where they come in (prod/api).');
    expect(textOf(told)).toContain('Error budget of prod/api (99.9 % over 30 days): 25 % burned so far');
    expect(parseMessage(textOf(told))).toEqual(told);
  });

  test('stands for all that share the cause: it names them, and its impact is theirs together', () => {
    const impactOf = (resource: string, priority: 'P1' | 'P3', failed: number) =>
      Impact.parse({
        affected: [
          { resource, hops: 0, inTrouble: true, requests: 100, failed },
          { resource: `${SERVICE}-web`, hops: 1, inTrouble: false },
        ],
        entries: [resource],
        failedShare: failed / 100,
        severity: priority === 'P1' ? 'critical' : 'medium',
        priority,
        because: ['By its own state and alarms.'],
      });
    const incidentId = '01JD3Q8Z3M7N5V6XK2B4C9D8EG';
    const shared = { what: 'trouble with payments-db:5432', with: [incidentId], toldIn: incident.incidentId };
    const other = { ...incident, incidentId, resource: CALLEE, onset: at(20), impact: impactOf(CALLEE, 'P1', 60) };
    const own = { ...incident, shared, impact: impactOf(SERVICE, 'P3', 20) };

    const told = escalationOf(input({ incident: own, sharing: [other] }));

    expect(told).toMatchObject({ severity: 'critical', priority: 'P1', shared: shared.what });
    expect(subjectOf(told)).toBe('[critical] prod/api and 1 more need a person: exhausted');
    const text = textOf(told);
    for (const part of [
      `- ${CALLEE}, since ${at(20)}: incident ${incidentId}`,
      'trouble with payments-db:5432',
      '40 % of the requests failed since the onset where they come in (prod/api, prod/store).',
      'In trouble by the same cause: prod/store.',
      'Callers that are well so far: prod/api-web.',
    ])
      expect(text).toContain(part);
    expect(parseMessage(text)).toEqual(told);
  });

  test('names what is still changed, and what may be', () => {
    const standing = ['applied', 'intended', 'undo-failed'].map((state) => ({
      ...attempt,
      mutations: attempt.mutations.map((one) => ({ ...one, state })),
    }));

    const told = escalationOf(input({ attempts: Attempt.array().parse(standing) }));

    expect(told.stillChanged.map(({ state }) => state)).toEqual(['applied', 'intended', 'undo-failed']);
    expect(textOf(told)).toContain(`taskDefinition of ${SERVICE}: was ${revision(7)}, is ${revision(6)}`);
  });

  test('holds no secret', () => {
    expect(textOf(escalationOf(input()))).not.toContain('abc123');
  });

  test('is whole for an incident that was never diagnosed', () => {
    const { evidence: _evidence, plan: _plan, ...rest } = input({ attempts: [] });
    const { diagnosis: _diagnosis, ...undiagnosed } = incident;

    const told = escalationOf({ ...rest, incident: undiagnosed, because: 'our-fault' });

    expect(parseMessage(textOf(told))).toMatchObject({
      cause: { fault: 'unknown' },
      attempts: [],
      impact: ['no evidence was collected'],
    });
  });

  test.each(EscalationCause.options)('has a next step, and a place in the runbook that exists, for %s', (because) => {
    const told = escalationOf(input({ because }));

    expect(told.nextStep).toContain('npx prunella');
    const [file = '', anchor] = (told.links['runbook'] ?? '').split('#');
    const runbook = readFileSync(join(import.meta.dirname, '..', '..', '..', file), 'utf8');
    if (anchor !== undefined) expect(runbook).toContain(`<a id="${anchor}"></a>`);
    expect(subjectOf(told).length).toBeLessThan(100);
  });
});
