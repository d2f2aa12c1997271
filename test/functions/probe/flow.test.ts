import { expect, test } from 'vitest';
import type { Reached } from '../../../layers/core/probe.ts';
import { minutes } from '../../../layers/core/units.ts';
import { operationOf } from '../../../layers/runtime/calls.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { withRuntime } from '../../../layers/runtime/runtime.ts';
import { Account } from '../../../simulator/run/account.ts';
import { primaryOf, serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { shops } from '../../../simulator/world/spec.ts';

interface Put {
  readonly MetricData: {
    readonly MetricName: string;
    readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    readonly Timestamp: Date;
    readonly Value: number;
  }[];
}

const TARGET = 'http://inventory.internal:8080/health';
const SILENT: Reached = { ok: false, failure: 'silent', why: 'no answer within 5 s' };

/** The deployed functions in virtual time, with the probe's schedule, the bus that signals go to, and CloudWatch that takes points. */
async function probedAccount(tag: string) {
  let published = 0;
  const account = await Account.open({
    seed: 5,
    start: '2026-03-02T09:00:00.000Z',
    fleet: shops(),
    between: async (passing, all) => {
      const { call, answer } = passing;
      if (call.service !== 'cloudwatch' || operationOf(call.command) !== 'PutMetricData') return answer();
      for (const { MetricName: metricName, Dimensions, Timestamp, Value } of (call.command.input as Put).MetricData) {
        const id = { namespace: 'Prunella/Probe', metricName, dimensions: Dimensions };
        all.world.fleet.metrics.put(id, 'None', Timestamp.getTime() / 1000, Value);
        published += 1;
      }
      return {};
    },
  });
  const service = serviceNamed(account.world.fleet, 'shop-inventory');
  service.tags['prunella:probe'] = tag;
  const every = (): void =>
    void account.clock.after(60, () => {
      every();
      const time = `${account.clock.now().slice(0, 16)}:00Z`;
      return account.invoke('Probe', { 'detail-type': 'Scheduled Event', time }).then(() => undefined);
    });
  every();
  return { account, service, published: () => published };
}

test(
  'a service that no longer answers its probe is restarted, and is well once it answers again',
  { timeout: 600_000 },
  async () => {
    const { account, service, published } = await probedAccount(`${TARGET} retries=3 grace=60`);
    const { fleet } = account.world;
    // What hangs answers nothing until it is started anew; no metric shows it.
    let hangs: string | undefined;
    const reach = () => Promise.resolve(primaryOf(service).id === hangs ? SILENT : ({ ok: true } as const));

    await withRuntime({ reach }, async () => {
      await account.run(minutes(4));
      expect(published()).toBe(0);
      hangs = primaryOf(service).id;
      await account.run(minutes(2));
      expect(await account.within(() => kb.incidents.listRecent(10))).toEqual([]);
      for (let waited = 0; waited < 30 && (waited < 5 || account.isBusy); waited += 1) await account.run(minutes(1));
    });

    const [incident, ...others] = await account.within(() => kb.incidents.listRecent(10));
    expect(others).toEqual([]);
    const [signals, trail] = await account.within(() =>
      Promise.all([kb.incidents.signals(incident!.incidentId), kb.audit.trail(incident!.incidentId)]),
    );
    expect(incident).toMatchObject({
      resource: serviceNamed(fleet, 'shop-inventory').arn,
      ending: { kind: 'recovered', by: 'action', action: 'restart-service' },
    });
    expect(signals.map((signal) => (signal.kind === 'probe' ? signal.state : signal.kind))).toEqual(['failed', 'ok']);
    const said = trail.flatMap(({ why }) => why).join('; ');
    expect(said).toContain('did not answer its probe well 3 times in a row: no answer within 5 s');
    expect(said).toMatch(/probe is good for \d periods since it settled \(before 1, now 0, limit 0\)/);
  },
);

test('a probe that was never answered opens nothing, and says why', { timeout: 600_000 }, async () => {
  const { account, service } = await probedAccount(TARGET);

  await withRuntime({ reach: () => Promise.resolve(SILENT) }, () => account.run(minutes(15)));

  expect(await account.within(() => kb.incidents.listRecent(10))).toEqual([]);
  expect(await account.within(() => kb.knowledge.probeStates())).toMatchObject([
    { arn: service.arn, answered: false, why: 'no answer within 5 s' },
  ]);
});
