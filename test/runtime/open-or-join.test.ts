import { ulid } from 'ulid';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Ending } from '../../layers/core/incident.ts';
import type { Signal } from '../../layers/core/signal.ts';
import { control, incidents } from '../../layers/runtime/kb/index.ts';
import { freshTables } from './tables.ts';
import { START, aResource, aSignal, after, unique } from './samples.ts';

beforeAll(freshTables);

const times = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index));

describe('openOrJoin', () => {
  test('opens one incident when the same signal arrives 20 times at once', async () => {
    const resource = aResource();
    const signal = aSignal(resource.arn);

    const answers = await Promise.all(times(20, () => incidents.openOrJoin(signal, resource, ulid, START)));

    expect(new Set(answers.map(({ incidentId }) => incidentId)).size).toBe(1);
    expect(answers.filter(({ opened }) => opened)).toHaveLength(1);
    expect(answers.filter(({ duplicate }) => duplicate)).toHaveLength(19);
    const incident = await incidents.get(answers[0]!.incidentId);
    expect(incident).toMatchObject({ signalCount: 1, status: 'opening', resource: resource.arn });
    expect(await incidents.signals(incident.incidentId)).toEqual([signal]);
  });

  test('keeps every signal once in one incident when 20 related signals arrive twice each at once', async () => {
    const resource = aResource();
    const signals = times(20, (index) => aSignal(resource.arn, { at: after(-index) }));

    const answers = await Promise.all(
      [...signals, ...signals].map((signal) => incidents.openOrJoin(signal, resource, ulid, START)),
    );

    expect(new Set(answers.map(({ incidentId }) => incidentId)).size).toBe(1);
    expect(answers.filter(({ opened }) => opened)).toHaveLength(1);
    const { incidentId } = answers[0]!;
    expect(await incidents.get(incidentId)).toMatchObject({ signalCount: 20, onset: after(-19) });
    expect((await incidents.signals(incidentId)).map(({ id }) => id).sort()).toEqual(
      signals.map(({ id }) => id).sort(),
    );
    expect(await control.pointer(resource.arn)).toMatchObject({ incidentId });
  });

  test('opens an incident for each resource', async () => {
    const [one, other] = [aResource(), aResource()];

    const answers = await Promise.all([
      incidents.openOrJoin(aSignal(one.arn), one, ulid, START),
      incidents.openOrJoin(aSignal(other.arn), other, ulid, START),
    ]);

    expect(answers.map(({ opened }) => opened)).toEqual([true, true]);
    expect(answers[0].incidentId).not.toBe(answers[1].incidentId);
  });

  test('does not open again for a signal whose incident closed', async () => {
    const resource = aResource();
    const signal = aSignal(resource.arn);
    const { incidentId } = await incidents.openOrJoin(signal, resource, ulid, START);
    await incidents.close(incidentId, { kind: 'noise', why: 'a test' }, 1, after(60));

    const again = await incidents.openOrJoin(signal, resource, ulid, after(90));

    expect(again).toEqual({ incidentId, opened: false, status: 'closed', duplicate: true });
    expect(await control.pointer(resource.arn)).toBeUndefined();
  });

  test('names the incident whose fault came back, within the window and unless it was noise', async () => {
    const resource = aResource();
    const reopen = async (at: string) => {
      const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, at);
      return incidents.get(incidentId);
    };
    const first = await reopen(START);
    await incidents.close(first.incidentId, { kind: 'recovered', by: 'action', why: '' }, 1, after(60));
    const second = await reopen(after(3_600));
    await incidents.close(second.incidentId, { kind: 'noise', why: '' }, 1, after(3_700));
    const third = await reopen(after(4_000));
    await incidents.close(third.incidentId, { kind: 'recovered', by: 'itself', why: '' }, 1, after(4_100));

    const late = await reopen(after(4_100 + 86_401));

    expect(first.reopens).toBeUndefined();
    expect(second.reopens).toBe(first.incidentId);
    expect(third.reopens).toBeUndefined();
    expect(late.reopens).toBeUndefined();
  });
});

