import { expect, test } from 'vitest';
import { hours, minutes } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import type { Account } from '../../../simulator/run/account.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { accountWith, ago, PAST, remember, SERVICES } from './past.ts';

const arnOf = (account: Account, name: string): string => serviceNamed(account.world.fleet, name).arn;

/** A function's calls take virtual time, which passes here. */
async function invoke(account: Account, name: 'Train' | 'Watch', payload: unknown): Promise<unknown> {
  let answer: unknown;
  account.clock.after(0, async () => {
    answer = await account.invoke(name, payload);
  });
  await account.run(minutes(1));
  return answer;
}

/** As SQS delivers what the plan sent. */
const watch = (account: Account, names: readonly string[]): Promise<unknown> =>
  invoke(account, 'Watch', {
    Records: [{ messageId: 'm', body: JSON.stringify({ arns: names.map((name) => arnOf(account, name)) }) }],
  });

test(
  'a model learned from past failures replaces the prior, foretells the next failure of a service, and can be set back',
  { timeout: 300_000 },
  async () => {
    // In an hour the inventory service fails as others did before.
    const account = await accountWith([...PAST, { service: 'shop-inventory', at: ago(-hours(1)) }]);
    await remember(account, PAST);

    const answer = await invoke(account, 'Train', {});
    const { inUse, versions } = await account.within(() => kb.knowledge.models('ecs-service'));

    expect(answer).toMatchObject({ training: { type: 'ecs-service', version: 1, replaced: true } });
    expect(inUse).toMatchObject({ version: 1, by: 'training' });
    const { figures } = versions[0]!;
    expect(figures.learnedFrom.failures + figures.judgedOn.failures).toBe(PAST.length);
    expect(figures.own.brier).toBeLessThan(figures.inUse.brier);
    expect(figures.chance).toBeLessThan(0.05);

    await watch(account, SERVICES);
    await account.run(minutes(1));

    const opened = await account.within(() => kb.incidents.listOpen());
    expect(opened.map(({ resource }) => resource)).toEqual([arnOf(account, 'shop-inventory')]);
    expect(opened[0]!.predicted).toBe(true);
    const [signal] = await account.within(() => kb.incidents.signals(opened[0]!.incidentId));
    expect(signal).toMatchObject({ kind: 'forecast', detector: 'failure-model', failing: { model: 'ecs-service-1' } });
    const { carriers, probability } = (signal as { failing: { carriers: { series: string }[]; probability: number } })
      .failing;
    expect(carriers[0]!.series).toBe('CPUUtilization');
    expect(probability).toBeGreaterThan(0.5);

    await account.within(() => kb.knowledge.setModel('ecs-service', undefined, 1, 'a person', account.clock.now()));
    const after = await account.within(() => kb.knowledge.models('ecs-service'));

    expect(after.inUse).toMatchObject({ version: 0, by: 'a person' });
    expect(after.changes.map(({ by, from, to }) => ({ by, from, to }))).toEqual([
      { by: 'a person', from: 1, to: 0 },
      { by: 'training', from: 0, to: 1 },
    ]);
  },
);

test('with too few failures the prior stays, says so, and foretells nothing', { timeout: 300_000 }, async () => {
  const few = PAST.slice(0, 4);
  const account = await accountWith([...few, { service: 'shop-inventory', at: ago(-hours(1)) }]);
  await remember(account, few);

  const answer = await invoke(account, 'Train', {});
  await watch(account, SERVICES);

  const why =
    'too few failures: 5 are needed to learn from and 5 later ones to be judged on, there are 4; what is in use stays';
  expect(answer).toMatchObject({ training: { type: 'ecs-service', why, replaced: false } });
  expect(await account.within(() => kb.knowledge.trained('ecs-service'))).toMatchObject({ failures: 4, why });
  expect(await account.within(() => kb.incidents.listOpen())).toEqual([]);

  const again = await invoke(account, 'Train', {});

  expect(again).not.toHaveProperty('training'); // nothing has failed since
});

test(
  'a failure that was foretold and did not come is counted against the model, once',
  { timeout: 300_000 },
  async () => {
    const account = await accountWith([]);
    const arn = arnOf(account, 'shop-web');
    const foretold = { arn, type: 'ecs-service', model: 'ecs-service-1', probability: 0.8 } as const;
    const before = await account.within(() => kb.knowledge.predictions('ecs-service', 'failure-model'));
    await account.within(() => kb.knowledge.rememberFailing({ ...foretold, at: ago(hours(3)), until: ago(hours(1)) }));

    const answer = await invoke(account, 'Train', {});
    await invoke(account, 'Train', {});

    expect(answer).toMatchObject({ judged: { cameTrue: 0, didNot: 1, cutShort: 0 } });
    const after = await account.within(() => kb.knowledge.predictions('ecs-service', 'failure-model'));
    expect(after).toEqual({ alpha: before.alpha, beta: before.beta + 1 });
  },
);
