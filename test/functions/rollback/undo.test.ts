import { beforeEach, describe, expect, test, vi } from 'vitest';
import { recover } from '../../../functions/recover/recover.ts';
import { undoAttempt } from '../../../functions/rollback/undo.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { ARNS, type FakeAccount } from '../../support/fake-account.ts';
import { acting, back } from '../recover/acting.ts';
import { NOW, tryAction, type World } from '../steps.ts';

let account: FakeAccount;
let service: string;
let incident: World;

vi.mock('../../../layers/runtime/aws.ts', () => ({
  readerAws: async () => account.aws,
  assumeForAction: async () => account.aws,
}));

beforeEach(async () => {
  ({ account, service, incident } = await acting());
});

const run = async () => recover(incident.input(), await incident.context(), DEFAULT_POLICY);
const states = async () => (await incident.attempt()).mutations.map(({ state }) => state);

describe('undo', () => {
  const undo = async () =>
    undoAttempt(await incident.incident(), await incident.attempt(), kb, () => addSeconds(NOW, 300));

  test('puts the value back, whatever the lever says', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    await run();
    await kb.control.setLever('healing', 'engaged', 'a test', NOW);

    expect(await undo()).toMatchObject({ kind: 'undone' });
    expect(account.state.service.taskDefinition).toBe(ARNS.revision(7));
    expect(await states()).toEqual(['undone']);
  });

  test('is done once however often it is asked for', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    await run();
    await undo();

    expect(await undo()).toMatchObject({ kind: 'nothing' });
    expect(account.writes).toEqual(['UpdateService', 'UpdateService']);
  });

  test('leaves a value alone that someone else has changed since', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    await run();
    account.state.service.taskDefinition = ARNS.revision(8);

    expect(await undo()).toMatchObject({ kind: 'nothing' });
    expect(await states()).toEqual(['left-alone']);
    expect(account.state.service.taskDefinition).toBe(ARNS.revision(8));
  });

  test('leaves a whole resource alone on which someone else is at work', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    await run();
    await kb.knowledge.recordChange({
      resource: service,
      at: addSeconds(NOW, 60),
      kind: 'scaled',
      to: 'desiredCount=6',
      by: 'ann',
      eventId: 'e2',
    });

    expect(await undo()).toMatchObject({ kind: 'nothing' });
    expect(await states()).toEqual(['left-alone']);
  });

  test('has nothing to do after an action without an inverse', async () => {
    await tryAction(incident.incidentId, 'restart-service', { service }, service);
    await run();

    expect(await undo()).toMatchObject({
      kind: 'nothing',
      why: ['restart-service has no inverse: what it did needs no undoing'],
    });
  });

  /** The service was updated, and nobody lived to write it down. */
  const killedAfterTheCall = async (): Promise<void> => {
    account.before = (name) => {
      if (name !== 'UpdateService') return;
      account.state.service.taskDefinition = ARNS.revision(6);
      throw new Error('killed');
    };
    await expect(run()).rejects.toThrow();
    account.before = () => undefined;
  };

  test('looks up what was intended and never confirmed: undone where it holds', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    await killedAfterTheCall();

    expect(await undo()).toMatchObject({ kind: 'undone' });
    expect(account.state.service.taskDefinition).toBe(ARNS.revision(7));
  });

  test('of what was never confirmed does not take its own event for someone else’s change', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    await killedAfterTheCall();
    const at = addSeconds(NOW, 2);
    await kb.knowledge.recordChange({ resource: service, at, kind: 'deployment-started', eventId: 'e3' });

    expect(await undo()).toMatchObject({ kind: 'undone' });
    expect(account.state.service.taskDefinition).toBe(ARNS.revision(7));
  });

  test('that fails freezes the resource and says so', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    await run();
    account.before = (name) => {
      if (name === 'UpdateService') throw new Error('AccessDenied');
    };

    const undoing = await undo();

    expect(undoing.kind).toBe('failed');
    expect(undoing.why.join()).toContain('AccessDenied');
    expect(await states()).toEqual(['undo-failed']);
    expect(await kb.control.frozen(service)).toMatchObject({ incidentId: incident.incidentId });
  });

  test('waits while a function that outlived its state may still be at work', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    await run();
    await kb.control.renew(incident.incidentId, [service], addSeconds(NOW, 900), addSeconds(NOW, 420));

    const undoing = await undo();

    expect(undoing).toMatchObject({ kind: 'busy', again: 120 });
    expect(account.state.service.taskDefinition).toBe(ARNS.revision(6));
  });
});
