import { beforeEach, describe, expect, test, vi } from 'vitest';
import { close } from '../../../functions/close/close.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { ends, healed } from '../endings.ts';
import { NOW, world, type World } from '../steps.ts';

let account: FakeAccount;
vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));

let incident: World;

beforeEach(async () => {
  await freshTables();
  account = fakeAccount();
  incident = await world();
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
    await ends(incident.incidentId, healed);

    expect(await run()).toMatchObject({ verdict: 'closed' });
    expect(await incident.incident()).toMatchObject({ status: 'closed', ending: healed });
    expect(await kb.control.pointer(ARNS.service)).toBeUndefined();
    expect(incident.counted).toMatchObject({ Incidents: 1, TimeToRecover: 1 });
  });

  test('goes back to Verify when a signal joined since it was last looked at', async () => {
    await ends(incident.incidentId, healed);
    await joinSignal();

    expect(await run()).toMatchObject({ verdict: 'rejoined' });
    expect((await incident.incident()).status).not.toBe('closed');
  });

  test('ends what a person was told of although a signal joined, and keeps its pointer while it is not well', async () => {
    await ends(incident.incidentId, { kind: 'escalated', because: 'no-candidate', why: 'x' });
    await joinSignal();
    account.state.service['runningCount'] = 1;

    expect(await run()).toMatchObject({ verdict: 'closed' });
    expect(await kb.control.keptPointers()).toHaveLength(1);
  });

  test('refuses to end an incident without an ending', async () => {
    await expect(run()).rejects.toThrow('must have an ending');
  });
});
