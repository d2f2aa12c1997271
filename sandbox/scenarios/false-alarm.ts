import { pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'false-alarm',
  summary: 'An alarm is set off by hand to see who is called, or one task dies once and is replaced: nothing to heal.',
  usually: 30,
  atMost: 300,
  vary: (random) => ({
    service: pick(random, WEB_SERVICES),
    what: pick(random, ['alarm tried out', 'one task dies once']),
  }),
  expected: (shop, { service }) => ({
    incidents: [{ resource: shop.serviceArn(service), ending: 'noise', actions: [] }],
  }),
  faultEnters: ({ shop }, { service, what }) =>
    what === 'alarm tried out' ? shop.owner.tryAlarm(service, '5xx') : shop.deadlySearch(service),
  outsideCheck: (view) => [...view.unwell, ...untouched(view)],
});
