import { pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { HARMLESS, runs } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'innocent-traffic',
  summary: 'A deployment, a scale-in, a task stopped by hand, a parameter write: daily work, no incident.',
  usually: 240,
  atMost: 300,
  vary: (random) => ({ service: pick(random, WEB_SERVICES) }),
  expected: () => ({ incidents: [], silence: true }),
  faultEnters: ({ shop }, { service }) => shop.owner.release(service, '1.0.1'),
  async meanwhile({ shop, sleep, say }, { service }) {
    await sleep(45);
    say('an operator stops a task');
    await shop.owner.stopATask(service);
    await sleep(30);
    say('an operator scales out, and in again');
    await shop.owner.scale(service, 3);
    await sleep(30);
    await shop.owner.scale(service, 2);
    await sleep(15);
    say('an operator writes a parameter');
    await shop.owner.write(service, HARMLESS[service].parameter, HARMLESS[service].value);
  },
  outsideCheck: (view, { service }) => [...view.unwell, ...runs(view, service, '1.0.1')],
});
