import { beforeEach, describe, expect, test, vi } from 'vitest';
import { decide } from '../../../functions/decide/decide.ts';
import { intentOf } from '../../../functions/decide/intent.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { Suggestion } from '../../../layers/core/suggestion.ts';
import { DEFAULT_POLICY, type Policy } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { alarm, criterion, series } from '../evidence.ts';
import { NOW, tryAction, world, type World } from '../steps.ts';

let account: FakeAccount;
let published: { subject: string; message: string }[];

vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));
vi.mock('../../../layers/runtime/notify.ts', () => ({
  publish: async (subject: string, message: string) => void published.push({ subject, message }),
}));

beforeEach(async () => {
  await freshTables();
  account = fakeAccount();
  published = [];
});

let incident: World;
const within = async (watched: Partial<Resource> = {}) => (incident = await world(ARNS.service, watched));
const run = async (over = {}, policy: Policy = DEFAULT_POLICY) =>
  decide(incident.input({ attempt: 0, ...over }), await incident.context(), policy);

test('the best candidate is written down as an attempt before it is acted on', async () => {
  await within();

  const answer = await run();

  expect(answer).toMatchObject({ verdict: 'act', attempt: 1 });
  const { candidate, mutations } = await incident.attempt();
  expect(mutations).toEqual([]);
  expect((await kb.incidents.plan(incident.incidentId))?.candidates[0]).toEqual(candidate);
});

test('an attempt that was written and never begun keeps its number', async () => {
  await within();
  await run();

  expect(await run({ looks: 2 })).toMatchObject({ verdict: 'act', attempt: 1, looks: 2 });
  expect(await kb.incidents.attempts(incident.incidentId)).toHaveLength(1);
});

test('an attempt that was begun and not finished goes on before anything else is decided', async () => {
  await within();
  await tryAction(incident.incidentId, 'restart-service', { service: ARNS.service });
  await hold();
  await kb.incidents.setMutations(incident.incidentId, 1, [
    {
      resource: ARNS.service,
      field: 'deployment',
      was: 'a',
      becomes: 'b',
      action: 'restart-service',
      state: 'intended',
      at: NOW,
    },
  ]);
  await kb.control.setLever('healing', 'engaged', 'a test', NOW);

  expect(await run()).toMatchObject({ verdict: 'act', attempt: 1 });
});

test('an attempt that was carried out and not looked at yet is verified before the next one is thought of', async () => {
  await within();
  await tryAction(incident.incidentId, 'restart-service', { service: ARNS.service });
  await hold();
  const mutation = { resource: ARNS.service, field: 'deployment', was: 'a', becomes: 'b', action: 'restart-service' };
  await kb.incidents.setMutations(incident.incidentId, 1, [{ ...mutation, state: 'applied', at: NOW }]);
  await kb.incidents.updateAttempt(incident.incidentId, 1, { appliedAt: NOW });

  expect(await run()).toMatchObject({ verdict: 'verify', attempt: 1, looks: 0 });
  expect(await kb.incidents.attempts(incident.incidentId)).toHaveLength(1);
});

const hold = () =>
  kb.control.hold({
    incidentId: incident.incidentId,
    attempt: 1,
    arns: [ARNS.service],
    now: NOW,
    busyUntil: NOW,
    until: addSeconds(NOW, 600),
  });

/** Attempt 1 as it stands when it was judged a failure. */
async function failedAttempt(action: string, params: Record<string, unknown>): Promise<void> {
  await tryAction(incident.incidentId, action, params);
  await hold();
  await kb.incidents.setMutations(incident.incidentId, 1, [
    { resource: ARNS.service, field: 'deployment', was: 'a', becomes: 'b', action, state: 'applied', at: NOW },
  ]);
  await kb.incidents.updateAttempt(incident.incidentId, 1, { judged: 'unchanged', appliedAt: NOW, endedAt: NOW });
  await kb.knowledge.learn({
    incidentId: incident.incidentId,
    attempt: 1,
    fault: 'crash-loop',
    resource: ARNS.service,
    resourceType: 'ecs-service',
    action,
    outcome: 'unchanged',
    prior: { alpha: 1, beta: 1 },
  });
}

