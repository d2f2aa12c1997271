import { pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { untouched } from './lib/checks.ts';
import { CRAWL } from './lib/crawl.ts';
import { defineScenario, type ExpectedIncident } from './lib/scenario.ts';

/** An action rests five minutes on a resource; filling the memory, detecting and gathering take about 80 seconds of them. */
const REST = 220;

export const scenario = defineScenario({
  name: 'recurring-fault',
  summary: 'The crawler comes a second time: two incidents, and the second begins with what healed the first.',
  usually: 485,
  atMost: 900,
  vary: (random) => ({ service: pick(random, WEB_SERVICES) }),
  expected: (shop, { service }) => {
    const once: ExpectedIncident = {
      resource: shop.serviceArn(service),
      faults: ['memory-leak'],
      ending: 'recovered',
      by: 'action',
      actions: ['restart-service'],
    };
    return { incidents: [once, once] };
  },
  faultEnters: ({ shop }, { service }) => Promise.resolve(shop.crawl(service, CRAWL.rate)),
  async meanwhile({ shop, sleep, say, when }, { service }) {
    await sleep(CRAWL.seconds);
    shop.endCrawl();
    const resource = shop.serviceArn(service);
    let begun = 0;
    await when('the first incident', (records) => {
      const first = records.find(({ incident }) => incident.resource === resource && incident.status === 'closed');
      begun = Date.parse(first?.attempts[0]?.startedAt ?? '') || Date.now();
      return first !== undefined;
    });
    await sleep(Math.max(0, begun / 1000 + REST - Date.now() / 1000));
    say('the crawler comes again');
    shop.crawl(service, CRAWL.rate);
    await sleep(CRAWL.seconds);
    shop.endCrawl();
  },
  outsideCheck: (view, { service }) => [...view.unwell, ...untouched(view, `${service} was deployed again`)],
});
