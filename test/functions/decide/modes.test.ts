import { beforeEach, describe, expect, test, vi } from 'vitest';
import { decide } from '../../../functions/decide/decide.ts';
import { intentOf } from '../../../functions/decide/intent.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { Suggestion } from '../../../layers/core/suggestion.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { NOW, world, type World } from '../steps.ts';

let account: FakeAccount;
let published: { subject: string; message: string }[];

vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));
vi.mock('../../../layers/runtime/notify.ts', () => ({
  publish: async (subject: string, message: string) => void published.push({ subject, message }),
}));

beforeEach(async () => {
  await freshTables();
  account = fakeAccount();
  published = [];
});

let incident: World;
const within = async (watched: Partial<Resource> = {}) => (incident = await world(ARNS.service, watched));
const run = async () => decide(incident.input({ attempt: 0 }), await incident.context(), DEFAULT_POLICY);

test('mode suggest tells once what would have been done, and changes nothing', async () => {
  await within({ mode: 'suggest' });

  const first = await run();
  await run();

  expect(first).toMatchObject({ verdict: 'closing', because: 'suggest' });
  expect(first.why.join()).toContain('it would have changed');
  expect(Suggestion.parse(first.saw?.['suggested'])).toMatchObject({
    incidentId: incident.incidentId,
    at: NOW,
    mutations: [{ resource: ARNS.service }],
    undo: true,
  });
  expect(published).toHaveLength(1);
  expect(account.writes).toEqual([]);
  expect(await kb.incidents.attempts(incident.incidentId)).toEqual([]);
});

test('mode suggest does not tell the same again when other news opens another incident', async () => {
  await within({ mode: 'suggest' });
  await run();
  const { ending, signalCount } = await incident.incident();
  if (!ending) throw new Error('a suggestion ends its incident');
  await kb.incidents.close(incident.incidentId, ending, signalCount, NOW, 'keep');

  await within({ mode: 'suggest' });
  const again = await run();

  expect(again).toMatchObject({ verdict: 'closing', because: 'suggest' });
  expect(again.why.join()).toContain('told before');
  expect(again.saw).toBeUndefined(); // one trouble is one suggestion
  expect(published).toHaveLength(1);
});

test('mode suggest needs no lever: there is nothing to stop', async () => {
  await within({ mode: 'suggest' });
  await kb.control.setLever('healing', 'engaged', 'a test', NOW);

  expect(await run()).toMatchObject({ verdict: 'closing', because: 'suggest' });
});

describe('mode approve', () => {
  /** Asks, and has the question answered. */
  async function answered(approve: boolean, change: () => void = () => undefined): Promise<void> {
    await run();
    const candidate = (await kb.incidents.plan(incident.incidentId))?.candidates[0];
    if (!candidate) throw new Error('there must be a candidate to ask about');
    const { planHash, mutations } = await intentOf(candidate);
    await kb.control.ask({
      incidentId: incident.incidentId,
      attempt: 1,
      planHash,
      intent: mutations,
      token: 't',
      expiresAt: addSeconds(NOW, 600),
    });
    await kb.control.answer({ incidentId: incident.incidentId, approver: 'ann', approve, now: NOW });
    change();
  }

  test('asks first', async () => {
    await within({ mode: 'approve' });

    expect(await run()).toMatchObject({ verdict: 'ask', attempt: 1 });
    expect(await kb.incidents.attempts(incident.incidentId)).toEqual([]);
  });

  test('acts on a yes', async () => {
    await within({ mode: 'approve' });
    await answered(true);

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'act', attempt: 1 });
    expect(answer.why[0]).toContain('approved by ann');
  });

  test('asks again when what was approved is not what would be done now', async () => {
    await within({ mode: 'approve' });
    await answered(true, () =>
      account.state.service.deployments.splice(0, 1, { id: 'ecs-svc/9', status: 'PRIMARY', rolloutState: 'COMPLETED' }),
    );

    const answer = await run();

    expect(answer.verdict).toBe('ask');
    expect(answer.why.join()).toContain('asked again');
  });

  test('takes no yes that has expired', async () => {
    await within({ mode: 'approve' });
    await answered(true);
    incident.pass(3600);

    expect(await run()).toMatchObject({ verdict: 'ask' });
  });
});
