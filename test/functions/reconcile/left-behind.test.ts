import { beforeAll, describe, expect, test } from 'vitest';
import { duty as finishDead } from '../../../functions/reconcile/duties/finish-dead.ts';
import { duty as releaseLeases } from '../../../functions/reconcile/duties/release-leases.ts';
import { duty as startOpening } from '../../../functions/reconcile/duties/start-opening.ts';
import type { MutationState } from '../../../layers/core/mutation.ts';
import { control, incidents } from '../../../layers/runtime/kb/index.ts';
import * as audit from '../../../layers/runtime/kb/audit.ts';
import { after, anAttempt, anIncident, aSignal, START } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';
import { world } from './world.ts';

beforeAll(freshTables);

const ARN = 'arn:aws:states:eu-west-1:111122223333:execution:heal:x';

/** An incident whose execution was started, and which changed something in its first attempt. */
async function acting(state: MutationState = 'applied', { busy = 0 } = {}) {
  const { incidentId, resource } = await anIncident();
  await incidents.markOpen(incidentId, ARN);
  await incidents.putAttempt(incidentId, anAttempt(resource.arn));
  await control.hold({
    incidentId,
    attempt: 1,
    arns: [resource.arn],
    now: START,
    busyUntil: after(busy),
    until: after(300),
  });
  const mutation = {
    resource: resource.arn,
    field: 'desiredCount',
    was: 2,
    becomes: 3,
    action: 'scale-out',
    state: 'intended' as const,
    at: START,
  };
  await incidents.setMutations(incidentId, 1, [mutation]);
  if (state !== 'intended') await incidents.setMutationState(incidentId, 1, 0, state, START);
  return { incidentId, resource };
}

describe('an incident that has been opening', () => {
  test('for over a minute is started', async () => {
    const { incidentId } = await anIncident();
    const { context, did } = world({ at: 70 });

    await startOpening.run(context);

    expect(did.started).toContain(incidentId);
    expect((await incidents.get(incidentId)).status).toBe('open');
  });

  test('for half a minute is left to intake', async () => {
    const { incidentId } = await anIncident();
    const { context, did } = world({ at: 30 });

    await startOpening.run(context);

    expect(did.started).not.toContain(incidentId);
  });

  test('and whose execution is over already is ended', async () => {
    const { incidentId } = await anIncident();
    const { context, executions } = world({ at: 70 });
    executions.set(incidentId, 'failed');

    await startOpening.run(context);
    await finishDead.run(context);

    expect(await incidents.get(incidentId)).toMatchObject({
      status: 'closed',
      ending: { kind: 'escalated', because: 'our-fault' },
    });
  });
});

