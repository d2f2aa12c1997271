import { between } from '../load/random.ts';
import { nobodyNoticed, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

/** Seconds until no further visitor goes away without a word. */
const STAYS = 330;

export const scenario = defineScenario({
  name: 'connection-exhaustion',
  summary:
    'Visitors who go away without a word leave connections open: foretold by a metric that the owner gave a limit.',
  further: true,
  watched: true,
  usually: 440,
  atMost: 600,
  vary: (random) => ({ rate: between(random, 60, 75) / 100 }),
  owner: () => ({ limits: { orders: 'Connections above=200 period=10' } }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.serviceArn('orders'),
        faults: ['connection-leak'],
        ending: 'recovered',
        by: 'action',
        actions: ['restart-service'],
        says: ['it is foretold, and nothing has happened yet', 'reaches its limit of 200 in'],
      },
    ],
  }),
  faultEnters: ({ shop }, { rate }) => Promise.resolve(shop.subscribe('orders', rate)),
  async meanwhile({ shop, sleep }) {
    await sleep(STAYS);
    shop.endSubscribers();
  },
  outsideCheck: (view) => [...view.unwell, ...nobodyNoticed(view), ...untouched(view, 'orders was deployed again')],
});
