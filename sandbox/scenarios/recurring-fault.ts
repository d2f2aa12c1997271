import { pick } from '../load/random.ts';
import { POISON, restored, untouched } from './lib/checks.ts';
import { defineScenario, type ExpectedIncident } from './lib/scenario.ts';

/** An action rests five minutes on the same resource; the second time must come after that. */
const REST = 280;

export const scenario = defineScenario({
  name: 'recurring-fault',
  summary:
    'The same wrong value is written a second time: two incidents, and the second begins with what healed the first.',
  usually: 640,
  atMost: 900,
  vary: (random) => ({ service: pick(random, ['orders', 'inventory'] as const) }),
  expected: (shop, { service }) => {
    const once: ExpectedIncident = {
      resource: shop.serviceArn(service),
      faults: ['bad-configuration'],
      ending: 'recovered',
      by: 'action',
      actions: ['restore-parameter'],
    };
    return { incidents: [once, once] };
  },
  async faultEnters({ shop }, { service }) {
    await shop.owner.write(service, POISON[service].parameter, POISON[service].value);
    await shop.owner.restart(service);
  },
  async meanwhile({ shop, sleep, say, when }, { service }) {
    const ended = (records: readonly { incident: { resource: string; status: string } }[]): boolean =>
      records.some(({ incident }) => incident.resource === shop.serviceArn(service) && incident.status === 'closed');
    await when('the first incident', ended);
    await sleep(REST);
    say('the same value is written again');
    await shop.owner.write(service, POISON[service].parameter, POISON[service].value);
    await shop.owner.restart(service);
  },
  outsideCheck: (view, { service }) => [
    ...view.unwell,
    ...untouched(view, `${service} was deployed again`, 'parameter '),
    ...restored(view, service),
  ],
});
