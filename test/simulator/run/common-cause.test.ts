import { expect, it } from 'vitest';
import { minutes } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account } from '../../../simulator/run/account.ts';
import { Invariants } from '../../../simulator/run/invariants.ts';
import { shops } from '../../../simulator/world/spec.ts';

const twoShops = (seed: number) => Account.open({ seed, start: '2026-03-02T10:00:00.000Z', fleet: shops(2) });
const toldOf = ({ told }: Account) => told.filter(({ subject }) => /needs? a person/.test(subject));

it.each(['refused', 'name lost', 'answers 503'])(
  'a person is told once of a database that eight services lose (%s), and all is as before when it is back',
  { timeout: 60_000 },
  async (variant) => {
    const account = await twoShops(9);
    await account.run(minutes(12));
    const invariants = new Invariants(account);

    const { passes } = account.world.inject('unwatched-database', undefined, variant);
    await account.run(minutes(20));

    const ill = await account.within(() => kb.incidents.listRecent(50));
    expect(new Set(ill.map(({ resource }) => resource)).size).toBe(8);
    expect(toldOf(account)).toHaveLength(1);

    await account.run(passes! + minutes(40));

    const kept = await account.within(() => kb.control.keptPointers());
    expect({ kept, open: await account.within(() => kb.incidents.listOpen()) }).toEqual({ kept: [], open: [] });
    expect(toldOf(account)).toHaveLength(1);
    await invariants.atRest();
    expect(invariants.violations).toEqual([]);
  },
);

it('of two faults at once a person is told twice', { timeout: 60_000 }, async () => {
  const account = await twoShops(10);
  await account.run(minutes(12));

  account.world.inject('external-outage', 'shop1-orders');
  account.world.inject('data-corruption', 'shop2-inventory');
  await account.run(minutes(30));

  expect(
    toldOf(account)
      .map(({ subject }) => /shop\d-\w+/.exec(subject)?.[0])
      .sort(),
  ).toEqual(['shop1-orders', 'shop2-inventory']);
});