describe('an incident whose execution', () => {
  test.each(['failed', 'timed_out', 'aborted', 'succeeded'] as const)(
    '%s is undone, told and closed, and its lease given back',
    async (state) => {
      const { incidentId, resource } = await acting();
      const { context, executions, did } = world({ at: 60 });
      executions.set(incidentId, state);

      await finishDead.run(context);

      expect(did).toMatchObject({
        undone: expect.arrayContaining([`${incidentId}#1`]),
        told: expect.arrayContaining([incidentId]),
      });
      expect(await incidents.get(incidentId)).toMatchObject({
        status: 'closed',
        ending: { kind: 'escalated', because: 'our-fault', why: expect.stringContaining(state) },
      });
      expect((await control.leases()).filter(({ arn }) => arn === resource.arn)).toEqual([]);
      expect((await audit.trail(incidentId)).at(-1)).toMatchObject({ state: 'Reconcile', verdict: 'escalated' });
    },
  );

  test('is not found is started, never ended: what was started just now may not be seen yet', async () => {
    const { incidentId } = await acting();
    const { context, did } = world({ at: 60 });

    await finishDead.run(context);

    expect(did.started).toContain(incidentId);
    expect(did.undone).not.toContain(`${incidentId}#1`);
    expect((await incidents.get(incidentId)).status).toBe('open');
  });

  test('runs is left alone', async () => {
    const { incidentId } = await acting();
    const { context, executions, did } = world({ at: 60 });
    executions.set(incidentId, 'running');

    await finishDead.run(context);

    expect(did.undone).not.toContain(`${incidentId}#1`);
    expect((await incidents.get(incidentId)).status).toBe('open');
  });

  test('died while a function was still at work waits until that can be no more', async () => {
    const { incidentId } = await acting('intended', { busy: 200 });
    const { context, executions, did, pass } = world({ at: 60 });
    executions.set(incidentId, 'failed');

    const waiting = await finishDead.run(context);

    expect(waiting.left).toContainEqual(expect.stringContaining('a function may still be changing'));
    expect(did.undone).not.toContain(`${incidentId}#1`);

    pass(200);
    await finishDead.run(context);

    expect(did.undone).toContain(`${incidentId}#1`);
    expect((await incidents.get(incidentId)).status).toBe('closed');
  });

  test('died, and whose undo failed, says so', async () => {
    const { incidentId } = await acting();
    const { context, executions, did, undoAnswers } = world({ at: 60 });
    executions.set(incidentId, 'failed');
    undoAnswers({ kind: 'failed', why: ['AccessDenied'] });

    await finishDead.run(context);

    expect((await incidents.get(incidentId)).ending).toMatchObject({
      because: 'undo-failed',
      why: expect.stringContaining('AccessDenied'),
    });
    expect(did.escalated).toContain('undo-failed');
  });

  test('died after it had healed keeps what healed, and its own ending', async () => {
    const { incidentId } = await acting();
    await incidents.updateAttempt(incidentId, 1, { judged: 'recovered' });
    await incidents.update(incidentId, {
      ending: { kind: 'recovered', by: 'action', action: 'scale-out', why: 'three good points' },
    });
    const { context, executions, did } = world({ at: 60 });
    executions.set(incidentId, 'failed');

    await finishDead.run(context);

    expect(did.undone).not.toContain(`${incidentId}#1`);
    expect(did.told).not.toContain(incidentId);
    expect((await incidents.get(incidentId)).ending).toMatchObject({ kind: 'recovered', by: 'action' });
  });

  test('died leaves its resource’s pointer, so that the same trouble is not told again', async () => {
    const { incidentId, resource } = await acting();
    const { context, executions } = world({ at: 60 });
    executions.set(incidentId, 'failed');
    await finishDead.run(context);

    const next = await incidents.openOrJoin(
      { ...aSignal(resource.arn), kind: 'chaos', experiment: 'x' },
      resource,
      context.newId,
      after(61),
    );

    expect(next).toEqual({ incidentId, opened: false, status: 'closed', duplicate: false });
  });

  test('died is ended once, however often that is begun', async () => {
    const { incidentId } = await acting();
    const { context, executions, did } = world({ at: 60 });
    executions.set(incidentId, 'failed');

    await Promise.all([finishDead.run(context), finishDead.run(context)]);
    await finishDead.run(context);

    expect((await incidents.get(incidentId)).status).toBe('closed');
    expect((await audit.trail(incidentId)).filter(({ state }) => state === 'Reconcile')).toHaveLength(1);
    expect(did.undone.filter((one) => one === `${incidentId}#1`).length).toBeLessThanOrEqual(2);
  });
});

describe('an expired lease', () => {
  test('of an incident that has ended is given back', async () => {
    const { incidentId, resource } = await acting();
    await incidents.close(incidentId, { kind: 'noise', why: 'a test' }, 1, after(10));
    const { context } = world({ at: 400 });

    await releaseLeases.run(context);

    expect((await control.leases()).filter(({ arn }) => arn === resource.arn)).toEqual([]);
  });

  test('of an open incident stays: whoever ends it gives it back', async () => {
    const { resource } = await acting();
    const { context } = world({ at: 400 });

    await releaseLeases.run(context);

    expect((await control.leases()).filter(({ arn }) => arn === resource.arn)).toHaveLength(1);
  });
});