describe('close', () => {
  const healed = { kind: 'recovered', by: 'action', action: 'restart-service', why: 'well again' } as const;

  test('writes the ending and gives the resource free', async () => {
    const resource = aResource();
    const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, START);
    await incidents.markOpen(incidentId, 'arn:aws:states:eu-west-1:111122223333:execution:heal:x');

    const verdict = await incidents.close(incidentId, healed, 1, after(60));

    expect(verdict).toBe('closed');
    expect(await incidents.get(incidentId)).toMatchObject({ status: 'closed', ending: healed, closedAt: after(60) });
    expect(await control.pointer(resource.arn)).toBeUndefined();
    expect((await incidents.listOpen()).map((incident) => incident.incidentId)).not.toContain(incidentId);
  });

  test('closes once: the first ending stays', async () => {
    const resource = aResource();
    const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, START);
    await incidents.close(incidentId, healed, 1, after(60));

    const again = await incidents.close(incidentId, { kind: 'noise', why: 'late' }, 1, after(61));

    expect(again).toBe('closed');
    expect((await incidents.get(incidentId)).ending).toEqual(healed);
  });

  test('leaves the pointer of a newer incident alone', async () => {
    const resource = aResource();
    const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, START);
    await incidents.close(incidentId, healed, 1, after(60));
    const next = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, after(70));

    await incidents.close(incidentId, healed, 1, after(80));

    expect(await control.pointer(resource.arn)).toMatchObject({ incidentId: next.incidentId });
  });

  test('rejoins when a signal came since it looked', async () => {
    const resource = aResource();
    const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, START);
    await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, after(5));

    const verdict = await incidents.close(incidentId, healed, 1, after(60));

    expect(verdict).toBe('rejoined');
    expect(await incidents.get(incidentId)).toMatchObject({ status: 'opening', signalCount: 2 });
    expect(await control.pointer(resource.arn)).toMatchObject({ incidentId });
  });

  test('loses no signal, whichever of close and join is first', { timeout: 60_000 }, async () => {
    const rounds = await Promise.all(
      times(25, async () => {
        const resource = aResource();
        const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, START);
        const signal = aSignal(resource.arn);

        const [verdict, joined] = await Promise.all([
          incidents.close(incidentId, healed, 1, after(60)),
          incidents.openOrJoin(signal, resource, ulid, after(60)),
        ]);

        return { incidentId, resource, signal, verdict, joined };
      }),
    );

    for (const { incidentId, resource, signal, verdict, joined } of rounds) {
      // The signal is in an incident that is open: the old one, which then did not close, or a new one.
      expect(joined.incidentId === incidentId).toBe(verdict === 'rejoined');
      expect((await incidents.signals(joined.incidentId)).map(({ id }) => id)).toContain(signal.id);
      expect((await incidents.get(joined.incidentId)).status).not.toBe('closed');
      expect(await control.pointer(resource.arn)).toMatchObject({ incidentId: joined.incidentId });
    }
  });
});

