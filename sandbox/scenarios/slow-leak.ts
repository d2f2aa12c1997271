import { between, pick } from '../load/random.ts';
import { WEB_SERVICES } from '../shop/copy.ts';
import { nobodyNoticed, untouched } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';

/** Seconds the crawler stays: it goes away after the restart, before the memory could be used up again. */
const STAYS = 330;

export const scenario = defineScenario({
  name: 'slow-leak',
  summary: 'A slow crawler fills the memory bit by bit: it is foretold, and handled before any customer sees an error.',
  further: true,
  watched: true,
  usually: 430,
  atMost: 600,
  vary: (random) => ({ service: pick(random, WEB_SERVICES), rate: between(random, 90, 110) / 100 }),
  owner: ({ service }) => ({ limits: { [service]: 'Memory above=100 period=10' } }),
  expected: (shop, { service }) => ({
    incidents: [
      {
        resource: shop.serviceArn(service),
        faults: ['memory-leak'],
        ending: 'recovered',
        by: 'action',
        actions: ['restart-service'],
        says: ['it is foretold, and nothing has happened yet', 'failing costs about', 'at the old pace its limit is'],
      },
    ],
  }),
  faultEnters: ({ shop }, { service, rate }) => Promise.resolve(shop.crawl(service, rate)),
  async meanwhile({ shop, sleep }) {
    await sleep(STAYS);
    shop.endCrawl();
  },
  outsideCheck: (view, { service }) => [
    ...view.unwell,
    ...nobodyNoticed(view),
    ...untouched(view, `${service} was deployed again`),
  ],
});
