import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { readAlarming } from '../../../functions/reconcile/alarming.ts';
import type { Duty } from '../../../functions/reconcile/duty.ts';
import { each } from '../../../functions/reconcile/duty.ts';
import { duty as revertDue } from '../../../functions/reconcile/duties/revert-due.ts';
import { DUTIES, reconcile } from '../../../functions/reconcile/reconcile.ts';
import * as audit from '../../../layers/runtime/kb/audit.ts';
import { control, incidents } from '../../../layers/runtime/kb/index.ts';
import { after, anAttempt, anIncident, START } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';
import { accountOf, arn, metricAlarm } from '../discover/account.ts';
import { world } from './world.ts';

test('every duty in the folder is in the list, under its file name', () => {
  const files = readdirSync(new URL('../../../functions/reconcile/duties', import.meta.url)).map((file) =>
    file.replace('.ts', ''),
  );

  expect(DUTIES.map(({ name }) => name).toSorted()).toEqual(files.toSorted());
});

const duty = (name: string, run: Duty['run']): Duty => ({ name, summary: '', run });
const nothing = () => Promise.resolve({ looked: 0, did: [], left: [] });

test('a duty that fails does not keep the next from its own', async () => {
  const bad = duty('bad', () => Promise.reject(new Error('Throttling')));

  const done = await reconcile(world().context, [bad, duty('good', nothing)]);

  expect(done).toMatchObject([
    { duty: 'bad', left: ['the duty itself failed: Error: Throttling'] },
    { duty: 'good', left: [] },
  ]);
});

test('without time left a duty is left to the next run', async () => {
  const { context } = world({ at: 10 });

  const done = await reconcile({ ...context, deadline: after(10) }, [duty('late', nothing)]);

  expect(done[0]?.left).toEqual([expect.stringContaining('no time left')]);
});

test('one thing that fails does not hold up the others, and no run takes more than it can', async () => {
  const items = Array.from({ length: 60 }, (_, n) => n);

  const report = await each(items, String, (n) =>
    n === 3 ? Promise.reject(new Error('no')) : Promise.resolve(`did ${n}`),
  );

  expect(report.did).toHaveLength(49);
  expect(report.left).toEqual(['3: Error: no', '10 more wait for the next run']);
});

test('the alarms in ALARM are read without those that auto-scaling owns', async () => {
  const state = { StateTransitionedTimestamp: new Date(START), StateReason: 'crossed' };
  const alarms = [
    metricAlarm('bad', 'AWS/SQS', 'X', {}, state),
    metricAlarm('TargetTracking-x', 'AWS/ECS', 'X', {}, state),
    metricAlarm('steps', 'AWS/ECS', 'X', {}, { ...state, AlarmActions: [arn('autoscaling', 'scalingPolicy:1')] }),
  ];

  const found = await readAlarming(accountOf({ alarms }).aws);

  expect(found).toEqual([{ arn: arn('cloudwatch', 'alarm:bad'), name: 'bad', since: START, reason: 'crossed' }]);
});

describe('a change made for a time', () => {
  beforeAll(freshTables);

  async function added() {
    const { incidentId, resource } = await anIncident();
    await incidents.putAttempt(incidentId, anAttempt(resource.arn));
    await incidents.close(incidentId, { kind: 'recovered', by: 'action', why: 'good' }, 1, after(60));
    const mutation = {
      resource: resource.arn,
      field: 'desiredCount',
      was: 2,
      becomes: 3,
      action: 'restart-service',
      state: 'applied' as const,
      at: START,
    };
    // `restart-service` never says that it is due: only its age counts here.
    const revert = {
      incidentId,
      attempt: 1,
      action: 'restart-service',
      params: { service: resource.arn },
      mutations: [mutation],
      atLatest: after(3600),
    };
    await control.addRevert(revert);
    return { incidentId, resource };
  }
  const waiting = async (incidentId: string) =>
    (await control.reverts()).some((revert) => revert.incidentId === incidentId);

  test('stays until its time is over', async () => {
    const { incidentId } = await added();
    const { context, did } = world({ at: 3000 });

    await revertDue.run(context);

    expect(did.undone).not.toContain(`${incidentId}#1`);
    expect(await waiting(incidentId)).toBe(true);
  });

  test('is undone then, once, and that is written down', async () => {
    const { incidentId } = await added();
    const { context, did } = world({ at: 3700 });

    await revertDue.run(context);
    await revertDue.run(context);

    expect(did.undone.filter((one) => one === `${incidentId}#1`)).toHaveLength(1);
    expect(await waiting(incidentId)).toBe(false);
    expect((await audit.trail(incidentId)).at(-1)).toMatchObject({
      verdict: 'reverted',
      why: expect.arrayContaining(['it is as old as it may become']),
    });
  });

  test('stays on a frozen resource, and says so', async () => {
    const { incidentId, resource } = await added();
    await control.freeze(resource.arn, 'an undo failed', incidentId, after(100));
    const { context } = world({ at: 3700 });

    const report = await revertDue.run(context);

    expect(report.left).toContainEqual(expect.stringContaining('frozen until a person gives it free'));
    expect(await waiting(incidentId)).toBe(true);
  });

  test('is told, loudly, when undoing it fails', async () => {
    const { incidentId } = await added();
    const { context, did, undoAnswers } = world({ at: 3700 });
    undoAnswers({ kind: 'failed', why: ['AccessDenied'] });

    await revertDue.run(context);

    expect(did.told).toContain(incidentId);
    expect(did.escalated).toContain('undo-failed');
    expect(await waiting(incidentId)).toBe(true);
  });

  test('is tried again when it could not be undone', async () => {
    const { incidentId } = await added();
    const { context, undoAnswers } = world({ at: 3700 });
    undoAnswers({ kind: 'busy', again: 5, why: ['leased by another'] });

    const report = await revertDue.run(context);

    expect(report.left).toContainEqual(expect.stringContaining('leased by another'));
    expect(await waiting(incidentId)).toBe(true);
  });
});
