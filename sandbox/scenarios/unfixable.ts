import { between } from '../load/random.ts';
import { untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'unfixable',
  summary: 'The payment provider, which is not in the account, answers with errors: only a person can help.',
  usually: 200,
  atMost: 660,
  vary: (random) => ({ onset: between(random, 5, 25) }),
  expected: (shop) => ({ incidents: [{ resource: shop.serviceArn('orders'), ending: 'escalated' }] }),
  before: ({ sleep }, { onset }) => sleep(onset),
  faultEnters: ({ shop }) => Promise.resolve(shop.payments(false)),
  // Restarting is allowed: it leaves nothing behind.
  outsideCheck: (view) => [
    ...view.unwell.filter((line) => !line.startsWith('in the last')),
    ...untouched(view, 'orders was deployed again'),
  ],
});
