import { beforeEach, describe, expect, test, vi } from 'vitest';
import { escalate } from '../../../functions/escalate/escalate.ts';
import { parseMessage } from '../../../functions/escalate/message.ts';
import { notifyEscalation } from '../../../functions/escalate/notify.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS } from '../../support/fake-account.ts';
import { ends, healed, tried } from '../endings.ts';
import { NOW, world, type World } from '../steps.ts';

let published: string[];
let snsFails: boolean;

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
  published = [];
  snsFails = false;
  incident = await world();
});

describe('Escalate', () => {
  const run = async (because: string) => escalate(incident.input({ because }), await incident.context());

  test('tells a person once an incident, and gives the leases back', async () => {
    await tried(incident.incidentId, 'unchanged', { state: 'undone' });
    await ends(incident.incidentId, { kind: 'escalated', because: 'exhausted', why: 'no action is left' });

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
    await tried(incident.incidentId, 'worse', { state: 'undo-failed' });
    await ends(incident.incidentId, { kind: 'escalated', because: 'undo-failed', why: 'the undo failed' });

    await run('our-fault');

    expect(await kb.control.frozen(ARNS.service)).toMatchObject({ incidentId: incident.incidentId });
    expect((await incident.incident()).ending).toMatchObject({ because: 'undo-failed' });
  });

  test('freezes what still stands after a failed undo, and says what that is', async () => {
    await tried(incident.incidentId, 'unchanged', { state: 'undo-failed' });

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
