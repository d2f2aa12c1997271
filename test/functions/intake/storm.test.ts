import type { Context } from 'aws-lambda';
import { ulid } from 'ulid';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { deliver, type Delivered } from '../../../bench/storm/deliver.ts';
import { alarmOf, fleetOf, messageOf, stormOf, type StormEvent } from '../../../bench/storm/events.ts';
import { notifyEscalation } from '../../../functions/escalate/notify.ts';
import { handler } from '../../../functions/intake/handler.ts';
import { reconcile } from '../../../functions/reconcile/reconcile.ts';
import { duty as takeUpAgain } from '../../../functions/reconcile/duties/take-up-again.ts';
import { duty as watchStorms } from '../../../functions/reconcile/duties/watch-storms.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { withRuntime, type Runtime } from '../../../layers/runtime/runtime.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { world } from '../reconcile/world.ts';
import { acquiring, after, aResource, aSignal, disengage, START, unique } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';

const SIZE = 50;
const resources = fleetOf('storm', SIZE, START);
const context = { awsRequestId: 'r', functionName: 'intake', getRemainingTimeInMillis: () => 30_000 } as Context;
const started: string[] = [];
const told: string[] = [];

/** Step Functions and SNS answer at once and remember; DynamoDB is the local account's. */
const call: Runtime['call'] = ({ service, command }, send) => {
  const input = (command as { input: { name?: string; Message?: string } }).input;
  if (service === 'states') started.push(input.name ?? '');
  else if (service === 'topics') told.push(input.Message ?? '');
  else return send();
  return Promise.resolve({} as never);
};
const at = <T>(seconds: number, work: () => Promise<T>): Promise<T> =>
  withRuntime({ now: () => after(seconds), call }, work);

async function watch(list: typeof resources): Promise<void> {
  for (const resource of list) {
    await kb.knowledge.putResource(resource);
    await kb.knowledge.putAlarmIndex(alarmOf(resource.arn), [resource.arn]);
  }
}

/** Every signal that lies in the knowledge base, with the resource it is kept under. */
async function keptSignals(incidentIds: readonly string[]): Promise<Map<string, string[]>> {
  const kept = new Map<string, string[]>();
  const add = ({ id }: Signal, resource: string) => kept.set(id, [...(kept.get(id) ?? []), resource]);
  for (const incidentId of incidentIds) {
    const { resource } = await kb.incidents.get(incidentId);
    for (const signal of await kb.incidents.signals(incidentId)) add(signal, resource);
    for (const parked of await kb.incidents.parked(incidentId))
      for (const signal of await kb.incidents.parkedSignals(incidentId, parked.resource)) add(signal, parked.resource);
  }
  return kept;
}

