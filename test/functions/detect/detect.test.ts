import { beforeEach, expect, test, vi } from 'vitest';
import { detect } from '../../../functions/detect/detect.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import type { Look } from '../../../layers/runtime/observe/look.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { service, stop } from '../evidence.ts';
import { NOW, tryAction, world } from '../steps.ts';

let account: FakeAccount;
let look: Partial<Look>;

vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));
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

beforeEach(async () => {
  await freshTables();
  account = fakeAccount();
});

/** Two tasks failed four minutes ago; an incident of then was healed, and closed `ago` seconds ago. */
async function again(ago: number) {
  const before = await world();
  const noon = Date.parse('2026-11-01T12:00:00.000Z');
  const failed = (seconds: number) => ({
    ...stop(seconds),
    stoppedAt: new Date(noon + seconds * 1000).toISOString(),
  });
  look = { service: service(), stopped: [failed(50), failed(60)] };
  await tryAction(before.incidentId, 'restart-service', { service: ARNS.service });
  await kb.incidents.updateAttempt(before.incidentId, 1, {
    appliedAt: addSeconds(NOW, -220),
    settledAt: addSeconds(NOW, -200),
    judged: 'recovered',
  });
  const ending = { kind: 'recovered', by: 'action', why: 'well' } as const;
  await kb.incidents.close(before.incidentId, ending, 1, addSeconds(NOW, -ago));
  const now = await world();
  expect(now.incidentId).not.toBe(before.incidentId);
  return now;
}

test('an alarm that rings late for what was just healed is noise', async () => {
  const incident = await again(60);
  const signals = await kb.incidents.signals(incident.incidentId);
  expect(signals).toHaveLength(1);

  const answer = await detect(incident.input({ attempt: 0 }), await incident.context(), DEFAULT_POLICY);

  expect(answer).toMatchObject({ verdict: 'closing', because: 'noise' });
});

test('long after the healing, what is seen counts', async () => {
  const incident = await again(3600);

  const answer = await detect(incident.input({ attempt: 0 }), await incident.context(), DEFAULT_POLICY);

  expect(answer.verdict).toBe('gather');
});