test('no candidate is tried twice in one incident', async () => {
  await within();
  const first = await run();
  const [candidate] = (await kb.incidents.plan(incident.incidentId))?.candidates ?? [];
  await kb.incidents.updateAttempt(incident.incidentId, 1, { judged: 'unchanged', endedAt: NOW });

  const second = await run();

  expect(first.verdict).toBe('act');
  expect(second).toMatchObject({ verdict: 'act', attempt: 2 });
  expect((await incident.attempt(2)).candidate.action).not.toBe(candidate?.action);
});

test('what was tried while its callee was ill may be tried again when that is healed', async () => {
  const callee = `${ARNS.service}-store`;
  const its = await world(callee);
  await within({ dependsOn: [callee] });
  const first = await run();
  await kb.incidents.updateAttempt(incident.incidentId, 1, { judged: 'unchanged', endedAt: NOW });
  const { action } = (await incident.attempt(1)).candidate;

  await kb.incidents.close(its.incidentId, { kind: 'recovered', by: 'action', why: 'x' }, 1, addSeconds(NOW, 60));
  const second = await run();

  expect(first.verdict).toBe('act');
  expect(second).toMatchObject({ verdict: 'act', attempt: 2 });
  expect((await incident.attempt(2)).candidate.action).toBe(action);
});

describe('trouble that is perhaps over', () => {
  const alarms = [
    alarm('api-errors', [
      criterion({ resource: ARNS.service }),
      criterion({ id: 'api-5xx', resource: ARNS.service, period: 60 }),
    ]),
  ];
  /** Bad for so many seconds from noon on, as it is seen five minutes later; the minute in which it ended is bad, too. */
  const badFor = async (seconds: number, takenAgo = 0) => {
    await within({ alarms });
    const before = await kb.incidents.evidence(incident.incidentId);
    const [resource] = before?.resources ?? [];
    if (!before || !resource) throw new Error('the world has evidence of its resource');
    await kb.incidents.saveEvidence(incident.incidentId, {
      ...before,
      takenAt: addSeconds(NOW, -takenAgo),
      services: [],
      stoppedTasks: [],
      resources: [{ ...resource, alarms }],
      series: [
        series({ resource: ARNS.service }, (time) => (time >= 0 && time < seconds ? 40 : 0)),
        series({ resource: ARNS.service, criterion: 'api-5xx', period: 60, to: 240 }, (time) =>
          time >= 0 && time < seconds ? 40 : 0,
        ),
      ],
    });
  };

  test('is waited for', async () => {
    await badFor(250);

    expect(await run()).toMatchObject({ verdict: 'wait', waitSeconds: 20 });
  });

  test('is looked at anew before anything is done', async () => {
    await badFor(230, 30);

    expect(await run()).toMatchObject({ verdict: 'diagnose' });
  });

  test('is acted on when it is not over', async () => {
    await badFor(290);

    expect(await run()).toMatchObject({ verdict: 'act' });
  });
});

test('a resource that someone else has changed and that is well again is only looked at', async () => {
  await within({ alarms: [alarm('api-errors', [criterion()])] });
  const evidence = await kb.incidents.evidence(incident.incidentId);
  if (!evidence) throw new Error('the world has evidence');
  await kb.incidents.saveEvidence(incident.incidentId, {
    ...evidence,
    stoppedTasks: [],
    services: [],
    series: [series({}, (time) => (time >= 0 && time < 200 ? 40 : 0))],
  });
  const change = {
    resource: ARNS.service,
    at: addSeconds(NOW, -120),
    kind: 'deployment-started',
    eventId: 'e',
  } as const;
  await kb.knowledge.recordChange({ ...change, by: 'ann' });

  expect(await run()).toMatchObject({ verdict: 'verify', attempt: 0 });
});

