import { pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { runs, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'other-writer',
  summary: 'While a bad deployment is being healed, someone deploys a repaired revision: Prunella stops and says so.',
  usually: 75,
  atMost: 660,
  vary: (random) => ({ service: pick(random, WEB_SERVICES) }),
  expected: (shop, { service }) => ({
    incidents: [
      { resource: shop.serviceArn(service), faults: ['bad-deployment'], ending: 'escalated', because: 'other-writer' },
    ],
  }),
  faultEnters: ({ shop }, { service }) => shop.owner.release(service, '1.1.0'),
  async meanwhile({ shop, when, say }, { service }) {
    await when('the first change', (records) =>
      records.some(
        ({ incident, attempts }) =>
          incident.resource === shop.serviceArn(service) && attempts.some(({ appliedAt }) => appliedAt),
      ),
    );
    say('someone deploys 1.0.1');
    await shop.owner.release(service, '1.0.1');
  },
  outsideCheck: (view, { service }) => [...view.unwell, ...runs(view, service, '1.0.1'), ...untouched(view, service)],
});
