import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Context } from 'aws-lambda';
import { handler as rollback } from '../../../functions/rollback/handler.ts';
import { verify } from '../../../functions/verify/verify.ts';
import { verifyUndo } from '../../../functions/verify/verify-undo.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { withRuntime } from '../../../layers/runtime/runtime.ts';
import type { Look } from '../../../layers/runtime/observe/look.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { NOW, tryAction, world, type World } from '../steps.ts';

let account: FakeAccount;
let look: Partial<Look>;

vi.mock('../../../layers/runtime/aws.ts', () => ({
  readerAws: async () => account.aws,
  assumeForAction: async () => account.aws,
}));
vi.mock('../../../layers/runtime/observe/look.ts', async (original) => ({
  ...(await original<object>()),
  lookAt: async (_resource: unknown, _criteria: unknown, _from: unknown, at: string) => ({
    at,
    readings: [],
    stopped: [],
    gaps: [],
    ...look,
  }),
}));

let incident: World;

beforeEach(async () => {
  await freshTables();
  account = fakeAccount();
  look = {};
  incident = await world();
});

/** Attempt 1 changed the revision, and holds its lease for a minute more. */
async function applied(judged?: 'recovered' | 'unchanged'): Promise<void> {
  const params = { service: ARNS.service, from: ARNS.revision(7), to: ARNS.revision(6) };
  await tryAction(incident.incidentId, 'rollback-deployment', params);
  const until = addSeconds(NOW, 60);
  const arns = [ARNS.service];
  await kb.control.hold({ incidentId: incident.incidentId, attempt: 1, arns, now: NOW, busyUntil: NOW, until });
  await kb.incidents.setMutations(incident.incidentId, 1, [
    {
      resource: ARNS.service,
      field: 'taskDefinition',
      was: ARNS.revision(7),
      becomes: ARNS.revision(6),
      action: 'rollback-deployment',
      state: 'applied',
      at: NOW,
    },
  ]);
  account.state.service.taskDefinition = ARNS.revision(6);
  await kb.incidents.updateAttempt(incident.incidentId, 1, {
    leased: arns,
    appliedAt: NOW,
    ...(judged ? { judged } : {}),
  });
}

test('the lease is kept while it is looked at what an undo did', async () => {
  await applied('unchanged');
  incident.pass(50);

  const answer = await verifyUndo(incident.input({ verdict: 'undone' }), await incident.context(), DEFAULT_POLICY);

  expect(answer.verdict).toBe('unsettled');
  const [lease] = await kb.control.leases();
  expect(Date.parse(lease?.expiresAt ?? '')).toBeGreaterThan(Date.parse(NOW) + 300_000);
});

test('a change is undone when nobody watches its resource any more before it was judged', async () => {
  await applied();
  await kb.knowledge.removeResource(ARNS.service);

  const answer = await verify(incident.input({ verdict: 'applied' }), await incident.context(), DEFAULT_POLICY);

  expect(answer).toMatchObject({ verdict: 'rollback' });
});

describe('what got well without any attempt of ours', () => {
  const well = () => {
    const state = { resource: ARNS.service, desired: 2, running: 2, pending: 0, revision: ARNS.revision(7) };
    look = { service: { ...state, deploymentInProgress: false, roles: [], steadyRevisions: [], tasks: [] } };
  };
  const changed = (kind: 'deployment-started' | 'scaled', by?: string) =>
    kb.knowledge.recordChange({
      resource: ARNS.service,
      at: addSeconds(NOW, -60),
      kind,
      eventId: `${kind} ${by}`,
      ...(by ? { by } : {}),
    });
  const run = async () =>
    verify(incident.input({ attempt: 0, verdict: 'verify' }), await incident.context(), DEFAULT_POLICY);

  test('did so by itself, when nobody changed anything', async () => {
    well();

    expect(await run()).toMatchObject({ verdict: 'recovered' });
    expect((await incident.incident()).ending).toMatchObject({ kind: 'recovered', by: 'itself' });
  });

  test('did so by a person, when someone changed it since the onset, and says what they did', async () => {
    well();
    await changed('deployment-started', 'arn:aws:iam::111122223333:user/ann');

    await run();

    expect((await incident.incident()).ending).toMatchObject({
      kind: 'recovered',
      by: 'person',
      why: expect.stringContaining('by arn:aws:iam::111122223333:user/ann'),
    });
  });

  test('did so by itself, when only its autoscaler was at work', async () => {
    well();
    await changed(
      'scaled',
      'arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForApplicationAutoScaling_ECSService/x',
    );

    await run();

    expect((await incident.incident()).ending).toMatchObject({ kind: 'recovered', by: 'itself' });
  });
});

describe('Rollback after a step of ours failed for good', () => {
  const run = (because: string) => {
    const context = { getRemainingTimeInMillis: () => 180_000 } as Context;
    return withRuntime({ now: () => addSeconds(NOW, 20) }, () => rollback(incident.input({ because }), context));
  };

  test('keeps a change that had healed', async () => {
    await applied('recovered');

    expect(await run('our-fault')).toMatchObject({ verdict: 'nothing', because: 'our-fault' });
    expect(account.state.service.taskDefinition).toBe(ARNS.revision(6));
  });

  test('undoes a change that nobody has judged', async () => {
    await applied();

    expect(await run('our-fault')).toMatchObject({ verdict: 'undone', because: 'our-fault' });
    expect(account.state.service.taskDefinition).toBe(ARNS.revision(7));
  });
});
