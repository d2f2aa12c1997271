import { expect, test } from 'vitest';
import { ulid } from 'ulid';
import type { Arn } from '../../../layers/core/arn.ts';
import type { Trouble } from '../../../layers/core/sequence.ts';
import { addSeconds, hours, minutes, secondsBetween, type Instant } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account } from '../../../simulator/run/account.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { shops } from '../../../simulator/world/spec.ts';

const START = '2026-03-30T09:00:00.000Z';
/** Before the account begins, at any time of the day. */
const DAYS = [27.2, 22.4, 16.9, 11.1, 4.6];

/** An incident of before that a restart healed. */
async function remember({ resource, fault }: Trouble, at: Instant): Promise<void> {
  const incidentId = ulid(Date.parse(at), () => 0.5);
  const signal = {
    kind: 'operator',
    id: `signal ${incidentId}`,
    at,
    resource,
    summary: 'it is ill',
    by: 'a test',
  } as const;
  await kb.incidents.openOrJoin(signal, (await kb.knowledge.resource(resource))!, () => incidentId, at);
  const hypotheses = [{ resource, fault, confidence: 0.9, because: ['it was so'] }];
  await kb.incidents.update(incidentId, { diagnosis: { hypotheses, severity: 'high', onset: at, gaps: [] } });
  const healed = { kind: 'recovered', by: 'action', action: 'restart-service', why: 'healed' } as const;
  await kb.incidents.close(incidentId, healed, 1, addSeconds(at, minutes(6)));
}

const trailOf = async (account: Account, resource: Arn): Promise<string> => {
  const since = await account.within(() => kb.incidents.byResource(resource, 1));
  const trail = await account.within(() => kb.audit.trail(since[0]!.incidentId));
  return trail.map(({ state, why }) => `${state}: ${why.join('; ')}`).join('\n');
};

test(
  'a sequence of five earlier times is learned; when it begins the second is expected and watched for, and says what it follows',
  { timeout: 300_000 },
  async () => {
    const account = await Account.open({ seed: 5, start: START, fleet: shops() });
    await account.run(minutes(20));
    const arnOf = (name: string): Arn => serviceNamed(account.world.fleet, name).arn;
    const first = { resource: arnOf('shop-worker'), fault: 'bad-deployment' } as const;
    const next = { resource: arnOf('shop-inventory'), fault: 'deadlock' } as const;
    await account.within(async () => {
      for (const [n, days] of DAYS.entries()) {
        const at = addSeconds(START, -hours(24 * days));
        await remember(first, at);
        if (n < 4) await remember(next, addSeconds(at, minutes(14 + n)));
      }
      const watch = { interval: hours(2), due: addSeconds(account.clock.now(), hours(2)), plannedAt: START };
      await kb.knowledge.putWatches([{ arn: next.resource, ...watch }], []);
    });

    let answer: unknown;
    account.clock.after(0, async () => (answer = await account.invoke('Train', {})));
    await account.run(minutes(1));
    expect(answer).toMatchObject({ learned: { sequences: 1 } });

    account.world.inject('bad-deployment', 'shop-worker', 'crash');
    const began = account.clock.now();
    await account.run(minutes(9));

    expect(await trailOf(account, first.resource)).toMatch(
      /Diagnose: bad-deployment on .*to be expected next: deadlock of shop\/shop-inventory between 09:\d\d and 09:\d\d UTC, as it followed 4 of the last 5 times \(71 %, at least 42 %\)/,
    );
    const [watch] = await account.within(() => kb.knowledge.watches());
    expect(secondsBetween(began, kb.knowledge.dueOf(watch!))).toBeGreaterThan(minutes(8));
    expect(secondsBetween(began, kb.knowledge.dueOf(watch!))).toBeLessThan(minutes(15));

    await account.run(secondsBetween(account.clock.now(), addSeconds(began, minutes(14))));
    account.world.inject('deadlock', 'shop-inventory', 'shared lock');
    await account.run(minutes(15));

    expect(await trailOf(account, next.resource)).toMatch(
      /Diagnose: deadlock on .*It follows bad-deployment of shop\/shop-worker \(incident \w+, 1\d min before\), as 4 of the last 5 times, 16 min later \(90 %: 1\d-\d\d\)\./,
    );
    expect(account.failedJobs).toEqual([]);
  },
);
