import { TAGS } from '../../layers/core/mode.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { between } from '../load/random.ts';
import { metricTag, names } from '../shop/copy.ts';
import { nobodyNoticed, runs } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';
import { until } from './lib/until.ts';

/** Nearly three hours of a metric every ten seconds: what CloudWatch keeps of such points. */
const PAST = 1_000;
/** What is watched is read once a minute, and learned from at the first look: within so many seconds also where many shops are. */
const LEARNED_WITHIN = 420;
/** So long it goes on as usual. */
const CALM = 30;

export const scenario = defineScenario({
  name: 'unalarmed-anomaly',
  summary: 'A deployment makes every answer four times as slow, far below what any alarm looks at.',
  further: true,
  watched: true,
  usually: 420,
  atMost: 600,
  vary: (random) => ({ seed: between(random, 1, 1000) }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.serviceArn('inventory'),
        faults: ['bad-deployment'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-deployment'],
        says: ['watch:Latency is', 'usual is'],
      },
    ],
  }),
  // The owner has had this metric for hours, and asks for it to be watched from now on.
  async before({ shop, sleep, say }, { seed }) {
    const random = seeded(seed);
    await shop.owner.past(
      'inventory',
      'Latency',
      Array.from({ length: PAST }, () => 82 + Math.round(6 * random())),
    );
    const service = names.service(shop.copy.name, 'inventory');
    await shop.owner.tag('inventory', TAGS.watch, metricTag(service, 'Latency stat=p50 period=10'));
    say('the owner asks for the latency to be watched');
    const series = { arn: shop.serviceArn('inventory'), id: 'watch:Latency' };
    const isLearned = async () => (await knowledge.seriesKept([series])).size > 0;
    await until(isLearned, 'the latency should have been learned', LEARNED_WITHIN, sleep);
    await sleep(CALM);
  },
  faultEnters: ({ shop }) => shop.owner.release('inventory', '1.3.0'),
  outsideCheck: (view) => [...view.unwell, ...nobodyNoticed(view), ...runs(view, 'inventory', '1.0.0')],
});