beforeAll(async () => {
  vi.stubEnv('HEAL_ARN', 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal');
  vi.stubEnv('TOPIC_ARN', 'arn:aws:sns:eu-west-1:111122223333:operators');
  await freshTables();
  await disengage();
});

describe('a storm over a whole fleet, delivered late, twice and in no order', () => {
  let events: StormEvent[];
  let delivered: Delivered;
  let incidents: string[];

  beforeAll(async () => {
    await watch(resources);
    events = stormOf(resources, 150, after(0), seeded(7));
    const messages = [...events.map(messageOf), { messageId: 'bad', body: '{"half' }];
    // Powertools writes through a console of its own.
    const quiet = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const quietErrors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    delivered = await deliver(messages, (batch) => at(0, () => handler(batch, context)), 6);
    quiet.mockRestore();
    quietErrors.mockRestore();
    incidents = (await kb.incidents.listOpen()).map(({ incidentId }) => incidentId);
  });

  test('opens one incident more than the brake allows, and starts each once', () => {
    expect(incidents).toHaveLength(DEFAULT_POLICY.brakeIncidents + 1);
    expect(new Set(started)).toEqual(new Set(incidents));
  });

  test('keeps every alarm of today exactly once, under its resource, and what cannot be read as a dead letter', async () => {
    const kept = await keptSignals(incidents);

    for (const { id, resource } of events.filter((one) => one.state === 'ALARM' && one.at > after(-3600)))
      expect(kept.get(id), id).toEqual([resource]);
    expect([...kept.values()].every(({ length }) => length === 1)).toBe(true);
    expect(delivered.dead.map(({ messageId }) => messageId)).toEqual(['bad']);
  });

  test('parks each of the other resources once', async () => {
    const parked = (await kb.control.keptPointers()).filter((one) => one.parked);
    const open = (await kb.incidents.listOpen()).map(({ resource }) => resource);

    expect(new Set([...parked.map(({ resource }) => resource), ...open])).toEqual(
      new Set(resources.map(({ arn }) => arn)),
    );
    expect(parked).toHaveLength(SIZE - incidents.length);
  });

  test('holds the brake: nothing of the fleet may be changed', async () => {
    const [first] = incidents;
    const [resource] = resources;

    const brake = await kb.control.brake('storm', DEFAULT_POLICY, after(60));
    const acquired = await kb.control.acquire(acquiring(first!, resource!, { fleet: 'storm', now: after(60) }));

    expect(brake).toMatchObject({ engaged: true, why: expect.stringContaining(`${SIZE} of ${SIZE} resources`) });
    expect(acquired).toMatchObject({ ok: false, why: 'brake' });
  });

  test('is told once, with how many wait, although all its incidents tell at the same time', async () => {
    const list = await Promise.all(incidents.map((id) => kb.incidents.get(id)));

    const notified = await at(60, () =>
      Promise.all(
        list.map((incident) => notifyEscalation({ incident, because: 'brake', why: ['a storm'], now: after(60) }, kb)),
      ),
    );

    expect(notified.filter((one) => one === 'told')).toHaveLength(1);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`${SIZE - incidents.length} further resources of fleet storm are in trouble`);
  });

  test('lets what a person asks for open its own incident', async () => {
    const parked = (await kb.control.keptPointers()).find((one) => one.parked);
    const resource = resources.find(({ arn }) => arn === parked?.resource)!;

    const opened = await kb.incidents.openOrJoin(aSignal(resource.arn), resource, ulid, after(70));

    expect(opened).toMatchObject({ opened: true, status: 'opening' });
    incidents.push(opened.incidentId);
  });

  test('ends as its resources get well: those are freed, and what is still bad is taken up one by one', async () => {
    const ending = { kind: 'escalated', because: 'brake', why: 'a storm' } as const;
    for (const id of incidents)
      await kb.incidents.close(id, ending, (await kb.incidents.get(id)).signalCount, after(90), 'keep');
    const parked = (await kb.control.keptPointers()).filter((one) => one.parked);
    const stillBad = parked.slice(0, 7).map(({ resource }) => resource);
    const later = world({ at: 1800 });
    for (const arn of stillBad) later.alarming.push({ arn: alarmOf(arn), name: 'x', since: START, reason: '' });
    const duties = [watchStorms, takeUpAgain];

    const runs = [];
    for (let n = 0; n < 4; n += 1) {
      runs.push(await reconcile(later.context, duties));
      later.pass(300);
    }

    expect(runs.flat().flatMap(({ left }) => left)).toEqual([]);
    // In the first run the brake still counts what has not been freed; then five at a time.
    expect(runs.map(([, taken]) => taken?.did.filter((line) => line.startsWith('took up')).length)).toEqual([
      0, 5, 2, 0,
    ]);
    expect(await kb.control.storms()).toEqual([]);
    const open = await Promise.all(stillBad.map((arn) => kb.control.pointer(arn)));
    expect(open.every((pointer) => pointer !== undefined)).toBe(true);
    expect(await kb.incidents.signals(open[0]!.incidentId)).toMatchObject([
      { summary: expect.stringContaining('Taken up again, the storm brake was released. Alarm errors-of-') },
    ]);
  });

  test('leaves in the trail of its incident that it ended, and of each resource what became of it', async () => {
    const trails = await Promise.all(incidents.map(async (id) => ({ id, trail: await kb.audit.trail(id) })));
    const storm = trails.find(({ trail }) => trail.some(({ verdict }) => verdict === 'storm-over'));

    const became = (await kb.incidents.parked(storm?.id ?? '')).map((one) => one.became);
    const over = storm?.trail.find(({ verdict }) => verdict === 'storm-over');
    expect(over?.why.join()).toContain(`${SIZE - DEFAULT_POLICY.brakeIncidents - 1} resources waited in it`);
    expect(became.filter((one) => one === undefined)).toEqual([]);
    expect(became.filter((one) => one !== 'well')).toHaveLength(8); // seven taken up, one that a person asked for
  });
});

