import { pick } from '../load/random.ts';
import { SERVICES } from '../shop/copy.ts';
import { runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'crash-loop',
  summary: 'A new revision starts, answers, and dies twelve seconds later, again and again.',
  usually: 70,
  opening: true,
  atMost: 480,
  vary: (random) => ({ service: pick(random, SERVICES) }),
  expected: (shop, { service }) => ({
    incidents: [
      {
        resource: shop.serviceArn(service),
        faults: ['bad-deployment', 'crash-loop'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-deployment'],
      },
    ],
  }),
  faultEnters: ({ shop }, { service }) => shop.owner.release(service, '1.2.0'),
  outsideCheck: (view, { service }) => [...view.unwell, ...runs(view, service, '1.0.0'), ...untouched(view, service)],
});
