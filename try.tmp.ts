import { Account } from './simulator/run/account.ts';
import { episode } from './simulator/run/episode.ts';
import { shops } from './simulator/world/spec.ts';
import { randomFor } from './sandbox/load/random.ts';
import * as kb from './layers/runtime/kb/index.ts';
const account = await Account.open({ seed: 1, start: '2026-03-02T08:00:00.000Z', fleet: shops() });
const random = randomFor(1, 'episodes');
for (let n = 1; n <= 40; n += 1) {
  const from = account.clock.now();
  const e = await episode(account, n, 1_000_003 + n, random);
  if (!e.healable || e.ending === 'recovered by action') { if(!e.wrong.length) continue; }
  console.log(n, e.fault, e.variant, e.confounder, '->', e.ending, 'diag', e.diagnosed, 'wrong', e.wrong, 'lasted', e.lasted, account.world.truth()[0]?.heals.join(), account.world.truth()[0]?.resource.split('/').at(-1));
  await account.within(async () => {
    for (const i of (await kb.incidents.listRecent(20)).filter(i=>i.openedAt>=from)) {
      console.log('    ', i.resource.split('/').at(-1), JSON.stringify(i.ending)?.slice(0,260), i.diagnosis?.hypotheses.slice(0,3).map(h=>h.fault+' '+h.confidence.toFixed(2)).join(', '));
    }
  });
}
