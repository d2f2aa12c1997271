import { beforeAll, describe, expect, test } from 'vitest';
import { control, incidents, knowledge } from '../../layers/runtime/kb/index.ts';
import { freshTables } from './tables.ts';
import { START, acquiring, after, aResource, anIncident, disengage, policyWith, serviceArn } from './samples.ts';

beforeAll(async () => {
  await freshTables();
  await disengage();
});

/** So many slots that neighbouring tests do not take each other's. */
const roomy = policyWith({ maxConcurrent: 60 });
const times = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index));

describe('a lease', () => {
  test('goes to one of two incidents that ask at once', async () => {
    const resource = aResource();
    const [one, other] = [await anIncident(resource), await anIncident(aResource({ fleet: resource.fleet }))];
    const ask = (incidentId: string) => control.acquire(acquiring(incidentId, resource, { policy: roomy }));

    const answers = await Promise.all([ask(one.incidentId), ask(other.incidentId)]);

    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const refused = answers.find((answer) => !answer.ok);
    const winner = answers[0].ok ? one.incidentId : other.incidentId;
    expect(refused).toMatchObject({ why: 'leased' });
    expect(JSON.stringify(refused)).toContain(`is leased by ${winner} until ${after(300)}`);
    expect((await control.leases()).filter(({ arn }) => arn === resource.arn)).toMatchObject([{ incidentId: winner }]);
  });

  test('is taken on every ARN or on none', async () => {
    const { incidentId, resource } = await anIncident();
    const other = await anIncident();
    const neighbour = serviceArn();
    await control.acquire(
      acquiring(other.incidentId, other.resource, { arns: [other.resource.arn, neighbour], policy: roomy }),
    );

    const answer = await control.acquire(
      acquiring(incidentId, resource, { arns: [resource.arn, neighbour], policy: roomy }),
    );

    expect(answer).toMatchObject({ ok: false, why: 'leased' });
    expect((await control.leases()).map(({ arn }) => arn)).not.toContain(resource.arn);
    expect(await control.budget(resource.arn, roomy, START)).toEqual({ attempts: 0, lastAttempt: {} });
  });

  test('is refused to the same attempt while its function may still be running, and given to it again after', async () => {
    const { incidentId, resource } = await anIncident();
    const ask = (now: string) =>
      control.acquire(
        acquiring(incidentId, resource, { now, busyUntil: after(300), until: after(900), policy: roomy }),
      );
    await ask(START);

    const early = await ask(after(299));
    const late = await ask(after(300));

    expect(early).toMatchObject({ ok: false, why: 'leased' });
    expect(late).toEqual({ ok: true });
    expect((await control.budget(resource.arn, roomy, after(300))).attempts).toBe(1);
  });

  test('is free for others only when it has expired', async () => {
    const { incidentId, resource } = await anIncident();
    const other = await anIncident();
    await control.acquire(acquiring(incidentId, resource, { busyUntil: after(60), until: after(600), policy: roomy }));
    const ask = (now: string) =>
      control.acquire(acquiring(other.incidentId, resource, { now, busyUntil: after(1_000), policy: roomy }));

    const early = await ask(after(599));
    const gone = await control.expired(after(600));
    const late = await ask(after(600));

    expect(early).toMatchObject({ ok: false, why: 'leased' });
    expect(gone.map(({ arn }) => arn)).toContain(resource.arn);
    expect(late).toEqual({ ok: true });
  });

  test('renewed at the end of a function lets the next state work at once, and nobody else', async () => {
    const { incidentId, resource } = await anIncident();
    const other = await anIncident();
    await control.acquire(acquiring(incidentId, resource, { policy: roomy }));
    await control.renew(incidentId, [resource.arn], after(900));
    const undo = { attempt: 1, arns: [resource.arn], now: after(20), busyUntil: after(80) };

    const stranger = await control.hold({ incidentId: other.incidentId, ...undo });
    const own = await control.hold({ incidentId, ...undo });
    const twice = await control.hold({ incidentId, ...undo });

    expect(stranger).toMatchObject({ ok: false, why: 'leased' });
    expect(own).toEqual({ ok: true });
    expect(twice).toMatchObject({ ok: false, why: 'leased' });
  });

  test('cannot be renewed by who does not hold it', async () => {
    const { incidentId, resource } = await anIncident();

    await expect(control.renew(incidentId, [resource.arn], after(900))).rejects.toThrow(
      `does not hold the lease of ${resource.arn}`,
    );
  });

  test('released is free at once; releasing again, or what is not ours, changes nothing', async () => {
    const { incidentId, resource } = await anIncident();
    const other = await anIncident();
    const policy = policyWith({ maxConcurrent: 80 });
    await control.acquire(acquiring(incidentId, resource, { policy }));

    await control.release(other.incidentId, [resource.arn]);
    const kept = (await control.leases()).some(({ arn }) => arn === resource.arn);
    await control.release(incidentId, [resource.arn]);
    await control.release(incidentId, [resource.arn]);

    expect(kept).toBe(true);
    expect((await control.leases()).some(({ arn }) => arn === resource.arn)).toBe(false);
    const next = acquiring(other.incidentId, resource, { now: after(1), policy });
    expect(await control.acquire(next)).toEqual({ ok: true });
  });

  test('is not needed for an undo by a disengaged lever: an undo is never stopped', async () => {
    const { incidentId, resource } = await anIncident();
    await control.freeze(resource.arn, 'a test', incidentId, START);

    const held = await control.hold({ incidentId, attempt: 1, arns: [resource.arn], now: START, busyUntil: after(60) });

    expect(held).toEqual({ ok: true });
  });
});

