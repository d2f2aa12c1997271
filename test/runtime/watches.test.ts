import { beforeAll, describe, expect, test } from 'vitest';
import { parseProbe, type Probe } from '../../layers/core/probe.ts';
import { knowledge } from '../../layers/runtime/kb/index.ts';
import { dueOf, type KeptSeries, type ProbeState } from '../../layers/runtime/kb/knowledge.ts';
import { freshTables } from './tables.ts';
import { START, aResource, after, serviceArn, unique } from './samples.ts';

beforeAll(freshTables);

const aWatch = (arn = serviceArn()) => ({ arn, interval: 600, due: after(600), plannedAt: START });
const kept = (changes: Partial<KeptSeries> = {}): KeptSeries => ({
  version: 1,
  last: 100,
  keptAt: START,
  detector: Uint8Array.from([1, 2, 3]),
  ...changes,
});

describe('the plan of what is watched', () => {
  test('holds what was put, without what is gone', async () => {
    const [stays, goes] = [aWatch(), aWatch()];
    await knowledge.putWatches([stays, goes], []);

    await knowledge.putWatches([{ ...stays, interval: 60 }], [goes.arn]);

    const found = await knowledge.watches();
    expect(found.find(({ arn }) => arn === stays.arn)).toEqual({ ...stays, interval: 60 });
    expect(found.find(({ arn }) => arn === goes.arn)).toBeUndefined();
  });

  test('is made earlier, never later, and not for what is not watched', async () => {
    const watch = aWatch();
    const stranger = serviceArn();
    await knowledge.putWatches([watch], []);

    await knowledge.hasten(watch.arn, after(60));
    await knowledge.hasten(watch.arn, after(300));
    await knowledge.hasten(stranger, after(60));

    const found = await knowledge.watches();
    expect(dueOf(found.find(({ arn }) => arn === watch.arn)!)).toBe(after(60));
    expect(found.find(({ arn }) => arn === stranger)).toBeUndefined();
  });

  test('made from what was read before something was wanted sooner leaves it so, until that was sent', async () => {
    const watch = aWatch();
    const found = async () => (await knowledge.watches()).find(({ arn }) => arn === watch.arn)!;
    await knowledge.putWatches([watch], []);
    const read = await found();

    await knowledge.hasten(watch.arn, after(60));
    await knowledge.putWatches([{ ...read, interval: 300, due: after(900), sentAt: after(0) }], []);

    expect(await found()).toMatchObject({ interval: 300, due: after(900) });
    expect(dueOf(await found())).toBe(after(60));

    await knowledge.putWatches([{ ...(await found()), sentAt: after(60) }], []);
    expect(dueOf(await found())).toBe(after(900));
    await knowledge.hasten(watch.arn, after(120));
    expect(dueOf(await found())).toBe(after(120));
  });

  test('is looked at again and again while trouble is expected, and as planned before and after', async () => {
    const watch = { ...aWatch(), due: after(7200) };
    const found = async () => (await knowledge.watches()).find(({ arn }) => arn === watch.arn)!;
    const sent = async (seconds: number) =>
      knowledge.putWatches([{ ...(await found()), due: after(7200), sentAt: after(seconds) }], []);
    await knowledge.putWatches([watch], []);

    await knowledge.watchClosely(watch.arn, after(600), after(1300));

    expect(dueOf(await found())).toBe(after(600));
    await sent(610);
    expect(dueOf(await found())).toBe(after(910));
    await sent(910);
    expect(dueOf(await found())).toBe(after(1210));
    await sent(1210);
    expect(dueOf(await found())).toBe(after(7200));
  });

  test('is not looked at more often where there is nothing to read', async () => {
    const watch = { ...aWatch(), due: knowledge.NEVER };
    const stranger = serviceArn();
    await knowledge.putWatches([watch], []);

    for (const arn of [watch.arn, stranger]) await knowledge.watchClosely(arn, after(600), after(1300));

    const found = await knowledge.watches();
    expect(dueOf(found.find(({ arn }) => arn === watch.arn)!)).toBe(knowledge.NEVER);
    expect(found.find(({ arn }) => arn === stranger)).toBeUndefined();
  });

  test('of more resources than a transaction takes is written whole', async () => {
    const many = Array.from({ length: 130 }, () => aWatch());

    await knowledge.putWatches(many, []);

    const found = new Set((await knowledge.watches()).map(({ arn }) => arn));
    expect(many.filter(({ arn }) => !found.has(arn))).toEqual([]);
  });
});

