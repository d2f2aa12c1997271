import { seeded } from '../../layers/core/statistics/random.ts';
import { between } from '../load/random.ts';
import { nobodyNoticed, runs } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

/** What the log says in a busy minute: enough to know what it usually says. */
const LINES = 600;
/** Until it is read, once a minute, and learned from. */
const LEARNED = 78;

export const scenario = defineScenario({
  name: 'new-log-error',
  summary: 'A deployment answers as well as ever, and logs an error that was never logged before.',
  further: true,
  watched: true,
  usually: 300,
  atMost: 600,
  vary: (random) => ({ seed: between(random, 1, 1000) }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.serviceArn('inventory'),
        faults: ['bad-deployment'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-deployment'],
        says: ['ledger refused the count'],
      },
    ],
  }),
  async before({ shop, sleep, say }, { seed }) {
    const random = seeded(seed);
    const order = (): string => String(Math.floor(1e6 * random()));
    await shop.owner.said(
      'inventory',
      Array.from({ length: LINES }, () =>
        JSON.stringify({ level: 'INFO', message: `counted the stock for order ${order()}` }),
      ),
    );
    say('the log has said what it usually says');
    await sleep(LEARNED);
  },
  faultEnters: ({ shop }) => shop.owner.release('inventory', '1.4.0'),
  outsideCheck: (view) => [...view.unwell, ...nobodyNoticed(view), ...runs(view, 'inventory', '1.0.0')],
});
