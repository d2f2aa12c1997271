import { expect, test } from 'vitest';
import { ApprovalRequest, requestOf, subjectOf, textOf } from '../../../functions/approval/ask.ts';
import { planHash } from '../../../functions/decide/intent.ts';
import { Incident } from '../../../layers/core/incident.ts';
import type { Candidate } from '../../../layers/core/plan.ts';
import { at, revision, SERVICE } from '../evidence.ts';

const incident = Incident.parse({
  incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
  resource: SERVICE,
  fleet: 'f',
  mode: 'approve',
  status: 'open',
  severity: 'high',
  openedAt: at(0),
  onset: at(0),
  signalCount: 1,
});
const candidate: Candidate = {
  action: 'rollback-deployment',
  params: { service: SERVICE, from: revision(7), to: revision(6) },
  resource: SERVICE,
  fault: 'bad-deployment',
  risk: 'R2',
  success: 0.6,
  expectedSeconds: 150,
  because: ['it healed before'],
};
const mutations = [{ resource: SERVICE, field: 'taskDefinition', was: revision(7), becomes: revision(6) }];
const intent = { mutations, reasonsNot: [], planHash: planHash(candidate, mutations) };

test('a request says what would change, why, what it costs if wrong, how it is undone, and until when', () => {
  const text = textOf(requestOf(incident, candidate, intent, 'approval-1', at(3600)));

  for (const part of [
    `taskDefinition of ${SERVICE}: ${revision(7)} becomes ${revision(6)}`,
    'it healed before',
    'If it is wrong: 10 % of the capacity',
    'undone by itself',
    'until 2026-11-01T13:00:00.000Z',
    'npx prunella approve 01JD3Q8Z3M7N5V6XK2B4C9D8EF',
  ])
    expect(text).toContain(part);
  expect(ApprovalRequest.parse(JSON.parse(text.slice(text.lastIndexOf('\n') + 1)))).toMatchObject({
    approvalId: 'approval-1',
  });
});

test('a request has no link: opening something can never decide', () => {
  const request = requestOf(incident, candidate, intent, 'approval-1', at(3600));

  expect(textOf(request)).not.toMatch(/https?:/);
  expect(subjectOf(request).length).toBeLessThan(100);
});

test('an approval binds action, target, parameters and the exact changes', () => {
  const other = { ...mutations[0]!, becomes: revision(5) };

  expect(planHash(candidate, mutations)).toBe(planHash({ ...candidate }, [...mutations]));
  expect(planHash(candidate, [other])).not.toBe(intent.planHash);
  expect(planHash({ ...candidate, params: {} }, mutations)).not.toBe(intent.planHash);
  expect(planHash({ ...candidate, resource: `${SERVICE}2` }, mutations)).not.toBe(intent.planHash);
});
