import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { PastIncident } from '../../../layers/core/experience.ts';
import type { ModelVersion } from '../../../layers/core/model-version.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { addSeconds, hours, minutes } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account } from '../../../simulator/run/account.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { shops } from '../../../simulator/world/spec.ts';

const START = '2026-03-02T09:00:00.000Z';
const SERVICES = ['shop-web', 'shop-orders', 'shop-inventory', 'shop-worker'];

interface Seen {
  readonly diagnosis: Diagnosis;
  readonly evidence: Evidence;
}

const arnOf = (account: Account, name: string): string => serviceNamed(account.world.fleet, name).arn;

async function opened(): Promise<Account> {
  const account = await Account.open({ seed: 5, start: START, fleet: shops() });
  await account.run(minutes(15));
  return account;
}

/** A revision that crashes is deployed: how Diagnose sees the incident on the service, and its end. */
async function crashingDeployment(account: Account, service: string): Promise<Seen> {
  const before = account.clock.now();
  account.world.inject('bad-deployment', service, 'crash');
  await account.run(minutes(45));
  const arn = arnOf(account, service);
  const [incident] = (await account.within(() => kb.incidents.byResource(arn, 5))).filter(
    ({ openedAt }) => openedAt > before,
  );
  const evidence = await account.within(() => kb.incidents.evidence(incident!.incidentId));
  return { diagnosis: incident!.diagnosis!, evidence: evidence! };
}

/** What Close kept of the latest incident, as the fault model was told of it. */
async function featuresOf(account: Account, service: string): Promise<Record<string, number>> {
  const pasts = await account.within(() => kb.knowledge.pastIncidents('ecs-service'));
  const own = pasts.find(({ resource, features }) => resource === arnOf(account, service) && features !== undefined);
  return JSON.parse(own!.features!) as Record<string, number>;
}

/** Incidents of the last weeks that looked the same, more or less, and what people said they were. */
async function remember(
  account: Account,
  features: Readonly<Record<string, number>>,
  said: readonly Fault[],
): Promise<void> {
  const random = seeded(7);
  for (const [n, fault] of said.entries()) {
    const endedAt = addSeconds(START, -hours(24 * (said.length - n)));
    const resource = arnOf(account, SERVICES[n % SERVICES.length]!);
    const jittered = Object.entries(features).map(([name, value]) => [name, value * (0.9 + 0.2 * random())]);
    const past: PastIncident = {
      incidentId: ulid(Date.parse(endedAt), () => 0.5),
      resource,
      resourceType: 'ecs-service',
      endedAt,
      // Alike in nothing that the nearest neighbours compare: what changes is the model's doing.
      signature: { [`log only ${n}`]: 1 },
      label: { fault, root: resource, by: 'person' },
      ending: 'escalated: exhausted',
      tried: [],
      features: JSON.stringify(Object.fromEntries(jittered)),
      verdict: {
        said: 'corrected',
        by: 'ada',
        at: endedAt,
        was: { fault: 'unknown', root: resource, by: 'diagnosis' },
      },
    };
    await account.within(() => kb.knowledge.rememberIncident(past));
  }
}

/** A function's calls take virtual time, which passes here. */
async function train(account: Account): Promise<unknown> {
  let answer: unknown;
  account.clock.after(0, async () => {
    answer = await account.invoke('Train', {});
  });
  await account.run(minutes(2));
  return answer;
}

const confidenceOf = ({ diagnosis }: Seen, fault: Fault): number =>
  diagnosis.hypotheses.find((one) => one.fault === fault)?.confidence ?? 0;