describe('it stops, and says why', () => {
  test('when someone else changed the resource since the onset', async () => {
    await within();
    await kb.knowledge.recordChange({
      resource: ARNS.service,
      at: addSeconds(NOW, -60),
      kind: 'scaled',
      to: 'desiredCount=6',
      by: 'ann',
      eventId: 'e',
    });

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'escalate', because: 'other-writer' });
    expect(answer.why.join()).toContain('scaled to desiredCount=6 on prod/api');
  });

  test('when the lever is engaged', async () => {
    await within();
    await kb.control.setLever('healing', 'engaged', 'a test', NOW);

    expect(await run()).toMatchObject({ verdict: 'closing', because: 'lever' });
    expect((await incident.incident()).ending).toMatchObject({ kind: 'suppressed', because: 'lever' });
  });

  test('when nobody watches the resource any more', async () => {
    await within();
    await kb.knowledge.removeResource(ARNS.service);

    expect(await run()).toMatchObject({ verdict: 'closing', because: 'observe' });
    expect((await incident.incident()).ending).toMatchObject({ kind: 'suppressed', because: 'observe' });
  });

  test('when it has had its attempts in this incident', async () => {
    await within();
    await failedAttempt('restart-service', { service: ARNS.service });

    expect(await run({}, { ...DEFAULT_POLICY, maxAttempts: 1 })).toMatchObject({
      verdict: 'escalate',
      because: 'exhausted',
    });
  });

  test('when the brake is engaged, with one word on what was not done', async () => {
    await within();
    await world(`${ARNS.service}2`);

    const answer = await run({}, { ...DEFAULT_POLICY, brakeIncidents: 1 });

    expect(answer).toMatchObject({ verdict: 'escalate', because: 'brake' });
    expect(answer.why.join()).toContain('was not run');
  });

  test('when the resource is frozen', async () => {
    await within();
    await kb.control.freeze(ARNS.service, 'an undo failed', incident.incidentId, NOW);

    expect(await run()).toMatchObject({ verdict: 'escalate', because: 'undo-failed' });
  });

  test('when nothing fits, naming what was left out', async () => {
    await within({ noRollback: true });
    account.state.service.desiredCount = 4;
    await kb.incidents.update(incident.incidentId, {
      diagnosis: {
        hypotheses: [{ resource: ARNS.service, fault: 'bad-deployment', confidence: 1, because: ['x'] }],
        severity: 'high',
        onset: addSeconds(NOW, -300),
        gaps: [],
      },
    });

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'escalate', because: 'no-candidate' });
    expect(answer.why.join()).toContain('prunella:no-rollback');
  });
});

test('mode suggest tells once what would have been done, and changes nothing', async () => {
  await within({ mode: 'suggest' });

  const first = await run();
  await run();

  expect(first).toMatchObject({ verdict: 'closing', because: 'suggest' });
  expect(first.why.join()).toContain('it would have changed');
  expect(Suggestion.parse(first.saw?.['suggested'])).toMatchObject({
    incidentId: incident.incidentId,
    at: NOW,
    mutations: [{ resource: ARNS.service }],
    undo: true,
  });
  expect(published).toHaveLength(1);
  expect(account.writes).toEqual([]);
  expect(await kb.incidents.attempts(incident.incidentId)).toEqual([]);
});

test('mode suggest does not tell the same again when other news opens another incident', async () => {
  await within({ mode: 'suggest' });
  await run();
  const { ending, signalCount } = await incident.incident();
  if (!ending) throw new Error('a suggestion ends its incident');
  await kb.incidents.close(incident.incidentId, ending, signalCount, NOW, 'keep');

  await within({ mode: 'suggest' });
  const again = await run();

  expect(again).toMatchObject({ verdict: 'closing', because: 'suggest' });
  expect(again.why.join()).toContain('told before');
  expect(again.saw).toBeUndefined(); // one trouble is one suggestion
  expect(published).toHaveLength(1);
});

test('mode suggest needs no lever: there is nothing to stop', async () => {
  await within({ mode: 'suggest' });
  await kb.control.setLever('healing', 'engaged', 'a test', NOW);

  expect(await run()).toMatchObject({ verdict: 'closing', because: 'suggest' });
});

