import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { Evidence } from '../../layers/core/evidence.ts';
import type { RecordedMutation } from '../../layers/core/mutation.ts';
import { DEFAULT_POLICY } from '../../layers/core/policy.ts';
import { control, incidents } from '../../layers/runtime/kb/index.ts';
import { freshTables } from './tables.ts';
import { START, acquiring, after, anAttempt, anIncident, disengage } from './samples.ts';

beforeAll(async () => {
  await freshTables();
  await disengage();
});

const mutation = (resource: string, changes: Partial<RecordedMutation> = {}): RecordedMutation => ({
  resource,
  field: 'desiredCount',
  was: 2,
  becomes: 3,
  action: 'scale-out',
  state: 'intended',
  at: START,
  ...changes,
});

/** An attempt of an incident that holds its lease. */
async function underLease() {
  const { incidentId, resource } = await anIncident();
  await incidents.putAttempt(incidentId, anAttempt(resource.arn));
  const got = await control.acquire(
    acquiring(incidentId, resource, { policy: { ...acquiring(incidentId, resource).policy, maxConcurrent: 50 } }),
  );
  expect(got).toEqual({ ok: true });
  return { incidentId, resource };
}

describe('attempts', () => {
  test('are written once and counted on the incident', async () => {
    const { incidentId, resource } = await anIncident();

    await incidents.putAttempt(incidentId, anAttempt(resource.arn));
    await incidents.putAttempt(incidentId, { ...anAttempt(resource.arn), startedAt: after(9) });
    await incidents.putAttempt(incidentId, anAttempt(resource.arn, 2));

    expect((await incidents.attempts(incidentId)).map(({ attempt, startedAt }) => [attempt, startedAt])).toEqual([
      [1, START],
      [2, START],
    ]);
    expect((await incidents.get(incidentId)).attempts).toBe(2);
  });

  test('refuse another candidate under the same number', async () => {
    const { incidentId, resource } = await anIncident();
    await incidents.putAttempt(incidentId, anAttempt(resource.arn));
    const other = anAttempt(resource.arn);
    other.candidate.action = 'scale-out';

    await expect(incidents.putAttempt(incidentId, other)).rejects.toThrow(
      /is restart-service .* already, got scale-out/,
    );
  });

  test('of an incident that is not there are refused, and make none', async () => {
    const nobody = '01JD3Q8Z3M7N5V6XK2B4C9D8EF';

    const writing = incidents.putAttempt(nobody, anAttempt('arn:aws:ecs:eu-west-1:111122223333:service/cluster/web'));

    await expect(writing).rejects.toThrow(`there is no open incident ${nobody} to write attempt 1 of`);
    await expect(incidents.get(nobody)).rejects.toThrow('there is no incident');
  });

  test('take changes, and say when they do not exist', async () => {
    const { incidentId, resource } = await anIncident();
    await incidents.putAttempt(incidentId, anAttempt(resource.arn));

    await incidents.updateAttempt(incidentId, 1, { settledAt: after(60), judged: 'recovered' });

    expect((await incidents.attempts(incidentId))[0]).toMatchObject({ settledAt: after(60), judged: 'recovered' });
    await expect(incidents.updateAttempt(incidentId, 2, { settledAt: START })).rejects.toThrow('has no attempt 2');
  });
});