describe('what is remembered of a series', () => {
  test('comes back byte by byte, by its name', async () => {
    const name = { arn: serviceArn(), id: 'CPUUtilization' };

    expect(await knowledge.keepSeries(name, kept())).toBe(true);

    const found = await knowledge.seriesKept([name, { ...name, id: 'memory' }]);
    expect([...found.keys()]).toEqual([`${name.arn} CPUUtilization`]);
    expect(found.get(`${name.arn} CPUUtilization`)).toEqual(kept());
  });

  test('is replaced by who has read it, and by nobody else', async () => {
    const name = { arn: serviceArn(), id: 'CPUUtilization' };
    await knowledge.keepSeries(name, kept());

    const second = await knowledge.keepSeries(name, kept({ version: 2, last: 200 }));
    const late = await knowledge.keepSeries(name, kept({ version: 2, last: 150 }));
    const first = await knowledge.keepSeries(name, kept({ version: 1, last: 50 }));

    expect([second, late, first]).toEqual([true, false, false]);
    expect([...(await knowledge.seriesKept([name])).values()][0]?.last).toBe(200);
  });
});

describe('the record of forecasts', () => {
  test('begins with what is believed of any, and counts each that was judged once', async () => {
    const name = { arn: serviceArn(), id: 'memory' };
    const metric = unique('Metric');
    const judged = { type: 'ecs-service', metric, cameTrue: false } as const;
    expect(await knowledge.predictions('ecs-service', metric)).toEqual({ alpha: 9, beta: 1 });

    await knowledge.keepSeries(name, kept(), judged);
    await knowledge.keepSeries(name, kept(), judged); // a retry: it was counted
    await knowledge.keepSeries(name, kept({ version: 2 }), { ...judged, cameTrue: true });

    expect(await knowledge.predictions('ecs-service', metric)).toEqual({ alpha: 10, beta: 2 });
  });
});

describe('the inventory', () => {
  test('lists ARNs without records, and gives the records of those that are asked for', async () => {
    const resource = aResource();
    await knowledge.putResource(resource);

    expect(await knowledge.listedArns()).toContain(resource.arn);
    expect(await knowledge.recordsOf([resource.arn, serviceArn()])).toEqual([resource]);
  });
});

const PROBE = parseProbe('probe', 'http://orders') as Probe;
const aState = (changes: Partial<ProbeState> = {}): ProbeState => ({
  arn: serviceArn(),
  id: 'probe',
  target: 'http://orders',
  version: 1,
  answered: true,
  failures: 0,
  told: false,
  ...changes,
});

describe('the probes', () => {
  test('are listed while their resource asks for them, and is watched', async () => {
    const [keeps, drops, goes] = [aResource(), aResource(), aResource()].map((one) => ({ ...one, probes: [PROBE] }));
    for (const one of [keeps!, drops!, goes!, aResource()]) await knowledge.putResource(one);
    expect((await knowledge.probes()).map(({ arn }) => arn).sort()).toEqual([keeps!.arn, drops!.arn, goes!.arn].sort());

    await knowledge.putResource({ ...drops!, probes: [], seenAt: after(60) });
    await knowledge.removeResource(goes!.arn);

    expect(await knowledge.probes()).toEqual([{ arn: keeps!.arn, probes: [PROBE] }]);
  });

  test('are remembered by who has read what is known of them, and forgotten', async () => {
    const state = aState();
    const failing = {
      ...state,
      version: 2,
      failures: 1,
      since: after(60),
      failure: 'silent',
      why: 'no answer',
    } as const;

    expect(await knowledge.keepProbeState(state)).toBe(true);
    expect(await knowledge.keepProbeState(failing)).toBe(true);
    expect(await knowledge.keepProbeState({ ...state, version: 2 })).toBe(false);
    expect(await knowledge.probeStates()).toEqual([failing]);

    await knowledge.forgetProbe(state);
    expect(await knowledge.probeStates()).toEqual([]);
  });
});