describe('mode approve', () => {
  /** Asks, and has the question answered. */
  async function answered(approve: boolean, change: () => void = () => undefined): Promise<void> {
    await run();
    const candidate = (await kb.incidents.plan(incident.incidentId))?.candidates[0];
    if (!candidate) throw new Error('there must be a candidate to ask about');
    const { planHash, mutations } = await intentOf(candidate);
    await kb.control.ask({
      incidentId: incident.incidentId,
      attempt: 1,
      planHash,
      intent: mutations,
      token: 't',
      expiresAt: addSeconds(NOW, 600),
    });
    await kb.control.answer({ incidentId: incident.incidentId, approver: 'ann', approve, now: NOW });
    change();
  }

  test('asks first', async () => {
    await within({ mode: 'approve' });

    expect(await run()).toMatchObject({ verdict: 'ask', attempt: 1 });
    expect(await kb.incidents.attempts(incident.incidentId)).toEqual([]);
  });

  test('acts on a yes', async () => {
    await within({ mode: 'approve' });
    await answered(true);

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'act', attempt: 1 });
    expect(answer.why[0]).toContain('approved by ann');
  });

  test('asks again when what was approved is not what would be done now', async () => {
    await within({ mode: 'approve' });
    await answered(true, () =>
      account.state.service.deployments.splice(0, 1, { id: 'ecs-svc/9', status: 'PRIMARY', rolloutState: 'COMPLETED' }),
    );

    const answer = await run();

    expect(answer.verdict).toBe('ask');
    expect(answer.why.join()).toContain('asked again');
  });

  test('takes no yes that has expired', async () => {
    await within({ mode: 'approve' });
    await answered(true);
    incident.pass(3600);

    expect(await run()).toMatchObject({ verdict: 'ask' });
  });
});

describe('a caller', () => {
  const callee = `${ARNS.service}-store`;
  const failing = {
    hypotheses: [{ resource: ARNS.service, fault: 'dependency-failure' as const, confidence: 0.8, because: ['x'] }],
    severity: 'high' as const,
    onset: addSeconds(NOW, -300),
    gaps: [],
  };
  const calling = async () => {
    const its = await world(callee);
    await within({ dependsOn: [callee] });
    await kb.incidents.update(incident.incidentId, { diagnosis: failing });
    return its;
  };

  test('waits for its callee’s incident, and is looked at when that is over', async () => {
    const its = await calling();

    expect(await run()).toMatchObject({ verdict: 'wait' });
    expect((await incident.incident()).foldedInto).toBe(its.incidentId);
    await kb.incidents.close(its.incidentId, { kind: 'recovered', by: 'action', why: 'x' }, 1, NOW);
    expect(await run()).toMatchObject({ verdict: 'verify', attempt: 0 });
  });

  test('waits for the first cause, not for a caller between', async () => {
    const its = await calling();
    const cause = await world(`${callee}-disk`);
    await kb.incidents.update(its.incidentId, { foldedInto: cause.incidentId });
    await run();

    expect(await run()).toMatchObject({ verdict: 'wait' });
    await kb.incidents.close(cause.incidentId, { kind: 'recovered', by: 'action', why: 'x' }, 1, NOW);
    expect(await run()).toMatchObject({ verdict: 'verify', attempt: 0 });
  });

  test('waits for the incident on the root of its trouble, two calls away, where what lies between has none', async () => {
    const far = `${ARNS.service}-ledger`;
    const root = await world(far);
    await within({ dependsOn: [callee] });
    const evidence = (await kb.incidents.evidence(incident.incidentId))!;
    const between = { ...evidence.resources[0]!, arn: callee, dependsOn: [far] };
    const own = { ...evidence.resources[0]!, dependsOn: [callee] };
    const resources = [own, between, { ...own, arn: far, dependsOn: [] }];
    await kb.incidents.saveEvidence(incident.incidentId, { ...evidence, resources });
    const roots = [{ resource: far, share: 0.9, because: ['it changed first'] }];
    await kb.incidents.update(incident.incidentId, { diagnosis: { ...failing, roots } });

    expect(await run()).toMatchObject({ verdict: 'wait' });
    expect((await incident.incident()).foldedInto).toBe(root.incidentId);
  });

  test('is not told of when a person has been told of its callee', async () => {
    const its = await calling();
    await kb.incidents.close(its.incidentId, { kind: 'escalated', because: 'no-candidate', why: 'x' }, 1, NOW, 'keep');

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'closing', because: 'cooldown' });
    expect(answer.why.join()).toContain(its.incidentId);
  });
});
