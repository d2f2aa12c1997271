import { shortName } from '../../layers/core/arn.ts';
import { between } from '../load/random.ts';
import { untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'two-hops',
  summary: 'The pricing function fails two calls away from the shop window, and what lies between them alarms last.',
  further: true,
  usually: 400,
  atMost: 720,
  vary: (random) => ({ onset: between(random, 5, 20) }),
  owner: () => ({ minuteAlarmsOnly: ['orders'] }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.quoteArn,
        faults: ['bad-function-version'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-alias'],
      },
      {
        resource: shop.serviceArn('web'),
        faults: ['dependency-failure'],
        ending: 'recovered',
        actions: [],
        says: [`most speaks for ${shortName(shop.quoteArn)}`],
      },
    ],
  }),
  before: ({ sleep }, { onset }) => sleep(onset),
  faultEnters: ({ shop }) => shop.owner.releaseQuote('1.1.0'),
  outsideCheck: (view) => [...view.unwell, ...untouched(view)],
});
