import { beforeEach, describe, expect, test, vi } from 'vitest';
import { close } from '../../../functions/close/close.ts';
import { escalate } from '../../../functions/escalate/escalate.ts';
import { notifyEscalation } from '../../../functions/escalate/notify.ts';
import { learn } from '../../../functions/learn/learn.ts';
import type { Ending } from '../../../layers/core/incident.ts';
import type { MutationState } from '../../../layers/core/mutation.ts';
import type { Attempt } from '../../../layers/core/plan.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { parseMessage } from '../../../functions/escalate/message.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { NOW, tryAction, world, type World } from '../steps.ts';

let account: FakeAccount;
let published: string[];
let snsFails: boolean;

vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));
vi.mock('../../../layers/runtime/notify.ts', () => ({
  publish: async (_subject: string, message: string) => {
    if (snsFails) throw new Error('SNS is down');
    published.push(message);
  },
}));

let incident: World;

beforeEach(async () => {
  await freshTables();
  vi.stubEnv('HEAL_ARN', 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal');
  account = fakeAccount();
  published = [];
  snsFails = false;
  incident = await world();
});

/** Attempt 1 with one mutation, judged. */
async function tried(
  judged: Attempt['judged'],
  { action = 'rollback-deployment', state = 'applied' as MutationState } = {},
): Promise<void> {
  const params =
    action === 'scale-out'
      ? { service: ARNS.service, field: 'desiredCount', to: 6 }
      : { service: ARNS.service, from: ARNS.revision(7), to: ARNS.revision(6) };
  await tryAction(incident.incidentId, action, params);
  await kb.control.hold({
    incidentId: incident.incidentId,
    attempt: 1,
    arns: [ARNS.service],
    now: NOW,
    busyUntil: NOW,
    until: addSeconds(NOW, 900),
  });
  const mutation = {
    resource: ARNS.service,
    field: 'taskDefinition',
    was: ARNS.revision(7),
    becomes: ARNS.revision(6),
    action,
    state: 'intended' as const,
    at: NOW,
  };
  await kb.incidents.setMutations(incident.incidentId, 1, [mutation]);
  if (state !== 'intended') await kb.incidents.setMutationState(incident.incidentId, 1, 0, 'applied', NOW);
  if (state !== 'intended' && state !== 'applied')
    await kb.incidents.setMutationState(incident.incidentId, 1, 0, state, NOW);
  await kb.incidents.updateAttempt(incident.incidentId, 1, {
    leased: [ARNS.service],
    appliedAt: NOW,
    ...(judged ? { judged } : {}),
  });
}
const ends = (ending: Ending) => kb.incidents.update(incident.incidentId, { ending, seenSignals: 1 });
const healed: Ending = { kind: 'recovered', by: 'action', action: 'rollback-deployment', why: 'good again' };
const runLearn = async (over = {}) => learn(incident.input(over), await incident.context());

describe('Learn', () => {
  test('counts what healed once, however often it is run, and gives the lease back', async () => {
    await tried('recovered');
    await ends(healed);

    const first = await runLearn();
    await runLearn();

    expect(first.verdict).toBe('close');
    expect(await kb.knowledge.fixes()).toMatchObject([
      { action: 'rollback-deployment', fault: 'crash-loop', tries: 1 },
    ]);
    expect(await kb.control.leases()).toEqual([]);
  });

  test('counts what made it worse although its undo failed, and keeps the lease for Escalate, which freezes', async () => {
    await tried('worse', { state: 'undo-failed' });
    await ends({ kind: 'escalated', because: 'undo-failed', why: 'the undo failed' });

    const answer = await runLearn({ because: 'undo-failed' });

    expect(answer).toMatchObject({ verdict: 'escalate', because: 'undo-failed' });
    expect(await kb.knowledge.fixes()).toMatchObject([{ action: 'rollback-deployment', tries: 1 }]);
    expect(await kb.control.leases()).toHaveLength(1);
  });

  test('takes back what healed for a short while only, once', async () => {
    await tried('recovered');
    await ends(healed);
    await runLearn();
    await kb.incidents.close(incident.incidentId, healed, 1, NOW);
    incident = await world();
    await tried('recovered');
    await ends(healed);

    const { why } = await runLearn();
    await runLearn();

    expect(why.join()).toContain('rollback-deployment against crash-loop did not last');
    expect(await kb.knowledge.fixes()).toMatchObject([{ posterior: { alpha: 3, beta: 3 }, tries: 2 }]);
    expect(await kb.knowledge.ownOutcomes(ARNS.service)).toEqual({
      'crash-loop/rollback-deployment': { healed: 1, failed: 1 },
    });
  });

  test('tells the owner of a change that stays which permanent one to make', async () => {
    await tried('recovered');
    await ends(healed);

    expect((await runLearn()).why.join()).toMatch(/drift: .*Fix what/);
  });

  test('hands a change that must not stay to the watchdog', async () => {
    await tried('recovered', { action: 'scale-out' });
    await ends(healed);

    await runLearn();

    expect(await kb.control.reverts()).toMatchObject([
      { action: 'scale-out', attempt: 1, atLatest: addSeconds(NOW, 24 * 3600) },
    ]);
  });

  test('counts a failure and goes on to the next candidate', async () => {
    await tried('unchanged', { state: 'undone' });

    expect(await runLearn()).toMatchObject({ verdict: 'next' });
    const [fix] = await kb.knowledge.fixes();
    expect(fix?.posterior.beta).toBe(3); // the prior of rollback-deployment against crash-loop is Beta(2, 2)
  });

  test('learns nothing from what could not be judged, and escalates', async () => {
    await tried('unknown', { state: 'undone' });

    expect(await runLearn()).toMatchObject({ verdict: 'escalate', because: 'exhausted' });
    expect(await kb.knowledge.fixes()).toEqual([]);
  });

  test('escalates with the reason that an earlier state gave', async () => {
    await tried('unknown', { state: 'undone' });

    expect(await runLearn({ because: 'other-writer' })).toMatchObject({ verdict: 'escalate', because: 'other-writer' });
  });

  test('goes on after an attempt that a lever stopped before it could be judged', async () => {
    await tried(undefined, { state: 'undone' });

    expect(await runLearn()).toMatchObject({ verdict: 'next' });
  });

  test('does not call healed what could not be looked at again when a signal joined', async () => {
    await tried('recovered');
    await ends(healed);

    expect(await runLearn({ because: 'our-fault' })).toMatchObject({ verdict: 'escalate', because: 'our-fault' });
    expect((await incident.incident()).ending).toMatchObject({ kind: 'escalated', because: 'our-fault' });
  });

  test('closes what got well without any attempt', async () => {
    await ends({ kind: 'recovered', by: 'itself', why: 'x' });

    expect(await runLearn({ attempt: 0 })).toMatchObject({ verdict: 'close' });
  });
});

describe('Escalate', () => {
  const run = async (because: string) => escalate(incident.input({ because }), await incident.context());

  test('tells a person once an incident, and gives the leases back', async () => {
    await tried('unchanged', { state: 'undone' });
    await ends({ kind: 'escalated', because: 'exhausted', why: 'no action is left' });

    await run('exhausted');
    await run('exhausted');

    expect(published).toHaveLength(1);
    expect(parseMessage(published[0] ?? '')).toMatchObject({
      stoppedBecause: 'exhausted',
      why: ['no action is left'],
      stillChanged: [],
    });
    expect(await kb.control.leases()).toEqual([]);
    expect((await incident.incident()).toldAt).toBe(NOW);
  });

  test('fails when nobody could be told, so that it is tried again', async () => {
    snsFails = true;

    await expect(run('no-candidate')).rejects.toThrow('SNS is down');
    snsFails = false;
    await run('no-candidate');

    expect(published).toHaveLength(1);
  });

  test('writes the ending when the state before could not', async () => {
    await run('our-fault');

    expect((await incident.incident()).ending).toMatchObject({ kind: 'escalated', because: 'our-fault' });
  });

  test('names what failed for good in a step of ours', async () => {
    const failure = 'Lambda.AWSLambdaException: Error: the table is gone';
    await escalate(incident.input({ because: 'our-fault', failure }), await incident.context());

    expect(parseMessage(published[0] ?? '').why.join()).toContain(failure);
    expect((await incident.incident()).ending?.why).toContain(failure);
  });

  test('links to the runbook as it is published', async () => {
    vi.stubEnv('RUNBOOK', 'https://runbooks.example.com/prunella');
    await run('our-fault');

    const link = 'https://runbooks.example.com/prunella#execution-failed';
    expect(parseMessage(published[0] ?? '').links['runbook']).toBe(link);
  });

  test('freezes although something of ours failed on the way from a failed undo', async () => {
    await tried('worse', { state: 'undo-failed' });
    await ends({ kind: 'escalated', because: 'undo-failed', why: 'the undo failed' });

    await run('our-fault');

    expect(await kb.control.frozen(ARNS.service)).toMatchObject({ incidentId: incident.incidentId });
    expect((await incident.incident()).ending).toMatchObject({ because: 'undo-failed' });
  });

  test('freezes what still stands after a failed undo, and says what that is', async () => {
    await tried('unchanged', { state: 'undo-failed' });

    await run('undo-failed');

    expect(await kb.control.frozen(ARNS.service)).toMatchObject({ incidentId: incident.incidentId });
    expect(parseMessage(published[0] ?? '').stillChanged).toMatchObject([{ state: 'undo-failed' }]);
  });

  test('can tell of an incident that has ended, whose watchdog failed', async () => {
    await kb.incidents.close(incident.incidentId, healed, 1, NOW);

    const told = { incident: await incident.incident(), because: 'undo-failed' as const, why: ['x'], now: NOW };
    await notifyEscalation(told, kb);

    expect(published).toHaveLength(1);
  });

  test('tells of a braked storm once for the whole fleet', async () => {
    const others = await Promise.all([2, 3].map((n) => world(`${ARNS.service}${n}`)));
    for (const one of [incident, ...others])
      await kb.incidents.update(one.incidentId, { ending: { kind: 'escalated', because: 'brake', why: 'storm' } });

    for (const one of [...others, incident]) await escalate(one.input({ because: 'brake' }), await one.context());

    expect(published).toHaveLength(1);
  });
});

describe('Close', () => {
  const run = async () => close(incident.input(), await incident.context(), DEFAULT_POLICY);
  const joinSignal = async () => {
    const resource = await kb.knowledge.resource(ARNS.service);
    if (!resource) throw new Error('the resource must be known');
    await kb.incidents.openOrJoin(
      { kind: 'operator', id: 'later', at: NOW, resource: resource.arn, summary: 'again', by: 'x' },
      resource,
      () => 'never',
      NOW,
    );
  };

  test('ends what recovered and gives the resource free', async () => {
    await ends(healed);

    expect(await run()).toMatchObject({ verdict: 'closed' });
    expect(await incident.incident()).toMatchObject({ status: 'closed', ending: healed });
    expect(await kb.control.pointer(ARNS.service)).toBeUndefined();
    expect(incident.counted).toMatchObject({ Incidents: 1, TimeToRecover: 1 });
  });

  test('goes back to Verify when a signal joined since it was last looked at', async () => {
    await ends(healed);
    await joinSignal();

    expect(await run()).toMatchObject({ verdict: 'rejoined' });
    expect((await incident.incident()).status).not.toBe('closed');
  });

  test('ends what a person was told of although a signal joined, and keeps its pointer while it is not well', async () => {
    await ends({ kind: 'escalated', because: 'no-candidate', why: 'x' });
    await joinSignal();
    account.state.service['runningCount'] = 1;

    expect(await run()).toMatchObject({ verdict: 'closed' });
    expect(await kb.control.keptPointers()).toHaveLength(1);
  });

  test('refuses to end an incident without an ending', async () => {
    await expect(run()).rejects.toThrow('must have an ending');
  });
});
