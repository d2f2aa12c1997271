import { beforeAll, expect, test, vi } from 'vitest';
import type { Change } from '../../layers/core/inventory.ts';
import type { Suggestion } from '../../layers/core/suggestion.ts';
import { addSeconds, type Instant } from '../../layers/core/units.ts';
import { audit, incidents, knowledge } from '../../layers/runtime/kb/index.ts';
import { aResource, anIncident } from '../runtime/samples.ts';
import { freshTables } from '../runtime/tables.ts';
import { prunella } from './commandline.ts';

vi.mock(import('../../cli/account.ts'), () => ({
  connect: () => Promise.resolve({ name: 'a test', answerFunction: 'answer', discoverFunction: 'discover' }),
}));

beforeAll(freshTables);

const yesterday = addSeconds(new Date().toISOString(), -86_400);
const at = (seconds: number): Instant => addSeconds(yesterday, seconds);

/** An incident in mode suggest that closed a minute after it opened, as Decide and Close write it down. */
async function suggested(action = 'restart-service') {
  const { incidentId, resource } = await anIncident(aResource({ mode: 'suggest' }), at(0));
  const mutations = [{ resource: resource.arn, field: 'deployment', was: 'd-1', becomes: 'fresh tasks of web:8' }];
  const suggestion: Suggestion = {
    incidentId,
    at: at(40),
    resource: resource.arn,
    fault: 'deadlock',
    action,
    risk: 'R2',
    mutations,
    undo: true,
    disruption: 0.1,
    settlesAtMost: 600,
  };
  const entry = { incidentId, attempt: 0, state: 'Decide', verdict: 'closing', why: [] };
  await audit.append({ ...entry, eventId: 'Decide#3', at: at(40), saw: { suggested: suggestion } });
  await incidents.close(incidentId, { kind: 'suppressed', because: 'suggest', why: 'x' }, 1, at(60), 'keep');
  const well = (seconds: number) =>
    audit.append({ ...entry, eventId: 'Reconcile#well', at: at(seconds + 600), saw: { wellAt: at(seconds) } });
  const restarted = (seconds: number) =>
    knowledge.recordChange({
      resource: resource.arn,
      at: at(seconds),
      kind: 'deployment-started',
      to: 'web:8',
      by: 'arn:aws:iam::111122223333:user/ada',
      eventId: `restart-${incidentId}`,
    } satisfies Change);
  return { incidentId, resource, well, restarted };
}

test('report judges what mode suggest would have done by what the trail and the change feed say happened next', async () => {
  const helped = await suggested();
  await helped.restarted(300);
  await helped.well(500);
  const failed = await suggested();
  await failed.restarted(300);
  const alone = await suggested();
  await alone.well(200);
  await suggested('scale-out');

  const text = await prunella('report', '--days', '3');
  const json = JSON.parse((await prunella('report', '--days', '3', '--json')).printed) as Record<string, unknown>;

  expect(text.printed).toContain('In mode heal, 4 changes would have been made:');
  expect(text.printed).toContain('1  right: that very change was made, and it got well');
  expect(text.printed).toContain('1  wrong: that change was made, and it did not help');
  expect(text.printed).toContain('1  not needed: it got well by itself as soon');
  expect(text.printed).toContain('1  still sick');
  expect(text.printed).toContain('Right: 33 % of the 3 that can be judged (95 % interval 6.1 % to 79 %)');
  expect(text.printed).toContain('Risk taken: 4 × R2; 4 of 4 could have been undone');
  expect(text.printed).toContain('Too little data to tell');
  expect(text.printed).toContain(`restart-service, right (npx prunella explain ${helped.incidentId})`);
  expect(json['suggestions']).toMatchObject({
    suggestions: 4,
    judged: 3,
    fates: { right: 1, wrong: 1, other: 0, 'not-needed': 1, unclear: 0, 'still-sick': 1 },
    right: { share: 1 / 3 },
  });
});
