import { ulid } from 'ulid';
import { beforeAll, expect, test, vi } from 'vitest';
import { Impact } from '../../layers/core/impact.ts';
import { Incident, type Ending } from '../../layers/core/incident.ts';
import type { RecordedMutation } from '../../layers/core/mutation.ts';
import { Attempt } from '../../layers/core/plan.ts';
import { aboutOf, closingOf, toldMutations } from '../../layers/core/story.ts';
import { audit } from '../../layers/runtime/kb/index.ts';
import { after, anAttempt, serviceArn, START } from '../runtime/samples.ts';
import { freshTables } from '../runtime/tables.ts';
import { prunella } from './commandline.ts';

vi.mock(import('../../cli/account.ts'), () => ({
  connect: () => Promise.resolve({ name: 'a test', answerFunction: 'answer', discoverFunction: 'discover' }),
}));

beforeAll(freshTables);

const SERVICE = serviceArn('story');
const revision = (n: number) => `arn:aws:ecs:eu-west-1:111122223333:task-definition/web:${n}`;
const mutation = (action: string, state: RecordedMutation['state'], seconds: number): RecordedMutation => ({
  resource: SERVICE,
  ...(action === 'scale-out'
    ? { field: 'desiredCount', was: 2, becomes: 3 }
    : { field: 'taskDefinition', was: revision(8), becomes: revision(7) }),
  action,
  state,
  at: after(seconds),
});
const attempt = (n: number, action: string, state: RecordedMutation['state'], outcome: 'unchanged' | 'recovered') =>
  Attempt.parse({
    ...anAttempt(SERVICE, n),
    candidate: { ...anAttempt(SERVICE).candidate, action },
    mutations: [mutation(action, state, 100 * n)],
    outcome,
    outcomeWhy: [`errors are ${outcome}`],
  });

const impact = Impact.parse({
  affected: [
    { resource: SERVICE, hops: 0, inTrouble: true },
    { resource: serviceArn('shop'), hops: 1, inTrouble: true },
  ],
  failedShare: 0.12,
  entries: [serviceArn('shop')],
  severity: 'high',
  priority: 'P1',
  because: ['By its own state and alarms.'],
});

/** An incident with an approval, an attempt that did not help and was undone, and one that healed; only its trail is written. */
async function toldIncident(): Promise<string> {
  const incidentId = ulid();
  const incident = Incident.parse({
    incidentId,
    resource: SERVICE,
    fleet: 'f',
    mode: 'approve',
    status: 'open',
    severity: 'medium',
    openedAt: START,
    onset: after(-120),
    signalCount: 2,
    reopens: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
  });
  const ending: Ending = { kind: 'recovered', by: 'action', action: 'scale-out', why: 'three good points in a row' };
  const attempts = [
    attempt(1, 'rollback-deployment', 'undone', 'unchanged'),
    attempt(2, 'scale-out', 'applied', 'recovered'),
  ];
  const [first, second] = attempts;
  const steps: [state: string, attempt: number, verdict: string, why: string[], saw?: object][] = [
    ['Detect', 0, 'gather', ['it is real', 'errors are at 12 %'], { about: aboutOf(incident), signals: 2 }],
    [
      'Diagnose',
      0,
      'diagnosed',
      ['bad-deployment on it (confidence 70 %)', 'A deployment of web:8 began 6 s before the onset.'],
      { onset: after(-115), severity: 'high', impact, hypotheses: [{ fault: 'bad-deployment', confidence: 0.7 }] },
    ],
    ['Decide', 1, 'ask', ['mode approve and risk R2 need a person for rollback-deployment']],
    ['AwaitApproval', 1, 'asked', [`a person is asked for rollback-deployment until ${after(3600)}`]],
    ['AwaitApproval', 1, 'approved', ['approved by arn:aws:iam::111122223333:user/ada']],
    ['Decide', 1, 'act', ['approved by ada'], { action: 'rollback-deployment', params: {}, success: 0.6 }],
    [
      'Recover',
      1,
      'applied',
      ['taskDefinition became web:7'],
      { mutations: toldMutations([mutation('rollback-deployment', 'applied', 60)]) },
    ],
    ['Verify', 1, 'rollback', ['rollback-deployment did not help: unchanged', 'errors are still at 12 %']],
    ['Rollback', 1, 'undone', ['taskDefinition is web:8 again'], { mutations: toldMutations(first!.mutations) }],
    ['Learn', 1, 'next', ['rollback-deployment against bad-deployment: unchanged, and remembered']],
    ['Decide', 2, 'act', ['overload: 40 %'], { action: 'scale-out', params: {}, success: 0.4 }],
    ['Recover', 2, 'applied', ['desiredCount: 2 became 3'], { mutations: toldMutations(second!.mutations) }],
    ['Verify', 2, 'recovered', ['three good points in a row']],
    ['Learn', 2, 'close', ['scale-out against overload: recovered, and remembered']],
    ['Close', 2, 'closed', ['recovered by scale-out'], { closing: closingOf(incident, ending, attempts) }],
  ];
  for (const [n, [state, of, verdict, why, saw = {}]] of steps.entries())
    await audit.append({
      incidentId,
      eventId: `${state}#${n}`,
      at: after(n * 20),
      state,
      attempt: of,
      verdict,
      why,
      saw: saw as never,
    });
  return incidentId;
}

