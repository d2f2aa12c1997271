import { beforeEach, describe, expect, test, vi } from 'vitest';
import { recover } from '../../../functions/recover/recover.ts';
import { planHash } from '../../../functions/decide/intent.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { ARNS, type FakeAccount } from '../../support/fake-account.ts';
import { NOW, tryAction, world, type World } from '../steps.ts';
import { acting, back } from './acting.ts';

let account: FakeAccount;
let service: string;
let incident: World;
/** Roles that were assumed, with what for. */
let assumed: string[];

vi.mock('../../../layers/runtime/aws.ts', () => ({
  readerAws: async () => account.aws,
  assumeForAction: async (action: string, grants: { actions: string[] }[], incidentId: string) => {
    assumed.push(`${action} for ${incidentId}: ${grants.flatMap(({ actions }) => actions).join()}`);
    return account.aws;
  },
}));

beforeEach(async () => {
  assumed = [];
  ({ account, service, incident } = await acting());
});

const run = async (over = {}) => recover(incident.input(over), await incident.context(), DEFAULT_POLICY);
const states = async () => (await incident.attempt()).mutations.map(({ state }) => state);

describe('Recover', () => {
  test('stores the intent before the first call, acts with the action’s role, and records what it did', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    let storedBefore: string[] | undefined;
    account.before = (name) => {
      if (name === 'UpdateService') storedBefore = assumed;
    };

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'applied', waitSeconds: 5 });
    expect(storedBefore).toEqual([`rollback-deployment for ${incident.incidentId}: ecs:UpdateService`]);
    expect(account.state.service.taskDefinition).toBe(ARNS.revision(6));
    expect(await incident.attempt()).toMatchObject({
      leased: [service],
      mutations: [{ field: 'taskDefinition', was: ARNS.revision(7), becomes: ARNS.revision(6), state: 'applied' }],
    });
    expect((await incident.attempt()).appliedAt).toBe(NOW);
  });

  test('finds its intent in the table when it is killed in the middle of a call', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    let intended: Promise<unknown> | undefined;
    account.before = (name) => {
      if (name !== 'UpdateService') return;
      intended = incident.attempt();
      throw new Error('killed');
    };

    await expect(run()).rejects.toThrow('killed');

    expect(await intended).toMatchObject({ mutations: [{ state: 'intended' }] });
    expect(await states()).toEqual(['intended']);
  });

  test('goes on where it stopped: what holds already is not done again', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    let failed = false;
    account.before = (name) => {
      if (name === 'UpdateService' && !failed) {
        failed = true;
        account.state.service.taskDefinition = ARNS.revision(6); // AWS did it, the answer got lost
        throw new Error('connection reset');
      }
    };
    await expect(run()).rejects.toThrow('connection reset');

    const answer = await run();

    expect(answer.verdict).toBe('applied');
    expect(account.writes).toEqual([]);
    expect(await states()).toEqual(['applied']);
  });

  test('answers the same when it had come to its end', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    const first = await run();

    const second = await run();

    expect(second).toEqual(first);
    expect(account.writes).toEqual(['UpdateService']);
  });

  test('changes nothing on an approval that has expired meanwhile: it is asked again', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    const { incidentId } = incident;
    const mutations = [
      { resource: service, field: 'taskDefinition', was: ARNS.revision(7), becomes: ARNS.revision(6) },
    ];
    const { candidate } = await incident.attempt();
    const expiresAt = addSeconds(NOW, 60);
    await kb.control.ask({
      incidentId,
      attempt: 1,
      planHash: planHash(candidate, mutations),
      intent: mutations,
      token: 't',
      expiresAt,
    });
    await kb.control.answer({ incidentId, approver: 'ann', approve: true, now: NOW });
    incident.pass(60);

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'again', why: [`the approval expired at ${expiresAt}`] });
    expect(account.writes).toEqual([]);
  });

  test('changes nothing while the lever is engaged', async () => {
    await tryAction(incident.incidentId, 'restart-service', { service }, service);
    await kb.control.setLever('healing', 'engaged', 'a test', NOW);

    const answer = await run();

    expect(answer.verdict).toBe('again');
    expect(account.writes).toEqual([]);
    expect(await states()).toEqual([]);
  });

  test('undoes what it had begun when the lever is engaged meanwhile', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    account.before = (name) => {
      if (name === 'UpdateService') throw new Error('throttled');
    };
    await expect(run()).rejects.toThrow();
    account.before = () => undefined;
    await kb.control.setLever('healing', 'engaged', 'a test', NOW);

    expect(await run()).toMatchObject({ verdict: 'undo' });
    expect(account.writes).toEqual([]);
  });

  test('waits while another incident leases the resource', async () => {
    await tryAction(incident.incidentId, 'restart-service', { service }, service);
    await kb.control.hold({
      incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EG',
      attempt: 1,
      arns: [service],
      now: NOW,
      busyUntil: NOW,
      until: addSeconds(NOW, 600),
    });

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'again', waitSeconds: 15 });
    expect(account.writes).toEqual([]);
  });

  test('gives a candidate up whose budget is used up on something else that it touches', async () => {
    const other = await world(ARNS.parameter, { mode: 'observe' });
    const params = { parameter: ARNS.parameter, service, from: 3, to: 2, readAtStart: false };
    await tryAction(incident.incidentId, 'restore-parameter', params, service);

    expect(await run({ looks: 0 })).toMatchObject({ verdict: 'again', looks: 1, waitSeconds: 15 });
    expect(await run({ looks: 4 })).toMatchObject({ verdict: 'again', looks: 0 });
    expect((await incident.attempt()).outcomeWhy.join()).toContain(`mode of ${ARNS.parameter} is observe`);
    expect((await other.incident()).status).toBe('opening');
  });

  test('writes down what it leases before it takes it, so that every ending finds it', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    vi.spyOn(kb.incidents, 'setMutations').mockRejectedValueOnce(new Error('DynamoDB is down'));

    await expect(run()).rejects.toThrow('DynamoDB is down');

    expect((await incident.attempt()).leased).toEqual([service]);
  });

  test('tries a refusal that may pass a few times, then gives the candidate up', async () => {
    await tryAction(incident.incidentId, 'restart-service', { service }, service);
    account.state.service.deployments.push({ id: 'ecs-svc/9', status: 'ACTIVE', rolloutState: 'IN_PROGRESS' });

    expect(await run({ looks: 0 })).toMatchObject({ verdict: 'again', looks: 1 });
    expect((await incident.attempt()).endedAt).toBeUndefined();
    expect(await run({ looks: 4 })).toMatchObject({ verdict: 'again', looks: 0 });
    expect((await incident.attempt()).outcomeWhy).toEqual(['a deployment is in progress']);
  });

  test('reads the tag afresh: a "no" that discovery has not seen yet counts', async () => {
    await tryAction(incident.incidentId, 'restart-service', { service }, service);
    account.state.service['tags'] = [{ key: 'prunella:mode', value: 'observe' }];

    const answer = await run();

    expect(answer.why.join()).toContain('its tag prunella:mode is observe by now');
    expect(account.writes).toEqual([]);
  });

  test('stops before anything is changed when someone else changed the target since the onset', async () => {
    await tryAction(incident.incidentId, 'restart-service', { service }, service);
    await kb.knowledge.recordChange({
      resource: service,
      at: '2026-11-01T12:03:00.000Z',
      kind: 'deployment-started',
      by: 'ann',
      eventId: 'e1',
    });

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'escalate', because: 'other-writer' });
    expect(account.writes).toEqual([]);
    expect((await incident.incident()).ending).toMatchObject({ kind: 'escalated', because: 'other-writer' });
  });

  test('does not do anything over a value that changed between intent and call', async () => {
    await tryAction(incident.incidentId, 'rollback-deployment', back(service), service);
    let reads = 0;
    account.before = (name) => {
      if (name === 'DescribeServices' && (reads += 1) === 3) account.state.service.taskDefinition = ARNS.revision(8);
    };

    const answer = await run();

    expect(answer).toMatchObject({ verdict: 'escalate', because: 'other-writer' });
    expect(account.writes).toEqual([]);
    expect(await states()).toEqual(['left-alone']);
  });
});
