import { pick } from '../load/random.ts';
import { runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'two-faults',
  summary: 'Two releases go wrong at once, under the same callers: two causes, two fixes.',
  further: true,
  usually: 420,
  atMost: 720,
  vary: (random) => ({ first: pick(random, ['inventory', 'pricing function']) }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.serviceArn('inventory'),
        faults: ['bad-deployment'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-deployment'],
      },
      {
        resource: shop.quoteArn,
        faults: ['bad-function-version'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-alias'],
      },
    ],
  }),
  async faultEnters({ shop, sleep }, { first }) {
    const releases = [() => shop.owner.release('inventory', '1.1.0'), () => shop.owner.releaseQuote('1.1.0')];
    for (const release of first === 'inventory' ? releases : releases.toReversed()) {
      await release();
      await sleep(5);
    }
  },
  outsideCheck: (view) => [...view.unwell, ...runs(view, 'inventory', '1.0.0'), ...untouched(view, 'inventory')],
});
