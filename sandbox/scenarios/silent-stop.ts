import { seeded } from '../../layers/core/statistics/random.ts';
import { between } from '../load/random.ts';
import { STEPS } from '../shop/code/inventory/steps.ts';
import { nobodyNoticed, runs } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

/** Bookings of two busy minutes: enough to know what they do, and how seldom one does otherwise. */
const BOOKINGS = [600, 400];
/** Until the release runs and its log is read from its beginning. */
const RELEASED = 150;
/** Until the log is read, once a minute, and learned from. */
const LEARNED = 78;

export const scenario = defineScenario({
  name: 'silent-stop',
  summary: 'A deployment leaves a third of the bookings half-way: no error is logged, and every answer is good.',
  further: true,
  watched: true,
  usually: 540,
  atMost: 840,
  vary: (random) => ({ seed: between(random, 1, 1000) }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.serviceArn('inventory'),
        faults: ['bad-deployment'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-deployment'],
        says: ['said "counting the stock" without going on to "reserving pieces", "booking confirmed"'],
      },
    ],
  }),
  async before({ shop, sleep, say }, { seed }) {
    const random = seeded(seed);
    const id = (): string =>
      Math.floor(1e12 * random())
        .toString(16)
        .padStart(12, '0');
    await shop.owner.release('inventory', '1.5.0');
    await sleep(RELEASED);
    for (const bookings of BOOKINGS) {
      const ids = Array.from({ length: bookings }, () => `5a0e1d9c-0000-4000-8000-${id()}`);
      const said = ids.flatMap((requestId) => STEPS.map((message) => ({ level: 'INFO', message, requestId })));
      await shop.owner.said(
        'inventory',
        said.map((line) => JSON.stringify(line)),
      );
      say('the log has said what bookings do');
      await sleep(LEARNED);
    }
  },
  faultEnters: ({ shop }) => shop.owner.release('inventory', '1.6.0'),
  outsideCheck: (view) => [...view.unwell, ...nobodyNoticed(view), ...runs(view, 'inventory', '1.5.0')],
});
