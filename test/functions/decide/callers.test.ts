import { beforeEach, describe, expect, test, vi } from 'vitest';
import { decide } from '../../../functions/decide/decide.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { NOW, world, type World } from '../steps.ts';

let account: FakeAccount;

vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));

beforeEach(async () => {
  await freshTables();
  account = fakeAccount();
});

let incident: World;
const within = async (watched: Partial<Resource> = {}) => (incident = await world(ARNS.service, watched));
const run = async () => decide(incident.input({ attempt: 0 }), await incident.context(), DEFAULT_POLICY);

describe('a caller', () => {
  const callee = `${ARNS.service}-store`;
  const failing = {
    hypotheses: [{ resource: ARNS.service, fault: 'dependency-failure' as const, confidence: 0.8, because: ['x'] }],
    severity: 'high' as const,
    onset: addSeconds(NOW, -300),
    gaps: [],
  };
  const calling = async () => {
    const its = await world(callee);
    await within({ dependsOn: [callee] });
    await kb.incidents.update(incident.incidentId, { diagnosis: failing });
    return its;
  };

  test('waits for its callee’s incident, and is looked at when that is over', async () => {
    const its = await calling();

    expect(await run()).toMatchObject({ verdict: 'wait' });
    expect((await incident.incident()).foldedInto).toBe(its.incidentId);
    await kb.incidents.close(its.incidentId, { kind: 'recovered', by: 'action', why: 'x' }, 1, NOW);
    expect(await run()).toMatchObject({ verdict: 'verify', attempt: 0 });
  });

  test('waits for the first cause, not for a caller between', async () => {
    const its = await calling();
    const cause = await world(`${callee}-disk`);
    await kb.incidents.update(its.incidentId, { foldedInto: cause.incidentId });
    await run();

    expect(await run()).toMatchObject({ verdict: 'wait' });
    await kb.incidents.close(cause.incidentId, { kind: 'recovered', by: 'action', why: 'x' }, 1, NOW);
    expect(await run()).toMatchObject({ verdict: 'verify', attempt: 0 });
  });

  test('waits for the incident on the root of its trouble, two calls away, where what lies between has none', async () => {
    const far = `${ARNS.service}-ledger`;
    const root = await world(far);
    await within({ dependsOn: [callee] });
    const evidence = (await kb.incidents.evidence(incident.incidentId))!;
    const between = { ...evidence.resources[0]!, arn: callee, dependsOn: [far] };
    const own = { ...evidence.resources[0]!, dependsOn: [callee] };
    const resources = [own, between, { ...own, arn: far, dependsOn: [] }];
    await kb.incidents.saveEvidence(incident.incidentId, { ...evidence, resources });
    const roots = [{ resource: far, share: 0.9, because: ['it changed first'] }];
    await kb.incidents.update(incident.incidentId, { diagnosis: { ...failing, roots } });

    expect(await run()).toMatchObject({ verdict: 'wait' });
    expect((await incident.incident()).foldedInto).toBe(root.incidentId);
  });

  test('is not told of when a person has been told of its callee', async () => {
    const its = await calling();
    await kb.incidents.close(its.incidentId, { kind: 'escalated', because: 'no-candidate', why: 'x' }, 1, NOW, 'keep');

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'closing', because: 'cooldown' });
    expect(answer.why.join()).toContain(its.incidentId);
  });
});
