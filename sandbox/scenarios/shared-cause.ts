import { pick } from '../load/random.ts';
import { POISON, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'shared-cause',
  summary: 'What two services call starts to fail, so that both alarm: one cause, one fix.',
  usually: 320,
  atMost: 660,
  vary: (random) => ({ cause: pick(random, ['bad revision', 'poisoned parameter']) }),
  expected: (shop, { cause }) => ({
    incidents: [
      {
        resource: shop.serviceArn('inventory'),
        faults: [cause === 'bad revision' ? 'bad-deployment' : 'bad-configuration'],
        ending: 'recovered',
        by: 'action',
        actions: [cause === 'bad revision' ? 'rollback-deployment' : 'restore-parameter'],
      },
    ],
  }),
  async faultEnters({ shop }, { cause }) {
    if (cause === 'bad revision') return shop.owner.release('inventory', '1.1.0');
    await shop.owner.write('inventory', POISON.inventory.parameter, POISON.inventory.value);
    await shop.owner.restart('inventory');
  },
  outsideCheck: (view) => [
    ...view.unwell,
    ...untouched(view, 'inventory was deployed again', 'inventory runs', 'parameter '),
  ],
});
