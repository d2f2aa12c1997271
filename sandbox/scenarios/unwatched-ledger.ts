import { between } from '../load/random.ts';
import { untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'unwatched-ledger',
  summary: 'Two services that do not call each other lose a ledger that nobody watches: a person is told once of both.',
  further: true,
  usually: 420,
  atMost: 900,
  vary: (random) => ({ onset: between(random, 5, 25) }),
  owner: () => ({ ledger: true }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.serviceArn('inventory'),
        faults: ['dependency-failure'],
        ending: 'escalated',
        because: 'no-candidate',
        says: ['ledger answered', 'a person is told here, for all of them'],
      },
      {
        resource: shop.serviceArn('worker'),
        ending: 'suppressed',
        because: 'cooldown',
        says: ['which has the same cause outside'],
      },
    ],
  }),
  before: ({ sleep }, { onset }) => sleep(onset),
  faultEnters: ({ shop }) => Promise.resolve(shop.ledger(false)),
  outsideCheck: (view) => [...view.unwell.filter((line) => !line.startsWith('in the last')), ...untouched(view)],
});