describe('a budget', () => {
  const policy = policyWith({ maxConcurrent: 60, attemptBudget: 2, budgetWindow: 3_600 });

  test('is spent by attempts and not given back by recovery', async () => {
    const { incidentId, resource } = await anIncident();
    const attempt = async (n: number, at: number) => {
      const got = await control.acquire(
        acquiring(incidentId, resource, { attempt: n, now: after(at), busyUntil: after(at + 60), policy }),
      );
      await control.release(incidentId, [resource.arn]);
      return got;
    };
    await attempt(1, 0);
    await attempt(2, 100);
    await incidents.close(incidentId, { kind: 'recovered', by: 'action', why: '' }, 1, after(200));

    const refused = await attempt(3, 300);
    const afterWindow = await attempt(4, 3_601);

    expect(refused).toMatchObject({ ok: false, why: 'budget' });
    expect(afterWindow).toEqual({ ok: true });
    expect(await control.budget(resource.arn, policy, after(3_601))).toMatchObject({ attempts: 2 });
  });

  test('is not overspent by attempts at once', async () => {
    const resource = aResource();
    const tenants = [
      await anIncident(resource),
      ...(await Promise.all(times(5, () => anIncident(aResource({ fleet: resource.fleet }))))),
    ];

    const answers = await Promise.all(
      tenants.map(async ({ incidentId }) => {
        const got = await control.acquire(acquiring(incidentId, resource, { policy }));
        if (got.ok) await control.release(incidentId, [resource.arn]);
        return got;
      }),
    );

    expect(answers.filter(({ ok }) => ok).length).toBeLessThanOrEqual(2);
    expect((await control.budget(resource.arn, policy, START)).attempts).toBeLessThanOrEqual(2);
  });

  test('lets an action rest, and no other', async () => {
    const { incidentId, resource } = await anIncident();
    const attempt = async (n: number, action: string, at: number) => {
      const asked = { attempt: n, action, cooldown: 600, now: after(at), busyUntil: after(at + 60), policy: roomy };
      const got = await control.acquire(acquiring(incidentId, resource, asked));
      await control.release(incidentId, [resource.arn]);
      return got;
    };
    await attempt(1, 'restart-service', 0);

    const soon = await attempt(2, 'restart-service', 599);
    const other = await attempt(2, 'scale-out', 599);
    const rested = await attempt(3, 'restart-service', 600);

    expect(soon).toMatchObject({ ok: false, why: 'cooldown' });
    expect(other).toEqual({ ok: true });
    expect(rested).toEqual({ ok: true });
    expect(await control.budget(resource.arn, roomy, after(600))).toEqual({
      attempts: 3,
      lastAttempt: { 'restart-service': after(600), 'scale-out': after(599) },
    });
  });

  test("keeps AWS's own cap on an action", async () => {
    const { incidentId, resource } = await anIncident();
    const attempt = async (n: number, at: number) => {
      const asked = {
        attempt: n,
        now: after(at),
        busyUntil: after(at + 60),
        policy: roomy,
        actionQuota: { times: 2, per: 1_000 },
      };
      const got = await control.acquire(acquiring(incidentId, resource, asked));
      await control.release(incidentId, [resource.arn]);
      return got;
    };
    await attempt(1, 0);
    await attempt(2, 500);

    const over = await attempt(3, 999);
    const renewed = await attempt(3, 1_001);

    expect(over).toMatchObject({ ok: false, why: 'cooldown' });
    expect(JSON.stringify(over)).toContain('2 times in 1000 s, 2 are allowed');
    expect(renewed).toEqual({ ok: true });
  });
});

