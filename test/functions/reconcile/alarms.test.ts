import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { duty as missedAlarms } from '../../../functions/reconcile/duties/missed-alarms.ts';
import { duty as takeUpAgain } from '../../../functions/reconcile/duties/take-up-again.ts';
import { takenUpBecause } from '../../../functions/reconcile/take-up.ts';
import type { Ending } from '../../../layers/core/incident.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { control, incidents, knowledge } from '../../../layers/runtime/kb/index.ts';
import { after, aResource, START, unique } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';
import { alarmOf, world } from './world.ts';

beforeAll(freshTables);
beforeEach(() => control.setLever('healing', 'disengaged', 'a test', START));

/** A watched service with an alarm that went to ALARM at `since`. */
async function watched(changes: Partial<Resource> = {}) {
  const plain = aResource(changes);
  const resource: Resource = {
    ...plain,
    alarms: [{ arn: alarmOf(plain.arn), name: 'bad', kind: 'metric', criteria: [] }],
  };
  await knowledge.putResource(resource);
  await knowledge.putAlarmIndex(alarmOf(resource.arn), [resource.arn]);
  return resource;
}
const inAlarm = ({ arn }: Resource, since: number) => ({
  arn: alarmOf(arn),
  name: 'bad',
  since: after(since),
  reason: '',
});

const signalOf = ({ arn }: Resource, at = 0): Signal => ({
  kind: 'alarm',
  id: unique('signal'),
  at: after(at),
  resource: arn,
  summary: 'it is bad',
  alarm: 'bad',
  alarmArn: alarmOf(arn),
  state: 'ALARM',
});

/** An incident on the resource that ended so, ten minutes in. */
async function ended(resource: Resource, ending: Ending, pointer: 'keep' | 'remove', toldIn?: string) {
  const { incidentId } = await incidents.openOrJoin(signalOf(resource), resource, () => world().context.newId(), START);
  if (toldIn) await incidents.update(incidentId, { shared: { what: 'trouble', with: [toldIn], toldIn } });
  await incidents.close(incidentId, ending, 1, after(600), pointer);
  return incidentId;
}
const openOf = async ({ arn }: Resource) => (await control.pointer(arn))?.incidentId;

describe('an alarm in ALARM without an incident', () => {
  test('opens one and starts it', async () => {
    const resource = await watched();
    const { context, alarming, did } = world({ at: 600 });
    alarming.push(inAlarm(resource, 0));

    await missedAlarms.run(context);

    const incidentId = await openOf(resource);
    expect(did.started).toEqual([incidentId]);
    expect(await incidents.get(incidentId!)).toMatchObject({ status: 'open', onset: START });
  });

  test('is given two minutes for its event to come', async () => {
    const resource = await watched();
    const { context, alarming } = world({ at: 100 });
    alarming.push(inAlarm(resource, 0));

    await missedAlarms.run(context);

    expect(await openOf(resource)).toBeUndefined();
  });

  test('about what is not watched is left alone', async () => {
    const { context, alarming } = world({ at: 600 });
    alarming.push(inAlarm(aResource(), 0));

    const report = await missedAlarms.run(context);

    expect(report).toEqual({ looked: 0, did: [], left: [] });
  });

  test('whose incident recovered is given ten minutes to follow, then reported once for this transition', async () => {
    const resource = await watched();
    await ended(resource, { kind: 'recovered', by: 'action', why: 'good' }, 'remove');
    const { context, alarming, did, pass } = world({ at: 900 });
    alarming.push(inAlarm(resource, 0));

    await missedAlarms.run(context);
    expect(did.started).toEqual([]);

    pass(400);
    await missedAlarms.run(context);
    const [again] = did.started;
    expect(did.started).toHaveLength(1);

    await incidents.close(again!, { kind: 'noise', why: 'raw metrics are good' }, 1, after(1400));
    pass(7200);
    await missedAlarms.run(context);
    expect(did.started).toHaveLength(1);
  });

  test('that went to ALARM after the last incident ended is reported at once', async () => {
    const resource = await watched();
    await ended(resource, { kind: 'recovered', by: 'action', why: 'good' }, 'remove');
    const { context, alarming, did } = world({ at: 900 });
    alarming.push(inAlarm(resource, 700));

    await missedAlarms.run(context);

    expect(did.started).toHaveLength(1);
  });

  test('is not reported while the pointer of an escalated incident is kept', async () => {
    const resource = await watched();
    await ended(resource, { kind: 'escalated', because: 'our-fault', why: 'x' }, 'keep');
    const { context, alarming, did } = world({ at: 80_000 });
    alarming.push(inAlarm(resource, 0));

    await missedAlarms.run(context);

    expect(did.started).toEqual([]);
  });
});

