import { expect, test } from 'vitest';
import { hours, minutes, secondsBetween } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { accountWith, ago, PAST, remember, watchEveryMinute } from './past.ts';

test(
  'what was learned from past failures foretells the next one, which is healed before it comes',
  { timeout: 900_000 },
  async () => {
    const fails = ago(-hours(2.5));
    const account = await accountWith([...PAST, { service: 'shop-inventory', at: fails }]);
    await remember(account, PAST);
    const service = serviceNamed(account.world.fleet, 'shop-inventory');
    await account.run(minutes(35)); // so that it is known what its logs and metrics usually say

    account.clock.after(0, () => account.invoke('Train', {}).then(() => watchEveryMinute(account)));
    const opened = async () =>
      (await account.within(() => kb.incidents.listRecent(30))).filter((one) => one.openedAt > ago(0));
    for (let waited = 0; waited < 100; waited += 1) {
      await account.run(minutes(1));
      if (!account.isBusy && (await opened()).length > 0) break;
    }

    const [incident, ...others] = await opened();
    expect(others).toEqual([]);
    const { incidentId } = incident!;
    const [signals, trail] = await account.within(() =>
      Promise.all([kb.incidents.signals(incidentId), kb.audit.trail(incidentId)]),
    );
    const story = trail.map(({ state, why }) => `${state}: ${why.join('; ')}`).join('\n');
    expect(story).toContain('Detect: it is foretold, and nothing has happened yet');
    expect(story).toContain('Decide: restart-service against deadlock');
    expect(story).toContain('it may fail at any time within the horizon');
    expect(story).toMatch(/CPUUtilization was 3\d.*since it settled \(usual is 30/);
    expect(signals.map(({ kind }) => kind)).toEqual(['forecast']);
    expect(incident).toMatchObject({
      resource: service.arn,
      predicted: true,
      ending: { kind: 'recovered', by: 'action', action: 'restart-service' },
    });
    expect(secondsBetween(account.clock.now(), fails)).toBeGreaterThan(minutes(15));

    // Nobody can know any more whether it would have come true.
    let answer: unknown;
    account.clock.after(0, async () => (answer = await account.invoke('Train', {})));
    await account.run(minutes(1));
    expect(answer).toMatchObject({ judged: { cameTrue: 0, didNot: 0, cutShort: 1 } });
  },
);
