import { between, pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { HARMLESS, POISON, restored, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'poisoned-configuration',
  summary: 'A parameter gets a value the program cannot use; it is read when the tasks are restarted.',
  usually: 300,
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
        faults: ['bad-configuration'],
        ending: 'recovered',
        by: 'action',
        actions: ['restore-parameter'],
      },
    ],
  }),
  async before({ shop, sleep }, { confounder, onset, service }) {
    const other = service === 'web' ? 'inventory' : 'web';
    if (confounder !== 'none') await shop.owner.write(other, HARMLESS[other].parameter, HARMLESS[other].value);
    await sleep(onset);
  },
  async faultEnters({ shop }, { service }) {
    await shop.owner.write(service, POISON[service].parameter, POISON[service].value);
    await shop.owner.restart(service);
  },
  outsideCheck: (view, { service }) => [
    ...view.unwell,
    ...restored(view, service),
    ...untouched(view, `${service} was deployed again`, 'parameter '),
  ],
});
