import { pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { untouched } from './lib/checks.ts';
import { CRAWL } from './lib/crawl.ts';
import { defineScenario } from './lib/scenario.ts';

export const scenario = defineScenario({
  name: 'memory-leak',
  summary: 'A cache that evicts nothing fills the memory while a crawler walks through every search there is.',
  usually: 165,
  atMost: 720,
  vary: (random) => ({
    service: pick(random, WEB_SERVICES),
    confounder: pick(random, ['none', 'innocent deployment before']),
  }),
  expected: (shop, { service }) => ({
    incidents: [
      {
        resource: shop.serviceArn(service),
        faults: ['memory-leak'],
        ending: 'recovered',
        by: 'action',
        actions: ['restart-service'],
      },
    ],
  }),
  async before({ shop, sleep }, { service, confounder }) {
    if (confounder === 'none') return;
    await shop.owner.release(service, '1.0.1');
    await sleep(60);
  },
  faultEnters: ({ shop }, { service }) => Promise.resolve(shop.crawl(service, CRAWL.rate)),
  async meanwhile({ shop, sleep }) {
    await sleep(CRAWL.seconds);
    shop.endCrawl();
  },
  outsideCheck: (view, { service }) => [...view.unwell, ...untouched(view, `${service} was deployed again`)],
});