describe('intents', () => {
  test('are refused without a lease on what they change', async () => {
    const { incidentId, resource } = await anIncident();
    await incidents.putAttempt(incidentId, anAttempt(resource.arn));

    await expect(incidents.setMutations(incidentId, 1, [mutation(resource.arn)])).rejects.toThrow(
      `must hold the lease of ${resource.arn}`,
    );

    expect((await incidents.attempts(incidentId))[0]!.mutations).toEqual([]);
  });

  test('keep their states when they are stored again and grow', async () => {
    const { incidentId, resource } = await underLease();
    const [first, second] = [
      mutation(resource.arn),
      mutation(resource.arn, { field: 'revision', was: '1', becomes: '2' }),
    ];
    await incidents.setMutations(incidentId, 1, [first]);
    await incidents.setMutationState(incidentId, 1, 0, 'applied', after(5));

    await incidents.setMutations(incidentId, 1, [first, second]);

    expect((await incidents.attempts(incidentId))[0]!.mutations).toEqual([
      { ...first, state: 'applied', at: after(5), calls: [after(5)] },
      second,
    ]);
  });

  test('are never replaced by others', async () => {
    const { incidentId, resource } = await underLease();
    await incidents.setMutations(incidentId, 1, [mutation(resource.arn)]);

    await expect(incidents.setMutations(incidentId, 1, [mutation(resource.arn, { becomes: 4 })])).rejects.toThrow(
      'must be undone or adopted first',
    );
    await expect(incidents.setMutations(incidentId, 1, [])).rejects.toThrow('must be undone or adopted first');
  });

  test('do not become applied after they were undone', async () => {
    const { incidentId, resource } = await underLease();
    await incidents.setMutations(incidentId, 1, [mutation(resource.arn)]);
    await incidents.setMutationState(incidentId, 1, 0, 'applied', after(1));
    await incidents.setMutationState(incidentId, 1, 0, 'undone', after(2));
    await incidents.setMutationState(incidentId, 1, 0, 'undone', after(3));

    await expect(incidents.setMutationState(incidentId, 1, 0, 'applied', after(4))).rejects.toThrow(
      'must be intended or applied to become applied, got undone',
    );
    await expect(incidents.setMutationState(incidentId, 1, 1, 'applied', after(4))).rejects.toThrow('got none');
  });
});

describe('evidence', () => {
  const evidenceOf = (incidentId: string, resource: string, noise: number): Evidence =>
    Evidence.parse({
      schema: 1,
      incidentId,
      resource,
      takenAt: START,
      window: { from: after(-600), to: START, onset: after(-60) },
      resources: [],
      openIncidents: {},
      signals: [],
      series: [{ resource, criterion: 'c', metric: 'm', period: 60, points: [[1, 0.1 + 0.2]] }],
      logs: [{ resource, template: randomBytes(noise).toString('base64'), before: 0, after: 1, example: '' }],
      changes: [],
      stoppedTasks: [],
      services: [],
      aliases: [],
      gaps: [],
    });

  test('of more than 350 KB comes back whole, and a smaller one takes its place', async () => {
    const { incidentId, resource } = await anIncident();
    const [large, small] = [evidenceOf(incidentId, resource.arn, 1_000_000), evidenceOf(incidentId, resource.arn, 10)];

    await incidents.saveEvidence(incidentId, large);
    const first = await incidents.evidence(incidentId);
    await incidents.saveEvidence(incidentId, small);
    const second = await incidents.evidence(incidentId);

    expect(first).toEqual(large);
    expect(second).toEqual(small);
  });

  test('that is too large is refused with its size', async () => {
    const { incidentId, resource } = await anIncident();

    await expect(incidents.saveEvidence(incidentId, evidenceOf(incidentId, resource.arn, 4_000_000))).rejects.toThrow(
      /may be 3850000 bytes gzipped, got \d{7}/,
    );
  });

  test('and plan of an incident without any are undefined, and the last plan is the one that holds', async () => {
    const { incidentId, resource } = await anIncident();
    const { candidate } = anAttempt(resource.arn);
    const inputs = {
      evidenceTakenAt: START,
      posteriors: {},
      own: {},
      tried: [],
      resting: {},
      policy: DEFAULT_POLICY,
      resource,
    };

    const none = [await incidents.evidence(incidentId), await incidents.plan(incidentId)];
    await incidents.savePlan(incidentId, { attempt: 1, inputs, plan: { candidates: [candidate], rejected: [] } });
    await incidents.savePlan(incidentId, { attempt: 2, inputs, plan: { candidates: [], rejected: [] } });

    expect(none).toEqual([undefined, undefined]);
    expect(await incidents.plan(incidentId)).toEqual({ candidates: [], rejected: [] });
  });
});