test(
  'where people say that what looks like a bad deployment is a crash loop, Diagnose comes to say so, until a person goes back',
  { timeout: 600_000 },
  async () => {
    const account = await opened();
    const before = await crashingDeployment(account, 'shop-orders');
    const features = await featuresOf(account, 'shop-orders');
    // What the nearest neighbours would say of it is not the model's doing.
    await account.within(async () => kb.knowledge.forgetIncidents(await kb.knowledge.pastIncidents('ecs-service')));
    await remember(
      account,
      features,
      Array.from({ length: 40 }, () => 'crash-loop'),
    );

    const answer = await train(account);
    const after = await crashingDeployment(account, 'shop-inventory');

    expect(before.diagnosis.hypotheses[0]!.fault).toBe('bad-deployment');
    expect(before.evidence.modelled).toBeUndefined();
    expect(answer).toMatchObject({ faults: { type: 'fault', version: 1, replaced: true } });
    expect(after.evidence.modelled).toMatchObject({ model: 'fault-1' });
    expect(after.evidence.modelled!.hypotheses[0]!.fault).toBe('crash-loop');
    expect(after.diagnosis.hypotheses[0]!.fault).toBe('crash-loop');
    expect(confidenceOf(after, 'bad-deployment')).toBeLessThan(confidenceOf(before, 'bad-deployment'));
    const { versions } = await account.within(() => kb.knowledge.models('fault'));
    expect(versions[0]!.figures.own.brier).toBeLessThan(versions[0]!.figures.inUse.brier);

    await account.within(() => kb.knowledge.setModel('fault', undefined, 1, 'a person', account.clock.now()));
    const back = await crashingDeployment(account, 'shop-worker');

    expect(back.evidence.modelled).toBeUndefined();
    expect(back.diagnosis.hypotheses[0]!.fault).toBe('bad-deployment');
  },
);

test('of too few incidents the shipped model stays, and says so', { timeout: 600_000 }, async () => {
  const account = await opened();
  await remember(account, { 'cpu-now': 90 }, ['crash-loop', 'crash-loop', 'crash-loop']);

  const answer = await train(account);

  expect(answer).toMatchObject({ faults: { type: 'fault', replaced: false } });
  expect((answer as { faults: { why: string } }).faults.why).toContain('too few incidents whose fault is known');
  expect(await account.within(() => kb.knowledge.faultModelInUse())).toBeUndefined();
});

test('of incidents that were mislabelled at first the shipped model stays', { timeout: 600_000 }, async () => {
  const account = await opened();
  await crashingDeployment(account, 'shop-orders');
  const features = await featuresOf(account, 'shop-orders');
  const times = (count: number, fault: Fault): Fault[] => Array.from({ length: count }, () => fault);
  await remember(account, features, [...times(14, 'data-corruption'), ...times(10, 'bad-deployment')]);

  const answer = await train(account);

  expect(answer).toMatchObject({ faults: { type: 'fault', version: 1, replaced: false } });
  expect((answer as { faults: { why: string } }).faults.why).toContain('the shipped model stays');
  expect(await account.within(() => kb.knowledge.faultModelInUse())).toBeUndefined();
});

test('a model that cannot be read is a gap, and the shipped one is asked', { timeout: 600_000 }, async () => {
  const account = await opened();
  const version: ModelVersion = {
    type: 'fault',
    version: 1,
    learnedAt: START,
    columns: [],
    model: Uint8Array.of(1, 2, 3),
    figures: {
      learnedFrom: { failures: 0, healthy: 0 },
      judgedOn: { failures: 0, healthy: 0, since: START },
      own: { brier: 0, logLoss: 0 },
      inUse: { brier: 0, logLoss: 0, version: 0 },
      chance: 0,
      reliability: [],
      seconds: 0,
      kilobytes: 0,
    },
    why: 'damaged',
  };
  await account.within(() => kb.knowledge.putModel(version, { use: true, seen: 0, forget: [] }));

  const { diagnosis, evidence } = await crashingDeployment(account, 'shop-orders');

  expect(evidence.modelled).toBeUndefined();
  expect(diagnosis.gaps.join()).toContain(
    'the fault model of this account could not be read, the shipped one was asked',
  );
  expect(diagnosis.hypotheses[0]!.fault).toBe('bad-deployment');
});
