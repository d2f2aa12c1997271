import { beforeAll, describe, expect, test } from 'vitest';
import { ulid } from 'ulid';
import { operationOf } from '../../layers/runtime/calls.ts';
import { withRuntime, type Call } from '../../layers/runtime/runtime.ts';
import { control, incidents, knowledge } from '../../layers/runtime/kb/index.ts';
import { freshTables } from './tables.ts';
import {
  START,
  acquiring,
  aResource,
  after,
  anIncident,
  disengage,
  policyWith,
  serviceArn,
  unique,
} from './samples.ts';

beforeAll(async () => {
  await freshTables();
  await disengage();
});

/** A fleet of `size` resources, `ill` of which have an open incident. */
async function aFleet(size: number, ill: number) {
  const fleet = unique('fleet');
  const resources = Array.from({ length: size }, () => aResource({ fleet }));
  await Promise.all(resources.map((resource) => knowledge.putResource(resource)));
  const opened = await Promise.all(resources.slice(0, ill).map((resource) => anIncident(resource)));
  return { fleet, opened };
}

const policy = policyWith({ brakeIncidents: 100, maxConcurrent: 50 });

describe('the brake', () => {
  test('is released at 49 % of a fleet of 100 in trouble, engaged above', { timeout: 60_000 }, async () => {
    const { fleet } = await aFleet(100, 49);

    const before = await control.brake(fleet, policy, START);
    await anIncident(aResource({ fleet }));
    const after50 = await control.brake(fleet, policyWith({ brakeIncidents: 100, brakeShare: 0.49 }), START);

    expect(before).toMatchObject({ engaged: false });
    expect(before.causes).toHaveLength(49);
    expect(after50.engaged).toBe(true); // 50 of 101
    expect(after50.why).toBe(`50 of 101 resources of fleet ${fleet} are in trouble, more than 49 %`);
  });

  test('does not count the share of a fleet of fewer than 10', async () => {
    const { fleet } = await aFleet(9, 9);

    expect((await control.brake(fleet, policy, START)).engaged).toBe(false);
  });

  test('counts causes: an incident folded into another is none', async () => {
    const { fleet, opened } = await aFleet(10, 5);
    const [cause, ...effects] = opened;

    const before = await control.brake(fleet, policy, START);
    await incidents.update(effects[0]!.incidentId, { foldedInto: cause!.incidentId });
    const folded = await control.brake(fleet, policy, START);

    expect(before).toMatchObject({ engaged: true });
    expect(folded).toMatchObject({ engaged: false });
    expect(folded.causes).toHaveLength(4);
  });

  test('engages when more causes than allowed open within the window, and releases as it passes', async () => {
    const { fleet } = await aFleet(3, 3);
    const strict = policyWith({ brakeIncidents: 2, brakeWindow: 600 });

    const within = await control.brake(fleet, strict, after(599));
    const passed = await control.brake(fleet, strict, after(600));

    expect(within).toMatchObject({
      engaged: true,
      why: `3 incidents opened in fleet ${fleet} within 600 s, more than 2`,
    });
    expect(passed).toMatchObject({ engaged: false });
  });

  test('still counts those that it stopped: that nobody heals them does not mean that the storm is over', async () => {
    const { fleet, opened } = await aFleet(3, 3);
    const strict = policyWith({ brakeIncidents: 2, brakeWindow: 600 });
    for (const { incidentId } of opened)
      await incidents.close(incidentId, { kind: 'escalated', because: 'brake', why: 'storm' }, 1, after(60), 'keep');

    expect(await control.brake(fleet, strict, after(300))).toMatchObject({ engaged: true });
    expect(await control.brake(fleet, strict, after(600))).toMatchObject({ engaged: false });
  });

  test('reads the table only for a fleet of which it may have stopped something', async () => {
    const [{ fleet, opened }, { fleet: quiet }] = [await aFleet(3, 3), await aFleet(3, 1)];
    const scans = async (of: string) => {
      let count = 0;
      const call = <T>({ command }: Call, send: () => Promise<T>) => {
        if (operationOf(command) === 'Scan') count += 1;
        return send();
      };
      await withRuntime({ call }, () => control.brake(of, policy, START));
      return count;
    };
    const [{ incidentId }] = opened as [(typeof opened)[0]];
    const before = await scans(fleet);
    await incidents.close(incidentId, { kind: 'escalated', because: 'brake', why: 'storm' }, 1, after(60), 'keep');

    expect([before, await scans(fleet), await scans(quiet)]).toEqual([0, 1, 0]);
  });

  test('need not look any more once nothing was found, unless something was stopped meanwhile', async () => {
    const { fleet, opened } = await aFleet(3, 3);
    const close = (n: number) =>
      incidents.close(
        opened[n]!.incidentId,
        { kind: 'escalated', because: 'brake', why: 'storm' },
        1,
        after(60),
        'keep',
      );
    const holding = async () => (await control.fleetsHolding()).find((one) => one.fleet === fleet);
    await close(0);
    const seen = await holding();
    await close(1);

    expect(await control.holdsNothing(seen!)).toBe(false);
    expect(await control.holdsNothing((await holding())!)).toBe(true);
    expect(await holding()).toBeUndefined();
  });

  test('does not count what ended otherwise', async () => {
    const { fleet, opened } = await aFleet(3, 3);
    const strict = policyWith({ brakeIncidents: 2, brakeWindow: 600 });
    for (const { incidentId } of opened)
      await incidents.close(incidentId, { kind: 'suppressed', because: 'observe', why: 'x' }, 1, after(60), 'keep');

    expect(await control.brake(fleet, strict, after(300))).toMatchObject({ engaged: false });
  });

  test('of one fleet leaves another alone, and stops acquire in its own', async () => {
    const [ill, well] = [await aFleet(10, 6), await aFleet(10, 1)];
    const ask = async ({ fleet, opened }: typeof ill) => {
      const { incidentId, resource } = opened[0]!;
      return control.acquire(acquiring(incidentId, resource, { fleet, policy }));
    };

    expect(await ask(ill)).toMatchObject({ ok: false, why: 'brake' });
    expect(await ask(well)).toEqual({ ok: true });
  });
});

describe('reverts', () => {
  test('are listed until they are removed, once each', async () => {
    const resource = serviceArn();
    const id = { incidentId: ulid(), attempt: 1, action: 'scale-out' };
    const revert = {
      ...id,
      params: { service: resource },
      mutations: [
        {
          resource,
          field: 'desiredCount',
          was: 2,
          becomes: 4,
          action: 'scale-out',
          state: 'applied' as const,
          at: START,
        },
      ],
      atLatest: after(3_600),
    };
    const listed = async () => (await control.reverts()).filter(({ incidentId }) => incidentId === id.incidentId);

    await control.addRevert(revert);
    await control.addRevert(revert);
    const before = await listed();
    await control.removeRevert(id);
    await control.removeRevert(id);

    expect(before).toEqual([revert]);
    expect(await listed()).toEqual([]);
  });
});
