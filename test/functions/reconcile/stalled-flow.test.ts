import { expect, test } from 'vitest';
import { minutes } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account } from '../../../simulator/run/account.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { actors } from '../../../simulator/world/model/people.ts';
import { release } from '../../../simulator/world/model/writes.ts';
import { shops } from '../../../simulator/world/spec.ts';

test(
  'a rollout whose tasks never come, and of which nothing else tells, is rolled back',
  { timeout: 600_000 },
  async () => {
    const account = await Account.open({ seed: 3, start: '2026-03-02T09:00:00.000Z', fleet: shops() });
    await account.run(minutes(10));
    const { fleet } = account.world;
    const service = serviceNamed(fleet, 'shop-inventory');
    const good = service.definition;
    const bad = release(fleet, service, { version: '2.0.0', traits: {} }, actors(fleet).pipeline).arn;
    service.nextLaunch = Number.POSITIVE_INFINITY; // until the next deployment

    await account.run(minutes(18));
    expect(await account.within(() => kb.incidents.byResource(service.arn, 5))).toEqual([]);
    expect(service.definition).toBe(bad);
    for (let waited = 0; waited < 20 && (waited < 8 || account.isBusy); waited += 1) await account.run(minutes(1));

    const [incident, ...others] = await account.within(() => kb.incidents.byResource(service.arn, 5));
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      diagnosis: { hypotheses: [{ fault: 'bad-deployment' }, ...(incident?.diagnosis?.hypotheses.slice(1) ?? [])] },
      ending: { kind: 'recovered', by: 'action', action: 'rollback-deployment' },
    });
    expect(service.definition).toBe(good);
  },
);
