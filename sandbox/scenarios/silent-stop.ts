import { TAGS } from '../../layers/core/mode.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { between } from '../load/random.ts';
import { STEPS } from '../shop/code/inventory/steps.ts';
import { nobodyNoticed, runs } from './lib/checks.ts';
import { defineScenario } from './lib/scenario.ts';
import { until } from './lib/until.ts';

/** Bookings of two busy minutes: enough to know what they do, and how seldom one does otherwise. */
const BOOKINGS = [600, 400];
/** Until the release runs and its log is read, by a field that the owner names: within so many seconds also where many shops are. */
const READ_WITHIN = 420;
const RELEASED = 75;
/** Until the log is read, once a minute, and learned from. */
const LEARNED = 78;

export const scenario = defineScenario({
  name: 'silent-stop',
  summary: 'A deployment leaves a third of the bookings half-way: no error is logged, and every answer is good.',
  further: true,
  watched: true,
  usually: 540,
  atMost: 840,
  vary: (random) => ({ seed: between(random, 1, 1000) }),
  expected: (shop) => ({
    incidents: [
      {
        resource: shop.serviceArn('inventory'),
        faults: ['bad-deployment'],
        ending: 'recovered',
        by: 'action',
        actions: ['rollback-deployment'],
        // Lines of one millisecond may be read in another order, so that the names may be.
        says: ['without going on to', '"reserving pieces"', '"booking confirmed"'],
      },
    ],
  }),
  async before({ shop, sleep, say }, { seed }) {
    const random = seeded(seed);
    const id = (): string =>
      Math.floor(1e12 * random())
        .toString(16)
        .padStart(12, '0');
    await shop.owner.tag('inventory', TAGS.session, 'requestId idle=5');
    await shop.owner.release('inventory', '1.5.0');
    say('a release writes down each booking, and the owner says by which field');
    const isKnown = async () => (await knowledge.resource(shop.serviceArn('inventory')))?.session !== undefined;
    await until(isKnown, 'the tag should have been read', READ_WITHIN, sleep);
    await sleep(RELEASED);
    for (const bookings of BOOKINGS) {
      const ids = Array.from({ length: bookings }, () => `5a0e1d9c-0000-4000-8000-${id()}`);
      const said = ids.flatMap((requestId) => STEPS.map((message) => ({ level: 'INFO', message, requestId })));
      await shop.owner.said(
        'inventory',
        said.map((line) => JSON.stringify(line)),
      );
      say('the log has said what bookings do');
      await sleep(LEARNED);
    }
  },
  faultEnters: ({ shop }) => shop.owner.release('inventory', '1.6.0'),
  outsideCheck: (view) => [...view.unwell, ...nobodyNoticed(view), ...runs(view, 'inventory', '1.5.0')],
});
