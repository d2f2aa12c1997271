import { beforeEach, describe, expect, test, vi } from 'vitest';
import { decide } from '../../../functions/decide/decide.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { alarm, criterion, series } from '../evidence.ts';
import { hold, NOW, tryAction, world, type World } from '../steps.ts';

let account: FakeAccount;

vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));

beforeEach(async () => {
  await freshTables();
  account = fakeAccount();
});

let incident: World;
const within = async (watched: Partial<Resource> = {}) => (incident = await world(ARNS.service, watched));
const run = async (over = {}) =>
  decide(incident.input({ attempt: 0, ...over }), await incident.context(), DEFAULT_POLICY);

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
  await hold(incident.incidentId);
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
  await hold(incident.incidentId);
  const mutation = { resource: ARNS.service, field: 'deployment', was: 'a', becomes: 'b', action: 'restart-service' };
  await kb.incidents.setMutations(incident.incidentId, 1, [{ ...mutation, state: 'applied', at: NOW }]);
  await kb.incidents.updateAttempt(incident.incidentId, 1, { appliedAt: NOW });

  expect(await run()).toMatchObject({ verdict: 'verify', attempt: 1, looks: 0 });
  expect(await kb.incidents.attempts(incident.incidentId)).toHaveLength(1);
});

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
