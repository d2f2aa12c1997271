import { pick } from '../load/random.ts';
import { runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'caller-before-callee',
  summary: 'The callers alarm within seconds, the callee that is at fault only after minutes.',
  usually: 270,
  atMost: 600,
  vary: (random) => ({ image: pick(random, ['1.1.0']) }),
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
  faultEnters: ({ shop }, { image }) => shop.owner.release('inventory', image),
  outsideCheck: (view) => [...view.unwell, ...runs(view, 'inventory', '1.0.0'), ...untouched(view, 'inventory')],
});
