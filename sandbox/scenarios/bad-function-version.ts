import { between, pick } from '../load/random.ts';
import { untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'bad-function-version',
  summary: 'A new version of the pricing function fails for baskets of two; the alias was moved to it.',
  usually: 385,
  atMost: 720,
  vary: (random) => ({ confounder: pick(random, ['none', 'innocent version before']), onset: between(random, 5, 20) }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.quoteArn,
        faults: ['bad-function-version'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-alias'],
      },
    ],
  }),
  async before({ shop, sleep }, { confounder, onset }) {
    if (confounder !== 'none') await shop.owner.releaseQuote('1.0.1');
    await sleep(onset);
  },
  faultEnters: ({ shop }) => shop.owner.releaseQuote('1.1.0'),
  outsideCheck: (view) => [...view.unwell, ...untouched(view)],
});
