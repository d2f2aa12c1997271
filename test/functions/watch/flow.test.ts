import { expect, test } from 'vitest';
import { isReached } from '../../../layers/core/prediction.ts';
import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account, type Passing } from '../../../simulator/run/account.ts';
import { afflict } from '../../../simulator/world/faulty.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { shops } from '../../../simulator/world/spec.ts';
import { onTheBus } from '../bus.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The deployed functions in virtual time, with the plan's schedule, its queue, and the bus that signals go to. */
async function watchedAccount(): Promise<Account> {
  Object.assign(process.env, { WATCH_QUEUE_URL: 'queue', PRUNELLA_WATCH: '{"dollarsPerMonth":2000}' });
  let sent = 0;
  const toBus = onTheBus();
  const between = async (passing: Passing, account: Account): Promise<unknown> => {
    const { call, answer } = passing;
    const input = call.command.input as Fields;
    if (call.service === 'queues') {
      for (const { MessageBody: body } of input['Entries'] as { MessageBody: string }[])
        account.clock.after(1, () => account.invoke('Watch', { Records: [{ messageId: `m${sent++}`, body }] }));
      return {};
    }
    return call.service === 'bus' ? toBus(passing, account) : answer();
  };
  const account = await Account.open({ seed: 5, start: '2026-03-02T09:00:00.000Z', fleet: shops(), between });
  const every = (): void =>
    void account.clock.after(60, () => {
      every();
      return account.invoke('WatchPlan', {}).then(() => undefined);
    });
  every();
  return account;
}

test(
  'a slow leak is foretold, restarted before any alarm rings, and verified to be gone',
  { timeout: 600_000 },
  async () => {
    const account = await watchedAccount();
    await account.run(minutes(20));
    const { fleet } = account.world;
    const service = serviceNamed(fleet, 'shop-inventory');
    afflict(fleet, service, { leak: 0.12 });
    const began = account.clock.now();

    for (let waited = 0; waited < 45 && (waited < 20 || account.isBusy); waited += 1) await account.run(minutes(1));

    const all = await account.within(() => kb.incidents.listRecent(10));
    expect(all.map(({ resource }) => resource)).toEqual([service.arn]);
    const [incident] = all;
    const [signals, trail] = await account.within(() =>
      Promise.all([kb.incidents.signals(incident!.incidentId), kb.audit.trail(incident!.incidentId)]),
    );
    expect(incident).toMatchObject({
      predicted: true,
      ending: { kind: 'recovered', by: 'action', action: 'restart-service' },
    });
    expect(signals.map(({ kind }) => kind)).toEqual(['forecast']);
    const [forecast] = signals;
    const foretold = forecast!.kind === 'forecast' ? forecast!.foretold! : undefined;
    expect(isReached(foretold!.limit, foretold!.value)).toBe(false);
    // More than half of the life that was left lies ahead.
    expect(foretold!.inSeconds).toBeGreaterThan(secondsBetween(began, forecast!.at));
    const said = trail.flatMap(({ why }) => why).join('; ');
    expect(said).toContain('it is foretold, and nothing has happened yet');
    expect(said).toContain('90 % of such forecasts come true');
    expect(said).toMatch(
      /MemoryUtilization is [\d.]+ of 100, it was [\d.]+: at the old pace its limit is \d+ min away/,
    );
  },
);

test('a healthy hour opens nothing', { timeout: 600_000 }, async () => {
  const account = await watchedAccount();

  await account.run(minutes(60));

  expect(await account.within(() => kb.incidents.listRecent(10))).toEqual([]);
});
