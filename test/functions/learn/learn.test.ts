import { beforeEach, describe, expect, test } from 'vitest';
import { learn } from '../../../functions/learn/learn.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS } from '../../support/fake-account.ts';
import { ends, healed, tried } from '../endings.ts';
import { NOW, world, type World } from '../steps.ts';

let incident: World;

beforeEach(async () => {
  await freshTables();
  incident = await world();
});

const runLearn = async (over = {}) => learn(incident.input(over), await incident.context());

describe('Learn', () => {
  test('counts what healed once, however often it is run, and gives the lease back', async () => {
    await tried(incident.incidentId, 'recovered');
    await ends(incident.incidentId, healed);

    const first = await runLearn();
    await runLearn();

    expect(first.verdict).toBe('close');
    expect(await kb.knowledge.fixes()).toMatchObject([
      { action: 'rollback-deployment', fault: 'crash-loop', tries: 1 },
    ]);
    expect(await kb.control.leases()).toEqual([]);
  });

  test('counts what made it worse although its undo failed, and keeps the lease for Escalate, which freezes', async () => {
    await tried(incident.incidentId, 'worse', { state: 'undo-failed' });
    await ends(incident.incidentId, { kind: 'escalated', because: 'undo-failed', why: 'the undo failed' });

    const answer = await runLearn({ because: 'undo-failed' });

    expect(answer).toMatchObject({ verdict: 'escalate', because: 'undo-failed' });
    expect(await kb.knowledge.fixes()).toMatchObject([{ action: 'rollback-deployment', tries: 1 }]);
    expect(await kb.control.leases()).toHaveLength(1);
  });

  test('takes back what healed for a short while only, once', async () => {
    await tried(incident.incidentId, 'recovered');
    await ends(incident.incidentId, healed);
    await runLearn();
    await kb.incidents.close(incident.incidentId, healed, 1, NOW);
    incident = await world();
    await tried(incident.incidentId, 'recovered');
    await ends(incident.incidentId, healed);

    const { why } = await runLearn();
    await runLearn();

    expect(why.join()).toContain('rollback-deployment against crash-loop did not last');
    expect(await kb.knowledge.fixes()).toMatchObject([{ posterior: { alpha: 3, beta: 3 }, tries: 2 }]);
    expect(await kb.knowledge.ownOutcomes(ARNS.service)).toEqual({
      'crash-loop/rollback-deployment': { healed: 1, failed: 1 },
    });
  });

  test('tells the owner of a change that stays which permanent one to make', async () => {
    await tried(incident.incidentId, 'recovered');
    await ends(incident.incidentId, healed);

    expect((await runLearn()).why.join()).toMatch(/drift: .*Fix what/);
  });

  test('hands a change that must not stay to the watchdog', async () => {
    await tried(incident.incidentId, 'recovered', { action: 'scale-out' });
    await ends(incident.incidentId, healed);

    await runLearn();

    expect(await kb.control.reverts()).toMatchObject([
      { action: 'scale-out', attempt: 1, atLatest: addSeconds(NOW, 24 * 3600) },
    ]);
  });

  test('counts a failure and goes on to the next candidate', async () => {
    await tried(incident.incidentId, 'unchanged', { state: 'undone' });

    expect(await runLearn()).toMatchObject({ verdict: 'next' });
    const [fix] = await kb.knowledge.fixes();
    expect(fix?.posterior.beta).toBe(3); // the prior of rollback-deployment against crash-loop is Beta(2, 2)
  });

  test('learns nothing from what could not be judged, and escalates', async () => {
    await tried(incident.incidentId, 'unknown', { state: 'undone' });

    expect(await runLearn()).toMatchObject({ verdict: 'escalate', because: 'exhausted' });
    expect(await kb.knowledge.fixes()).toEqual([]);
  });

  test('escalates with the reason that an earlier state gave', async () => {
    await tried(incident.incidentId, 'unknown', { state: 'undone' });

    expect(await runLearn({ because: 'other-writer' })).toMatchObject({ verdict: 'escalate', because: 'other-writer' });
  });

  test('goes on after an attempt that a lever stopped before it could be judged', async () => {
    await tried(incident.incidentId, undefined, { state: 'undone' });

    expect(await runLearn()).toMatchObject({ verdict: 'next' });
  });

  test('does not call healed what could not be looked at again when a signal joined', async () => {
    await tried(incident.incidentId, 'recovered');
    await ends(incident.incidentId, healed);

    expect(await runLearn({ because: 'our-fault' })).toMatchObject({ verdict: 'escalate', because: 'our-fault' });
    expect((await incident.incident()).ending).toMatchObject({ kind: 'escalated', because: 'our-fault' });
  });

  test('closes what got well without any attempt', async () => {
    await ends(incident.incidentId, { kind: 'recovered', by: 'itself', why: 'x' });

    expect(await runLearn({ attempt: 0 })).toMatchObject({ verdict: 'close' });
  });
});
