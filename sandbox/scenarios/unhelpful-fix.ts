import { between, pick } from '../load/random.ts';
import { POISON, restored, runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'unhelpful-fix',
  summary:
    'A deployment looks guilty, but only made the tasks read a parameter that was poisoned before: going back does not help.',
  usually: 560,
  atMost: 720,
  vary: (random) => ({ service: pick(random, ['orders', 'inventory'] as const), gap: between(random, 30, 45) }),
  expected: (shop, { service }) => ({
    incidents: [
      {
        resource: shop.serviceArn(service),
        faults: ['bad-deployment', 'bad-configuration'],
        ending: 'recovered',
        by: 'action',
        actions: ['restore-parameter'],
        perhapsFirst: 'rollback-deployment',
      },
    ],
  }),
  async before({ shop, sleep }, { service, gap }) {
    await shop.owner.write(service, POISON[service].parameter, POISON[service].value);
    await sleep(gap);
  },
  faultEnters: ({ shop }, { service }) => shop.owner.release(service, '1.0.1'),
  // The innocent revision must be back: what did not help is undone.
  outsideCheck: (view, { service }) => [
    ...view.unwell,
    ...restored(view, service),
    ...runs(view, service, '1.0.1'),
    ...untouched(view, service, 'parameter '),
  ],
});
