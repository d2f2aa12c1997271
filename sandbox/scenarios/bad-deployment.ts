import { between, pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { HARMLESS, runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'bad-deployment',
  summary: 'A new revision fails for three customers of ten.',
  usually: 295,
  atMost: 660,
  vary: (random) => ({
    service: pick(random, WEB_SERVICES),
    confounder: pick(random, ['none', 'harmless write to another service']),
    onset: between(random, 5, 20),
  }),
  expected: (shop, { service }) => ({
    incidents: [
      {
        resource: shop.serviceArn(service),
        faults: ['bad-deployment'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-deployment'],
      },
    ],
  }),
  async before({ shop, sleep }, { confounder, service, onset }) {
    const other = service === 'web' ? 'inventory' : 'web';
    if (confounder !== 'none') await shop.owner.write(other, HARMLESS[other].parameter, HARMLESS[other].value);
    await sleep(onset);
  },
  faultEnters: ({ shop }, { service }) => shop.owner.release(service, '1.1.0'),
  outsideCheck: (view, { service }) => [...view.unwell, ...runs(view, service, '1.0.0'), ...untouched(view, service)],
});
