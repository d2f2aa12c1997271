import { pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'suggest-mode',
  summary: 'A bad deployment in a shop that only wants suggestions: told what would have been done, the owner does it.',
  usually: 120,
  atMost: 660,
  vary: (random) => ({ service: pick(random, WEB_SERVICES) }),
  owner: () => ({ mode: 'suggest' }),
  expected: (shop, { service }) => ({
    incidents: [
      {
        resource: shop.serviceArn(service),
        faults: ['bad-deployment'],
        ending: 'suppressed',
        because: 'suggest',
        actions: [],
        says: ['rollback-deployment'],
      },
    ],
  }),
  faultEnters: ({ shop }, { service }) => shop.owner.release(service, '1.1.0'),
  async meanwhile({ shop, when, say }, { service }) {
    await when('the suggestion', (records) =>
      records.some(
        ({ incident, audit }) =>
          incident.resource === shop.serviceArn(service) && JSON.stringify(audit).includes('rollback-deployment'),
      ),
    );
    say('the owner follows the suggestion');
    await shop.owner.release(service, '1.0.0');
  },
  outsideCheck: (view, { service }) => [...view.unwell, ...runs(view, service, '1.0.0'), ...untouched(view, service)],
});
