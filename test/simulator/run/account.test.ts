import { expect, it } from 'vitest';
import { secondsBetween } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account } from '../../../simulator/run/account.ts';
import { shops } from '../../../simulator/world/spec.ts';

it('opens an incident within seconds of the event that tells of a crash', async () => {
  const account = await Account.open({ seed: 5, start: '2026-03-03T00:00:00.000Z', fleet: shops() });
  await account.run(360);

  const { enteredAt } = account.world.inject('crash-loop', 'shop-worker');
  await account.run(120);

  const [incident] = await account.within(() => kb.incidents.listRecent(1));
  expect(incident?.resource).toMatch(/shop-worker$/);
  expect(secondsBetween(enteredAt, incident!.openedAt)).toBeLessThan(90);
  expect(account.delivery.dead).toEqual([]);
});