test('explain tells the whole story from the trail alone, also when the incident’s own record is gone', async () => {
  const incidentId = await toldIncident();

  const { code, printed } = await prunella('explain', incidentId);

  expect(code).toBe(0);
  for (const fact of [
    `Incident ${incidentId}: recovered by scale-out`, // how it ended
    `cluster/story  (${SERVICE})`, // what it is about
    `opened ${START}, trouble since ${after(-120)}, mode approve, severity high`, // since when, how bad
    'The fault came back: incident 01JD3Q8Z3M7N5V6XK2B4C9D8EF was closed before.',
    'Detect: gather',
    'errors are at 12 %',
    'A deployment of web:8 began 6 s before the onset.', // why
    'AwaitApproval (attempt 1): asked',
    'approved by arn:aws:iam::111122223333:user/ada', // who agreed
    'rollback-deployment did not help: unchanged',
    'Rollback (attempt 1): undone',
    'taskDefinition is web:8 again',
    'Cause: bad-deployment (confidence 70 %)',
    'Impact: Priority P1, severity high: By its own state and alarms.', // who is affected
    'Impact: 12 % of the requests failed since the onset where they come in (cluster/shop).',
    'Impact: Callers in trouble with it: cluster/shop.',
    'Attempt 1: rollback-deployment, unchanged', // each attempt and its outcome
    'Attempt 2: scale-out, recovered',
    `Still changed: desiredCount of ${SERVICE}, was 2, is 3`, // what is left changed, and only that
    'recovered by scale-out. three good points in a row',
    'Audit trail: 15 entries, each linked to the one before.',
  ])
    expect(printed).toContain(fact);
  expect(printed.match(/Still changed/g)).toHaveLength(1);
  expect(printed).not.toContain('unknown');
});

test('explain --json has the same story, for a program', async () => {
  const { printed } = await prunella('explain', await toldIncident(), '--json');

  expect(JSON.parse(printed)).toMatchObject({
    story: {
      about: { resource: SERVICE, mode: 'approve' },
      since: after(-120),
      severity: 'high',
      cause: { fault: 'bad-deployment', confidence: 0.7 },
      attempts: [
        { attempt: 1, action: 'rollback-deployment', outcome: 'unchanged', changes: [{ state: 'undone' }] },
        { attempt: 2, action: 'scale-out', outcome: 'recovered', changes: [{ state: 'applied' }] },
      ],
      answers: [expect.stringContaining('a person is asked'), expect.stringContaining('user/ada')],
      stillChanged: [{ field: 'desiredCount', was: 2, becomes: 3 }],
      ending: { kind: 'recovered', by: 'action', action: 'scale-out' },
    },
    chain: 'whole',
  });
});