describe('a pointer that is kept', () => {
  const alarmOf = (resource: string, name: string, at = START): Signal => ({
    kind: 'alarm',
    id: unique('alarm'),
    at,
    resource,
    summary: `${name} is in ALARM`,
    alarm: name,
    alarmArn: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`,
    state: 'ALARM',
  });
  const told: Ending = { kind: 'escalated', because: 'no-candidate', why: 'a test' };
  const muted: Ending = { kind: 'suppressed', because: 'mute-rule', why: 'a test' };
  /** An incident that `errors` opened, ended at 60 while its resource was not well. */
  async function ended(ending: Ending) {
    const resource = aResource();
    const { incidentId } = await incidents.openOrJoin(alarmOf(resource.arn, 'errors'), resource, ulid, START);
    await incidents.close(incidentId, ending, 1, after(60), 'keep');
    const hears = (name: string, seconds: number) =>
      incidents.openOrJoin(alarmOf(resource.arn, name, after(seconds)), resource, ulid, after(seconds));
    return { incidentId, resource, hears };
  }

  test('keeps what is heard afterwards where it can be seen, once each', async () => {
    const { incidentId, resource, hears } = await ended(told);
    const again = alarmOf(resource.arn, 'errors', after(900));
    const answers = [await hears('errors', 600)];
    for (const at of [900, 901]) answers.push(await incidents.openOrJoin(again, resource, ulid, after(at)));

    expect(answers.map(({ opened, duplicate }) => [opened, duplicate])).toEqual([
      [false, false],
      [false, false],
      [false, true],
    ]);
    expect((await incidents.signals(incidentId)).map(({ at }) => at)).toEqual([START, after(600), after(900)]);
  });

  test('opens an incident for what was not heard before, and not again for what was', async () => {
    const { incidentId, hears } = await ended(told);

    const news = await hears('memory', 600);
    await incidents.close(news.incidentId, told, 1, after(700), 'keep');
    const old = await hears('errors', 1_200);

    expect(news).toMatchObject({ opened: true });
    expect(await incidents.get(news.incidentId)).toMatchObject({ reopens: incidentId });
    expect(old).toMatchObject({ opened: false, status: 'closed', incidentId: news.incidentId });
  });

  test('takes the other alarms of one cause, which ring some minutes later, for what was told', async () => {
    const { hears } = await ended(told);

    expect(await hears('latency', 200)).toMatchObject({ opened: false, status: 'closed' });
  });

  test('opens at once for what no mute rule covered', async () => {
    const { hears } = await ended(muted);

    expect(await hears('errors', 70)).toMatchObject({ opened: false });
    expect(await hears('memory', 80)).toMatchObject({ opened: true });
  });

  test.each(['other-writer', 'approval-refused', 'undo-failed'] as const)(
    'opens nothing while a person has it: %s',
    async (because) => {
      const { hears } = await ended({ kind: 'escalated', because, why: 'a test' });

      expect(await hears('memory', 3_000)).toMatchObject({ opened: false, status: 'closed' });
    },
  );
});

describe('incidents', () => {
  test('get names the id that does not exist', async () => {
    const id = ulid();

    await expect(incidents.get(id)).rejects.toThrow(id);
  });

  test('update changes and takes away members, until the incident is closed', async () => {
    const resource = aResource();
    const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, START);
    const other = ulid();

    await incidents.update(incidentId, { severity: 'high', foldedInto: other });
    const folded = await incidents.get(incidentId);
    await incidents.update(incidentId, { foldedInto: null });
    const unfolded = await incidents.get(incidentId);
    await incidents.close(incidentId, { kind: 'noise', why: '' }, 1, after(1));

    expect(folded).toMatchObject({ severity: 'high', foldedInto: other });
    expect(unfolded.foldedInto).toBeUndefined();
    await expect(incidents.update(incidentId, { severity: 'low' })).rejects.toThrow('is closed');
    await expect(incidents.update(ulid(), { severity: 'low' })).rejects.toThrow('there is no incident');
  });

  test('markOpen does not open again what is closed', async () => {
    const resource = aResource();
    const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, START);
    await incidents.close(incidentId, { kind: 'noise', why: '' }, 1, after(1));

    await incidents.markOpen(incidentId, 'arn:aws:states:eu-west-1:111122223333:execution:heal:x');

    expect((await incidents.get(incidentId)).status).toBe('closed');
  });

  test('lists the recent ones newest first, page by page, and those of a resource', async () => {
    const resource = aResource();
    const ids: string[] = [];
    for (const day of [1, 2, 3]) {
      const at = `2031-01-0${day}T00:00:00.000Z`;
      const { incidentId } = await incidents.openOrJoin(aSignal(resource.arn), resource, ulid, at);
      await incidents.close(incidentId, { kind: 'noise', why: '' }, 1, at);
      ids.unshift(incidentId);
    }

    const [first, second] = await incidents.listRecent(2);
    const [third] = await incidents.listRecent(1, second!.openedAt);
    const ofResource = await incidents.byResource(resource.arn, 10);

    expect([first, second, third].map((incident) => incident!.incidentId)).toEqual(ids);
    expect(ofResource.map(({ incidentId }) => incidentId)).toEqual(ids);
  });
});