describe('acquire', () => {
  test('is refused on a frozen resource, with the reason it was frozen for', async () => {
    const { incidentId, resource } = await anIncident();
    await control.freeze(resource.arn, 'an undo failed', incidentId, START);
    await control.freeze(resource.arn, 'later', incidentId, after(1));

    const answer = await control.acquire(acquiring(incidentId, resource, { policy: roomy }));
    const lifted = await control.unfreeze(resource.arn, 'a person', after(2));
    const again = await control.unfreeze(resource.arn, 'a person', after(3));

    expect(answer).toEqual({ ok: false, why: 'frozen', detail: `${resource.arn} is frozen: an undo failed` });
    expect([lifted, again]).toEqual([true, false]);
    expect(await control.acquire(acquiring(incidentId, resource, { policy: roomy }))).toEqual({ ok: true });
  });

  test('reads the mode as it is now: heal acts, approve only when approved, suggest and the unknown never', async () => {
    const { incidentId, resource } = await anIncident();
    const answers: string[] = [];
    const ask = async (approved: boolean) => {
      const answer = await control.acquire(acquiring(incidentId, resource, { approved, policy: roomy }));
      if (answer.ok) await control.release(incidentId, [resource.arn]);
      answers.push(answer.ok ? 'ok' : answer.why);
    };
    for (const mode of ['heal', 'approve', 'suggest', 'observe'] as const) {
      await knowledge.putResource({ ...resource, mode });
      await ask(false);
      await ask(true);
    }
    await knowledge.removeResource(resource.arn);
    await ask(true);

    expect(answers).toEqual(['ok', 'ok', 'mode', 'ok', 'mode', 'mode', 'mode', 'mode', 'mode']);
  });

  test('counts the mode of a watched neighbour, and asks none of what is not watched', async () => {
    const { incidentId, resource } = await anIncident();
    const neighbour = aResource({ mode: 'suggest' });
    await knowledge.putResource(neighbour);
    const ask = (arn: string) =>
      control.acquire(acquiring(incidentId, resource, { arns: [resource.arn, arn], policy: roomy }));

    const watched = await ask(neighbour.arn);
    const unwatched = await ask('arn:aws:ssm:eu-west-1:111122223333:parameter/unwatched');

    expect(watched).toMatchObject({ ok: false, why: 'mode', detail: `the mode of ${neighbour.arn} is suggest` });
    expect(unwatched).toEqual({ ok: true });
  });
});

describe('freeze', () => {
  test('is listed until it is lifted', async () => {
    const { incidentId, resource } = await anIncident();
    await control.freeze(resource.arn, 'a test', incidentId, START);

    const before = await control.frozen(resource.arn);
    await control.unfreeze(resource.arn, 'a person', after(5));

    expect(before).toEqual({ arn: resource.arn, why: 'a test', incidentId, at: START });
    expect(await control.frozen(resource.arn)).toBeUndefined();
  });
});
