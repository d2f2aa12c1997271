import { between } from '../load/random.ts';
import { untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'unwatched-ledger',
  summary: 'Two services that do not call each other lose a ledger that nobody watches: a person is told once of both.',
  alone: true,
  usually: 420,
  atMost: 900,
  vary: (random) => ({ onset: between(random, 5, 25) }),
  owner: () => ({ ledger: true }),
  // Which of the two comes first is chance: that one tells.
  expected: (shop) => ({
    told: 1,
    incidents: (['inventory', 'worker'] as const).map((service) => ({
      resource: shop.serviceArn(service),
      faults: ['dependency-failure'],
      ending: ['escalated', 'suppressed'],
      actions: [],
      says: ['it shares the new log line'],
    })),
  }),
  before: ({ sleep }, { onset }) => sleep(onset),
  faultEnters: ({ shop }) => Promise.resolve(shop.ledger(false)),
  outsideCheck: (view) => [...view.unwell.filter((line) => !line.startsWith('in the last')), ...untouched(view)],
});
