import { expect, test } from 'vitest';
import { isReached } from '../../../layers/core/prediction.ts';
import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account } from '../../../simulator/run/account.ts';
import { afflict } from '../../../simulator/world/faulty.ts';
import { isLive, serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { actors } from '../../../simulator/world/model/people.ts';
import { release } from '../../../simulator/world/model/writes.ts';
import { shops } from '../../../simulator/world/spec.ts';

/** The deployed functions in virtual time; what is watched is read every minute. */
const watchedAccount = (fleet = shops()) =>
  Account.open({ seed: 5, start: '2026-03-02T09:00:00.000Z', fleet, watch: { dollarsPerMonth: 2000 } });

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

test(
  'a new message of trouble after a deployment opens an incident, and the revision that brought it is rolled back',
  { timeout: 600_000 },
  async () => {
    const account = await watchedAccount();
    const { fleet } = account.world;
    const service = serviceNamed(fleet, 'shop-inventory');
    const good = service.definition;
    const group = fleet.names.logGroup('shop-inventory');
    const runs = (definition: string) => service.tasks.find((task) => isLive(task) && task.definition === definition);
    let [bad, lines] = ['', 0];
    // What it answers is as good as ever: the log alone tells.
    account.watch(() => {
      const say = (level: string, message: string) => {
        const text = JSON.stringify({ level, message: `${message} ${lines++}` });
        fleet.logs.write(group, fleet.now, service.tasks[0]?.id ?? '', text);
      };
      say('INFO', 'counted the stock of article');
      say('INFO', 'answered about article');
      if (runs(bad)) say('ERROR', 'the ledger does not take article');
    });
    await account.run(minutes(16));
    bad = release(fleet, service, { version: '2.0.0', traits: {} }, actors(fleet).pipeline).arn;

    for (let waited = 0; waited < 30 && (waited < 5 || account.isBusy); waited += 1) await account.run(minutes(1));

    const [incident, ...others] = await account.within(() => kb.incidents.listRecent(10));
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      resource: service.arn,
      ending: { kind: 'recovered', by: 'action', action: 'rollback-deployment' },
    });
    expect(service.definition).toBe(good);
    const trail = await account.within(() => kb.audit.trail(incident!.incidentId));
    const said = trail.flatMap(({ why }) => why).join('; ');
    expect(said).toMatch(/lines of 5 minutes say "the ledger does not take article <\*>"/);
    expect(said).toContain('since it settled the log does not say "the ledger does not take article <*>"');
  },
);

test('a healthy hour opens nothing', { timeout: 600_000 }, async () => {
  const account = await watchedAccount();

  await account.run(minutes(60));

  expect(await account.within(() => kb.incidents.listRecent(10))).toEqual([]);
});

/** A service that writes each step of its bookings, those of other revisions in their own way. */
async function booking(others: (booking: number) => readonly string[]) {
  const shop = shops();
  // What it says of customers' odd input is another matter.
  const account = await watchedAccount({ ...shop, services: shop.services.map((one) => ({ ...one, errorRatio: 0 })) });
  const { fleet } = account.world;
  const service = serviceNamed(fleet, 'shop-inventory');
  const good = service.definition;
  const usual = ['booking begun', 'stock counted', 'pieces reserved', 'booking confirmed'];
  let booked = 0;
  account.watch(() => {
    const running = service.tasks.filter(isLive);
    for (let n = 0; n < 8 && running.length > 0; n += 1) {
      const task = running[n % running.length]!;
      const requestId = `b00c${(booked += 1)}-7d1e`;
      const steps = task.definition === good || booked % 50 === 0 ? usual : others(booked);
      for (const message of steps)
        fleet.logs.write(
          fleet.names.logGroup('shop-inventory'),
          fleet.now,
          task.id,
          JSON.stringify({ level: 'INFO', message, requestId }),
        );
    }
  });
  await account.run(minutes(25));
  release(fleet, service, { version: '2.0.0', traits: {} }, actors(fleet).pipeline);
  for (let waited = 0; waited < 40 && (waited < 12 || account.isBusy); waited += 1) await account.run(minutes(1));
  const incidents = await account.within(() => kb.incidents.listRecent(10));
  return { account, service, good, incidents };
}

test(
  'bookings that stop half-way after a deployment, without a word, open an incident, and the revision is rolled back',
  { timeout: 600_000 },
  async () => {
    const stops = ['booking begun', 'stock counted'];
    const { account, service, good, incidents } = await booking((n) =>
      n % 3 === 0 ? stops : [...stops, 'pieces reserved', 'booking confirmed'],
    );

    const [incident, ...others] = incidents;
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      resource: service.arn,
      ending: { kind: 'recovered', by: 'action', action: 'rollback-deployment' },
    });
    expect(service.definition).toBe(good);
    const trail = await account.within(() => kb.audit.trail(incident!.incidentId));
    const said = trail.flatMap(({ why }) => why).join('; ');
    expect(said).toMatch(
      /\d+ of \d+ requests said "stock counted" without going on to "pieces reserved", "booking confirmed"; usual is [\d.]+ %/,
    );
    expect(said).toMatch(/of the sessions since it settled 0 of \d+ lately \(0 %\) are so/);
  },
);

test('a release that writes a line less of each booking is let be', { timeout: 600_000 }, async () => {
  const { service, good, incidents } = await booking(() => ['booking begun', 'stock counted', 'booking confirmed']);

  expect(incidents).toEqual([]);
  expect(service.definition).not.toBe(good);
});
