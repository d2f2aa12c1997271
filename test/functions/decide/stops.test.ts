import { beforeEach, describe, expect, test, vi } from 'vitest';
import { decide } from '../../../functions/decide/decide.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { DEFAULT_POLICY, type Policy } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { hold, NOW, tryAction, world, type World } from '../steps.ts';

let account: FakeAccount;

vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));

beforeEach(async () => {
  await freshTables();
  account = fakeAccount();
});

let incident: World;
const within = async (watched: Partial<Resource> = {}) => (incident = await world(ARNS.service, watched));
const run = async (over = {}, policy: Policy = DEFAULT_POLICY) =>
  decide(incident.input({ attempt: 0, ...over }), await incident.context(), policy);

/** Attempt 1 as it stands when it was judged a failure. */
async function failedAttempt(action: string, params: Record<string, unknown>): Promise<void> {
  await tryAction(incident.incidentId, action, params);
  await hold(incident.incidentId);
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
