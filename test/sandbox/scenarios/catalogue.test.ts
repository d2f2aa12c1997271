import { expect, test } from 'vitest';
import { Fault } from '../../../layers/core/taxonomy.ts';
import { scenarios } from '../../../sandbox/scenarios/lib/catalogue.ts';
import { Shop } from '../../../sandbox/scenarios/lib/shop.ts';
import { variationOf } from '../../../sandbox/scenarios/lib/run.ts';
import { CopySpec } from '../../../sandbox/shop/copy.ts';
import { clientsOf, destroyClients } from '../../../sandbox/scenarios/lib/clients.ts';
import type { Load } from '../../../sandbox/load/load.ts';

const all = await scenarios();
const account = { endpoint: 'http://127.0.0.1:1', accountId: '111122223333', region: 'us-east-1' };

test('every way an incident should end is played', () => {
  expect(all.map(({ name }) => name).sort()).toEqual([
    'bad-deployment',
    'bad-function-version',
    'caller-before-callee',
    'connection-exhaustion',
    'crash-loop',
    'false-alarm',
    'innocent-traffic',
    'memory-leak',
    'new-log-error',
    'other-writer',
    'overload',
    'poisoned-configuration',
    'recurring-fault',
    'shared-cause',
    'silent-stop',
    'slow-leak',
    'suggest-mode',
    'two-faults',
    'two-hops',
    'unalarmed-anomaly',
    'unfixable',
    'unhelpful-fix',
    'unwatched-ledger',
  ]);
});

test('one quick heal opens, then the scenario that takes longest comes first', () => {
  const [first, ...rest] = all;
  const durations = rest.map(({ usually }) => usually);

  expect(first).toMatchObject({ name: 'crash-loop', opening: true });
  expect(durations).toEqual([...durations].sort((a, b) => b - a));
});

test.each(all.map((scenario) => [scenario.name, scenario] as const))(
  '%s varies by seed, and is the same for the same seed',
  (_, scenario) => {
    const variations = Array.from({ length: 20 }, (_unused, seed) => JSON.stringify(variationOf(scenario, seed)));

    expect(variations).toEqual(
      Array.from({ length: 20 }, (_unused, seed) => JSON.stringify(variationOf(scenario, seed))),
    );
    expect(new Set(variations).size).toBeGreaterThan(1);
  },
);

test.each(all.map((scenario) => [scenario.name, scenario] as const))(
  '%s expects faults that the taxonomy knows, on its own shop',
  (_, scenario) => {
    const clients = clientsOf(account);
    const copy = CopySpec.parse({ name: 'shop-01', mode: 'heal', paymentsUrl: 'http://127.0.0.1:2' });
    const shop = new Shop(copy, { account, clients, load: {} as Load, address: 'http://127.0.0.1:3' });

    const { incidents, silence } = scenario.expected(shop, variationOf(scenario, 1));
    destroyClients(clients);

    expect(incidents.length > 0).toBe(!silence);
    for (const { resource, faults } of incidents) {
      expect(resource).toContain('shop-01');
      for (const fault of faults ?? []) expect(Fault.options).toContain(fault);
    }
    expect(scenario.atMost).toBeGreaterThan(scenario.usually);
    expect(scenario.summary.length).toBeLessThan(140);
  },
);
