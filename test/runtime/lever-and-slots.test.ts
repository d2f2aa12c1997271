import { beforeEach, describe, expect, test } from 'vitest';
import { control } from '../../layers/runtime/kb/index.ts';
import { freshTables } from './tables.ts';
import { START, acquiring, after, anIncident, aResource, disengage, policyWith } from './samples.ts';

/** Lever and slots are the account's: each test has tables of its own. */
beforeEach(freshTables);

describe('the lever', () => {
  test('is engaged when nobody ever set it, and then nothing may act', async () => {
    const { incidentId, resource } = await anIncident();

    const state = await control.lever('healing');
    const answer = await control.acquire(acquiring(incidentId, resource));

    expect(state).toBe('engaged');
    expect(answer).toMatchObject({ ok: false, why: 'lever' });
    expect(await control.leases()).toEqual([]);
  });

  test('stops what has not begun, whenever it is engaged again', async () => {
    const { incidentId, resource } = await anIncident();
    await disengage();
    await control.setLever('healing', 'engaged', 'a person', after(1));

    const answer = await control.acquire(acquiring(incidentId, resource));

    expect(answer).toMatchObject({ ok: false, why: 'lever' });
  });

  test('of chaos is another one', async () => {
    await disengage();

    expect(await control.lever('healing')).toBe('disengaged');
    expect(await control.lever('chaos')).toBe('engaged');
  });
});

describe('slots', () => {
  test('let N incidents act at once, of many that ask at once', { timeout: 60_000 }, async () => {
    await disengage();
    const policy = policyWith({ maxConcurrent: 3, brakeIncidents: 100 });
    const tenants = await Promise.all(Array.from({ length: 12 }, () => anIncident()));

    const answers = await Promise.all(
      tenants.map(({ incidentId, resource }) => control.acquire(acquiring(incidentId, resource, { policy }))),
    );

    expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
    expect(answers.flatMap((answer) => (answer.ok ? [] : [answer.why]))).toEqual(Array(9).fill('no-slot'));
    expect(new Set((await control.leases()).map(({ slot }) => slot))).toEqual(new Set([1, 2, 3]));
  });

  test('may be more than one read of the table takes', async () => {
    await disengage();
    const { incidentId, resource } = await anIncident();
    const policy = policyWith({ maxConcurrent: 250 });

    const answer = await control.acquire(acquiring(incidentId, resource, { policy }));

    expect(answer).toEqual({ ok: true });
  });

  test('are free again when they are released or have expired', async () => {
    await disengage();
    const policy = policyWith({ maxConcurrent: 1 });
    const [one, two, three] = [await anIncident(), await anIncident(), await anIncident()];
    const ask = ({ incidentId, resource }: typeof one, now = START) =>
      control.acquire(acquiring(incidentId, resource, { now, busyUntil: after(300), policy }));
    await ask(one);

    const full = await ask(two);
    await control.release(one.incidentId, [one.resource.arn]);
    const released = await ask(two);
    const stillFull = await ask(three, after(299));
    const expired = await ask(three, after(300));

    expect(full).toEqual({ ok: false, why: 'no-slot', detail: 'all 1 slots are taken' });
    expect(released).toEqual({ ok: true });
    expect(stillFull).toMatchObject({ ok: false, why: 'no-slot' });
    expect(expired).toEqual({ ok: true });
  });

  test('that expired and are another’s by now do not keep an incident from renewing its leases', async () => {
    await disengage();
    const policy = policyWith({ maxConcurrent: 1 });
    const [one, two] = [await anIncident(), await anIncident()];
    const ask = ({ incidentId, resource }: typeof one, now = START, until = 300) =>
      control.acquire(acquiring(incidentId, resource, { now, busyUntil: after(until), policy }));
    await ask(one);
    await ask(two, after(400), 700);

    await control.renew(one.incidentId, [one.resource.arn], after(900));

    const leases = await control.leases();
    expect(leases.find(({ arn }) => arn === one.resource.arn)?.expiresAt).toBe(after(900));
    expect(leases.find(({ arn }) => arn === two.resource.arn)?.expiresAt).toBe(after(700));
  });

  test('are kept by renewing, and are one an incident however many attempts it makes', async () => {
    await disengage();
    const policy = policyWith({ maxConcurrent: 1 });
    const [one, two] = [await anIncident(), await anIncident(aResource())];
    const ask = ({ incidentId, resource }: typeof one, attempt: number, now = START) =>
      control.acquire(acquiring(incidentId, resource, { attempt, now, busyUntil: after(300), policy }));
    await ask(one, 1);
    await control.renew(one.incidentId, [one.resource.arn], after(900));

    const taken = await ask(two, 1, after(600));
    const next = await ask(one, 2, after(601));

    expect(taken).toMatchObject({ ok: false, why: 'no-slot' });
    expect(next).toEqual({ ok: true });
  });
});

describe('calls of the language model', () => {
  test('are counted by the day, and no more are allowed than there are, of several at once too', async () => {
    const day = (hour: string) => `2031-05-0${hour}:00:00.000Z`;
    const ask = (now: string) => control.countLanguageCall(now, 3);

    const first = await Promise.all(Array.from({ length: 8 }, () => ask(day('1T10'))));
    const later = await ask(day('1T23'));
    const next = await ask(day('2T00'));

    expect(first.filter(Boolean)).toHaveLength(3);
    expect(later).toBe(false);
    expect(next).toBe(true);
  });
});
