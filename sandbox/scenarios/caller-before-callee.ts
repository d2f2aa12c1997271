import { pick } from '../load/random.ts';
import { runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'caller-before-callee',
  summary: 'The callers alarm within seconds, the callee that is at fault only after minutes.',
  usually: 400,
  atMost: 660,
  vary: (random) => ({ confounder: pick(random, ['none', 'innocent deployment of a caller before']) }),
  owner: () => ({ minuteAlarmsOnly: ['inventory'] }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.serviceArn('inventory'),
        faults: ['bad-deployment'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-deployment'],
      },
    ],
  }),
  async before({ shop, sleep }, { confounder }) {
    if (confounder === 'none') return;
    await shop.owner.release('orders', '1.0.1');
    await sleep(60);
  },
  faultEnters: ({ shop }) => shop.owner.release('inventory', '1.1.0'),
  outsideCheck: (view) => [...view.unwell, ...runs(view, 'inventory', '1.0.0'), ...untouched(view, 'inventory')],
});