describe('a kept pointer', () => {
  test('goes when no alarm is in ALARM and ten minutes were quiet', async () => {
    const resource = await watched();
    await ended(resource, { kind: 'escalated', because: 'our-fault', why: 'x' }, 'keep');
    await incidents.openOrJoin(signalOf(resource), resource, () => '', after(900));
    const { context, pass } = world({ at: 1400 });

    await takeUpAgain.run(context);
    expect(await control.keptPointers()).toContainEqual(expect.objectContaining({ resource: resource.arn }));

    pass(200);
    await takeUpAgain.run(context);
    expect(await control.keptPointers()).not.toContainEqual(expect.objectContaining({ resource: resource.arn }));
  });

  test('stays while its alarm is in ALARM', async () => {
    const resource = await watched();
    await ended(resource, { kind: 'escalated', because: 'our-fault', why: 'x' }, 'keep');
    const { context, alarming } = world({ at: 80_000 });
    alarming.push(inAlarm(resource, 0));

    await takeUpAgain.run(context);

    expect(await control.keptPointers()).toContainEqual(expect.objectContaining({ resource: resource.arn }));
  });

  test('stays while a probe of its resource fails', async () => {
    const resource = await watched();
    await ended(resource, { kind: 'escalated', because: 'exhausted', why: 'nothing helped' }, 'keep');
    const probe = { arn: resource.arn, id: 'probe', target: 'http://orders', answered: true } as const;
    await knowledge.keepProbeState({ ...probe, version: 1, failures: 3, told: true, since: START });

    const kept = async () => (await control.keptPointers()).filter((pointer) => pointer.resource === resource.arn);

    await takeUpAgain.run(world({ at: 1300 }).context);
    expect(await kept()).toHaveLength(1);

    await knowledge.keepProbeState({ ...probe, version: 2, failures: 0, told: false });
    await takeUpAgain.run(world({ at: 1300 }).context);
    expect(await kept()).toEqual([]);
  });

  test('goes when the resource is not watched any more', async () => {
    const resource = await watched();
    await ended(resource, { kind: 'escalated', because: 'our-fault', why: 'x' }, 'keep');
    await knowledge.removeResource(resource.arn);

    await takeUpAgain.run(world({ at: 700 }).context);

    expect(await control.keptPointers()).not.toContainEqual(expect.objectContaining({ resource: resource.arn }));
  });

  test('of what was told of in another incident becomes a new one when that is over, and not before', async () => {
    const [first, second] = [await watched(), await watched()];
    const told = await ended(first, { kind: 'escalated', because: 'no-candidate', why: 'x' }, 'keep');
    const before = await ended(second, { kind: 'suppressed', because: 'cooldown', why: 'x' }, 'keep', told);
    const { context, alarming } = world({ at: 700 });
    alarming.push(inAlarm(first, 0), inAlarm(second, 0));

    await takeUpAgain.run(context);
    expect(await control.keptPointers()).toContainEqual(expect.objectContaining({ incidentId: before }));

    await control.removeKeptPointer(first.arn, told);
    await takeUpAgain.run(context);
    const incidentId = await openOf(second);
    expect(incidentId).not.toBe(before);
    expect(await incidents.signals(incidentId!)).toMatchObject([{ summary: expect.stringContaining(told) }]);
  });

  test('of an incident that the brake stopped becomes a new incident when the brake is released', async () => {
    const resource = await watched();
    const before = await ended(resource, { kind: 'escalated', because: 'brake', why: 'too much at once' }, 'keep');
    const { context, did } = world({ at: 700 });

    await takeUpAgain.run(context);

    const incidentId = await openOf(resource);
    expect(incidentId).not.toBe(before);
    expect(did.started).toContain(incidentId);
    expect(await incidents.signals(incidentId!)).toMatchObject([
      { kind: 'alarm', summary: expect.stringContaining('the storm brake was released') },
    ]);
  });
});

describe('what was left alone is taken up again', () => {
  const now = {
    now: after(3600),
    closedAt: after(3000),
    mode: 'heal',
    leverEngaged: false,
    brakeEngaged: false,
  } as const;
  const suppressed = (because: Extract<Ending, { kind: 'suppressed' }>['because']): Ending => ({
    kind: 'suppressed',
    because,
    why: '',
  });

  test.each([
    ['the lever stopped', suppressed('lever'), now, { ...now, leverEngaged: true }],
    ['was only suggested', suppressed('suggest'), now, { ...now, mode: 'suggest' as const }],
    [
      'was only observed',
      suppressed('observe'),
      { ...now, mode: 'approve' as const },
      { ...now, mode: 'suggest' as const },
    ],
    ['had to rest', suppressed('cooldown'), { ...now, now: after(4800) }, now],
    [
      'the brake stopped',
      { kind: 'escalated', because: 'brake', why: '' } as Ending,
      now,
      { ...now, brakeEngaged: true },
    ],
  ])('if it %s, when that is over and not before', (_, ending, over, notYet) => {
    expect(takenUpBecause(ending, over)).toBeTypeOf('string');
    expect(takenUpBecause(ending, notYet)).toBeUndefined();
  });

  test('never, if a person has it', () => {
    expect(takenUpBecause({ kind: 'escalated', because: 'exhausted', why: '' }, now)).toBeUndefined();
  });
});
