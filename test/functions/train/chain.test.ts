import { expect, test } from 'vitest';
import { addSeconds, hours, minutes } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { accountWith, ago, PAST, remember } from './past.ts';

test(
  'what was learned from past failures foretells the next one, and it is healed before it comes',
  { timeout: 600_000 },
  async () => {
    const fails = ago(-hours(2));
    const account = await accountWith([...PAST, { service: 'shop-inventory', at: fails }], { dollarsPerMonth: 400 });
    await remember(account, PAST);
    const service = serviceNamed(account.world.fleet, 'shop-inventory');

    account.clock.after(0, () => account.invoke('Train', {}).then(() => undefined));
    for (let waited = 0; waited < 110 && (account.isBusy || waited < 100); waited += 1) {
      await account.run(minutes(1));
      const recent = await account.within(() => kb.incidents.listRecent(10));
      if (recent.length > PAST.length && !account.isBusy) break;
    }

    const all = await account.within(() => kb.incidents.listRecent(30));
    const fresh = all.filter(({ openedAt }) => openedAt > ago(0));
    for (const one of fresh) {
      console.log(JSON.stringify(one, null, 1));
      for (const { at, state, why } of (await account.within(() => kb.audit.trail(one.incidentId))) as any[])
        console.log(at, state, why.join('\n      '));
    }
    expect(fresh.map(({ resource }) => resource)).toEqual([service.arn]);
    expect(addSeconds(fails, 0) > account.clock.now()).toBe(true);
  },
);
