import { pick } from '../load/random.ts';
import { POISON, keeps, untouched } from './lib/checks.ts';
import { defineScenario, type ExpectedIncident } from './lib/scenario.ts';

/** An action rests five minutes on a resource; detecting and gathering take about one of them. */
const REST = 270;

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
    const resource = shop.serviceArn(service);
    let begun = 0;
    await when('the first incident', (records) => {
      const first = records.find(({ incident }) => incident.resource === resource && incident.status === 'closed');
      begun = Date.parse(first?.attempts[0]?.startedAt ?? '') || Date.now();
      return first !== undefined;
    });
    await sleep(Math.max(0, begun / 1000 + REST - Date.now() / 1000));
    say('the same value is written again');
    await shop.owner.write(service, POISON[service].parameter, POISON[service].value);
    await shop.owner.restart(service);
  },
  outsideCheck: (view, { service }) => [
    ...view.unwell,
    ...untouched(view, `${service} was deployed again`, 'parameter '),
    ...keeps(view, service, POISON[service].parameter),
  ],
});
