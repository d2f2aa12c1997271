import { between, pick } from '../load/random.ts';
import { HARMLESS, keeps, runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'unhelpful-fix',
  summary:
    'A parameter was just written, then a bad revision deployed: restoring the parameter does not help, going back does.',
  usually: 480,
  atMost: 780,
  vary: (random) => ({ service: pick(random, ['orders', 'inventory'] as const), gap: between(random, 5, 15) }),
  expected: (shop, { service }) => ({
    incidents: [
      {
        resource: shop.serviceArn(service),
        faults: ['bad-deployment', 'bad-configuration'],
        ending: 'recovered',
        by: 'action',
        actions: ['restore-parameter', 'rollback-deployment'],
      },
    ],
  }),
  async before({ shop, sleep }, { service, gap }) {
    await shop.owner.write(service, HARMLESS[service].parameter, HARMLESS[service].value);
    await sleep(gap);
  },
  faultEnters: ({ shop }, { service }) => shop.owner.release(service, '1.1.0'),
  // The harmless value must be back too: what did not help is undone.
  outsideCheck: (view, { service }) => [
    ...view.unwell,
    ...runs(view, service, '1.0.0'),
    ...keeps(view, service, HARMLESS[service].parameter),
    ...untouched(view, service, 'parameter '),
  ],
});