describe('in a storm', () => {
  const alarm = (resource: string, seconds = 0): Signal => ({
    kind: 'alarm',
    id: unique('signal'),
    at: after(seconds),
    resource,
    summary: 'it is bad',
    alarm: 'bad',
    alarmArn: alarmOf(resource),
    state: 'ALARM',
  });
  const report = async (resource: ReturnType<typeof aResource>, seconds = 0) =>
    kb.incidents.openOrJoin(alarm(resource.arn, seconds), resource, ulid, after(seconds));

  /** A fleet of 20 whose brake has just engaged. */
  async function braked() {
    const fleet = unique('fleet');
    const all = Array.from({ length: 20 }, () => aResource({ fleet }));
    for (const resource of all) await kb.knowledge.putResource(resource);
    for (const resource of all.slice(0, 11)) await report(resource);
    return { fleet, rest: all.slice(11) };
  }

  test('a resource that others depend on opens its own incident: it may be the cause; its callers then are effects', async () => {
    const { fleet, rest } = await braked();
    const cause = aResource({ fleet });
    const [caller, other] = [aResource({ fleet, dependsOn: [cause.arn] }), rest[0]!];
    for (const resource of [cause, caller]) await kb.knowledge.putResource(resource);

    const parked = await report(caller);
    const opened = await report(cause);
    const alone = await report(other);

    expect([parked, opened, alone].map(({ opened: own }) => own)).toEqual([false, true, false]);
    const { causes } = await kb.control.brake(fleet, DEFAULT_POLICY, after(1));
    expect(causes.map(({ resource }) => resource)).not.toContain(caller.arn);
    expect(causes.map(({ resource }) => resource)).toEqual(expect.arrayContaining([cause.arn, other.arn]));
  });

  test('what was noise does not count: ten that came to nothing begin no storm', async () => {
    const fleet = unique('fleet');
    for (let n = 0; n < 12; n += 1) {
      const resource = aResource({ fleet });
      const { incidentId, opened } = await report(resource);
      expect(opened).toBe(true);
      await kb.incidents.close(incidentId, { kind: 'noise', why: 'x' }, 1, after(1));
    }
  });

  test('another fleet is not touched', async () => {
    await braked();

    expect(await report(aResource())).toMatchObject({ opened: true });
  });

  test('that nobody told of, reconcile tells, once', async () => {
    const { fleet, rest } = await braked();
    await report(rest[0]!);
    const { context: duties, did } = world({ at: 450 });
    // Storms that other tests began are told of, too, each in its own fleet.
    const notify = async (incident: { incidentId: string; fleet: string }) => {
      const first = await kb.control.claimTelling(incident.fleet, incident.incidentId, after(450));
      if (first) did.told.push(incident.incidentId);
      return 'told';
    };

    await watchStorms.run({ ...duties, notify });
    await watchStorms.run({ ...duties, notify });

    const storm = (await kb.control.storms()).find((one) => one.fleet === fleet);
    expect(did.told.filter((id) => id === storm?.incidentId)).toHaveLength(1);
  });

  test('two intakes at once park a resource once, with both signals', async () => {
    const { rest } = await braked();
    const [resource] = rest;

    const answers = await Promise.all([report(resource!), report(resource!, 1), report(resource!, 2)]);

    const { incidentId } = answers[0]!;
    expect(answers.every((one) => one.parked && one.incidentId === incidentId)).toBe(true);
    expect(await kb.incidents.parkedSignals(incidentId, resource!.arn)).toHaveLength(3);
    expect((await kb.incidents.parked(incidentId)).filter((one) => one.resource === resource!.arn)).toHaveLength(1);
  });
});
