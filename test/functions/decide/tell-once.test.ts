import { beforeEach, describe, expect, test, vi } from 'vitest';
import { decide } from '../../../functions/decide/decide.ts';
import { escalate } from '../../../functions/escalate/escalate.ts';
import { parseMessage } from '../../../functions/escalate/message.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount, type FakeAccount } from '../../support/fake-account.ts';
import { NOW, tryAction, world, type World } from '../steps.ts';

let account: FakeAccount;
let published: string[];

vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => account.aws }));
vi.mock('../../../layers/runtime/notify.ts', () => ({
  publish: async (_subject: string, message: string) => void published.push(message),
}));

beforeEach(async () => {
  await freshTables();
  vi.stubEnv('HEAL_ARN', 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal');
  account = fakeAccount();
  published = [];
});

const REFUSED = {
  template: 'request failed: Error: connect ECONNREFUSED payments-db:<*>',
  example: 'request failed: Error: connect ECONNREFUSED payments-db:5432',
  before: 0,
  after: 40,
  category: 'dependency' as const,
};

const nameOf = (name: string): string => `${ARNS.service}-${name}`;

/** An incident two minutes old whose log says that the database cannot be reached, diagnosed as what no action heals. */
async function cutOff(name: string, over: Partial<Evidence> = {}, fault: Fault = 'dependency-failure'): Promise<World> {
  const arn = nameOf(name);
  const one = await world(arn);
  const evidence = (await kb.incidents.evidence(one.incidentId))!;
  const logs = [{ ...REFUSED, resource: arn }];
  await kb.incidents.saveEvidence(one.incidentId, { ...evidence, changes: [], services: [], logs, ...over });
  const hypotheses = [{ resource: arn, fault, confidence: 0.9, because: ['x'] }];
  const diagnosis = { hypotheses, severity: 'high' as const, onset: evidence.window.onset, gaps: [] };
  await kb.incidents.update(one.incidentId, { diagnosis });
  one.pass(120);
  return one;
}

const run = async (one: World) => decide(one.input({ attempt: 0, looks: 99 }), await one.context(), DEFAULT_POLICY);

/** Decides, and does what follows. */
async function toTheEnd(one: World) {
  const answer = await run(one);
  if (answer.verdict === 'escalate') await escalate(one.input({ because: answer.because ?? '' }), await one.context());
  const { ending, signalCount } = await one.incident();
  if (ending) await kb.incidents.close(one.incidentId, ending, signalCount, addSeconds(NOW, 130), 'keep');
  return answer;
}

describe('incidents that share a cause outside the graph', () => {
  test('are told of once, with all that were known by then', async () => {
    const [first, second] = [await cutOff('a'), await cutOff('b')];
    await noted(second);

    await toTheEnd(first);
    const answer = await toTheEnd(second);

    expect(published).toHaveLength(1);
    const told = parseMessage(published[0]!);
    expect(told.sharedWith).toMatchObject([{ incidentId: second.incidentId, resource: nameOf('b') }]);
    expect(told.shared).toBe('trouble with payments-db:5432');
    expect(answer).toMatchObject({ verdict: 'closing', because: 'cooldown' });
    expect(answer.why[0]).toContain(first.incidentId);
  });

  test('join what was told when they come later, and are found there', async () => {
    const first = await cutOff('a');
    await toTheEnd(first);
    const later = await cutOff('b');

    await toTheEnd(later);

    expect(published).toHaveLength(1);
    expect(await kb.incidents.joinedTelling(first.incidentId)).toMatchObject([
      { incidentId: later.incidentId, what: 'trouble with payments-db:5432' },
    ]);
    expect((await later.incident()).shared).toMatchObject({ toldIn: first.incidentId });
  });

  test('are told of by exactly one when all come at once', async () => {
    const all = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => cutOff(name)));

    const answers = await Promise.all(all.map(run));

    expect(answers.filter(({ verdict }) => verdict === 'escalate')).toHaveLength(1);
    expect(answers.filter(({ verdict }) => verdict === 'closing')).toHaveLength(4);
  });

  test('keep the right to tell when the step is run again', async () => {
    const [first, second] = [await cutOff('a'), await cutOff('b')];
    await run(first);
    await run(second);

    expect(await run(first)).toMatchObject({ verdict: 'escalate' });
    expect(await run(second)).toMatchObject({ verdict: 'closing' });
  });

  test('wait for each other before a person is told, but not for long', async () => {
    const young = await cutOff('a');
    young.pass(-90);

    expect(await run(young)).toMatchObject({ verdict: 'wait', waitSeconds: 60 });
    young.pass(60);
    expect(await run(young)).toMatchObject({ verdict: 'escalate' });
  });

  test('tell again when what was told is over and they are not', async () => {
    const first = await cutOff('a');
    await toTheEnd(first);
    await kb.control.removeKeptPointer(nameOf('a'), first.incidentId);
    const later = await cutOff('b');

    expect(await run(later)).toMatchObject({ verdict: 'escalate' });
  });
});

