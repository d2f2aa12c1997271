import { between, pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'overload',
  summary: 'A sale brings more large baskets than two tasks can serve.',
  usually: 340,
  atMost: 660,
  vary: (random) => ({ service: pick(random, WEB_SERVICES), rate: between(random, 16, 17) }),
  expected: (shop, { service }) => ({
    incidents: [
      {
        resource: shop.serviceArn(service),
        faults: ['overload'],
        ending: 'recovered',
        by: 'action',
        actions: ['scale-out'],
      },
    ],
  }),
  faultEnters: ({ shop }, { service, rate }) => Promise.resolve(shop.sale(service, rate)),
  outsideCheck: (view, { service }) => [
    ...view.unwell,
    ...(view.after.services[service].desired > view.before.services[service].desired
      ? []
      : [`${service} has no more tasks than before`]),
    ...untouched(view, `${service} wants`),
  ],
});