/** As Diagnose does. */
async function noted(one: World): Promise<void> {
  const { sharerOf } = await import('../../../functions/diagnose/shared/traces.ts');
  const incident = await one.incident();
  const evidence = (await kb.incidents.evidence(one.incidentId))!;
  await kb.control.noteSharer(sharerOf(incident, evidence, incident.diagnosis!), NOW);
}

describe('an incident is told of by itself', () => {
  const alone = async (one: World) => {
    await toTheEnd(await cutOff('a'));
    return run(one);
  };

  test('where it names another database', async () => {
    const logs = [{ ...REFUSED, resource: nameOf('b') }].map((one) => ({
      ...one,
      template: one.template.replace('payments', 'ledger'),
      example: one.example.replace('payments', 'ledger'),
    }));

    expect(await alone(await cutOff('b', { logs }))).toMatchObject({ verdict: 'escalate' });
  });

  test('where it was deployed just before', async () => {
    const resource = nameOf('b');
    const at = '2026-11-01T11:59:00.000Z';
    const changes = [
      { resource, at, kind: 'deployment-started' as const, eventId: 'e', from: ARNS.revision(6), to: ARNS.revision(7) },
    ];

    expect(await alone(await cutOff('b', { changes }))).toMatchObject({ verdict: 'escalate' });
  });

  test('where its trouble began much later', async () => {
    const late = { from: '2026-11-01T11:30:00.000Z', to: NOW, onset: addSeconds(NOW, 5400) };

    expect(await alone(await cutOff('b', { window: late }))).toMatchObject({ verdict: 'escalate' });
  });

  test('where something of ours still stands on it', async () => {
    const one = await cutOff('b');
    const arn = nameOf('b');
    await tryAction(one.incidentId, 'raise-memory', { service: arn }, arn);
    await kb.control.hold({ incidentId: one.incidentId, attempt: 1, arns: [arn], now: NOW, busyUntil: NOW });
    const mutation = { action: 'raise-memory', resource: arn, field: 'taskDefinition', was: 'a', becomes: 'b' };
    await kb.incidents.setMutations(one.incidentId, 1, [{ ...mutation, state: 'applied', at: NOW }]);
    await kb.incidents.updateAttempt(one.incidentId, 1, { judged: 'unknown', appliedAt: NOW, endedAt: NOW });
    const policy = { ...DEFAULT_POLICY, maxAttempts: 1 };
    await toTheEnd(await cutOff('a'));

    const answer = await decide(one.input({ attempt: 1 }), await one.context(), policy);

    expect(answer).toMatchObject({ verdict: 'escalate', because: 'exhausted' });
  });
});

test('what an action heals is healed at once, whatever it shares', async () => {
  await toTheEnd(await cutOff('a'));
  const one = await world();
  const evidence = (await kb.incidents.evidence(one.incidentId))!;
  const logs = [{ ...REFUSED, resource: ARNS.service }];
  await kb.incidents.saveEvidence(one.incidentId, { ...evidence, changes: [], logs });

  expect(await run(one)).toMatchObject({ verdict: 'act' });
});
