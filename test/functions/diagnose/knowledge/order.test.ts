import { describe, expect, test } from 'vitest';
import { conclude } from '../../../../functions/diagnose/conclude.ts';
import { expectedNext, recallOrder } from '../../../../functions/diagnose/knowledge/order.ts';
import { Incident } from '../../../../layers/core/incident.ts';
import { sayExpected } from '../../../../layers/core/sequence.ts';
import type { Learned, Sequence } from '../../../../layers/core/sequence.ts';
import { hours, minutes } from '../../../../layers/core/units.ts';
import { at, CALLEE, evidenceOf, SERVICE } from '../../evidence.ts';
import { crashes } from './past.ts';

const ANOTHER = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/billing';
const sequence = (first: Sequence['first'], next: Sequence['next'], over: Partial<Sequence> = {}): Sequence => ({
  first,
  next,
  came: 5,
  followed: 4,
  within: minutes(30),
  probability: 5 / 7,
  atLeast: 0.42,
  lag: { median: minutes(12), low: minutes(5), high: minutes(20) },
  chance: 1e-5,
  lastAt: at(-86_400),
  incidents: [],
  ...over,
});
const OF_ANOTHER = { resource: ANOTHER, fault: 'bad-deployment' } as const;
const OWN = { resource: SERVICE, fault: 'crash-loop' } as const;
const learned = (over: Partial<Learned>): Learned => ({
  at: at(-3600),
  newest: at(-7200),
  troubles: 40,
  since: at(-86_400 * 60),
  tested: 8,
  sequences: [],
  daily: [],
  ...over,
});

const incident = (over: Partial<Incident> = {}): Incident =>
  Incident.parse({
    incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EH',
    resource: ANOTHER,
    fleet: 'f',
    mode: 'heal',
    status: 'open',
    severity: 'high',
    openedAt: at(-minutes(13)),
    onset: at(-minutes(14)),
    signalCount: 1,
    diagnosis: {
      hypotheses: [{ ...OF_ANOTHER, confidence: 0.9, because: ['it was deployed'] }],
      severity: 'high',
      onset: at(-minutes(14)),
      gaps: [],
    },
    ...over,
  });

const memory = (what: Partial<Learned>, incidents: readonly Incident[] = []) => ({
  learnedSequences: async () => learned(what),
  incidents: async (arn: string) => incidents.filter(({ resource }) => resource === arn),
});
const evidence = evidenceOf(crashes);
const SAID =
  'It follows bad-deployment of prod/billing (incident 01JD3Q8Z3M7N5V6XK2B4C9D8EH, 14 min before), as 4 of the last 5 times, 12 min later (90 %: 5-20).';

describe('what an incident follows', () => {
  const sequences = [sequence(OF_ANOTHER, OWN)];

  test('is a reason of what has followed before, and moves no hypothesis', async () => {
    const recalled = await recallOrder(evidence, memory({ sequences }, [incident()]));

    const [before, after] = [conclude(evidence).hypotheses, conclude(recalled).hypotheses];
    expect(after.find(({ fault }) => fault === 'crash-loop')?.because.at(-1)).toBe(SAID);
    expect(after.map(({ fault, confidence }) => [fault, confidence])).toEqual(
      before.map(({ fault, confidence }) => [fault, confidence]),
    );
    expect(after.filter(({ fault }) => fault !== 'crash-loop').flatMap(({ because }) => because)).not.toContain(SAID);
  });

  test.each([
    ['too long ago', { onset: at(-hours(1)) }],
    ['at once with it', { onset: at(-minutes(2)) }],
    ['diagnosed otherwise', { diagnosis: { ...incident().diagnosis!, hypotheses: conclude(evidence).hypotheses } }],
    ['only foretold', { predicted: true }],
    ["another's symptom", { foldedInto: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' }],
    ['noise', { ending: { kind: 'noise', why: 'all is good' } }],
  ] as const)('is not what was %s', async (_, over) => {
    const recalled = await recallOrder(evidence, memory({ sequences }, [incident(over as Partial<Incident>)]));

    expect(recalled.order).toBeUndefined();
  });

  test('that cannot be read is a gap that is named', async () => {
    const failing = {
      ...memory({}),
      learnedSequences: async () => Promise.reject(new Error('token=hunter2 throttled')),
    };

    const { gaps } = await recallOrder(evidence, failing);

    expect(gaps).toEqual([expect.stringMatching(/^what usually comes before and after it could not be read: Error: /)]);
    expect(gaps.join()).not.toContain('hunter2');
  });
});

test('what comes by the clock says so, up to a quarter of an hour beside its time', async () => {
  const NOON = hours(12);
  const daily = { trouble: OWN, came: 6, times: 5, chance: 0.001, lastAt: at(-86_400) };
  const [now, late, over] = [
    { ...daily, from: NOON - 60, to: NOON + 300 },
    { ...daily, from: NOON - minutes(34), to: NOON - minutes(14) },
    { ...daily, from: NOON - minutes(60), to: NOON - minutes(40) },
  ];

  const recalled = await recallOrder(evidence, memory({ daily: [now, late, over] }));

  expect(recalled.order?.daily).toEqual([now, late]);
  const { because } = conclude(recalled).hypotheses.find(({ fault }) => fault === 'crash-loop')!;
  expect(because).toContain(
    'It comes by the clock, between 11:59 and 12:05 UTC, as 5 of the last 6 times: look at what prod/api does then.',
  );
});

describe('what is to be expected', () => {
  const next = { resource: CALLEE, fault: 'overload' } as const;
  const foreseen = async (over: Partial<Sequence> = {}, fault = OWN.fault as Sequence['first']['fault']) => {
    const sequences = [sequence({ resource: SERVICE, fault }, next, over)];
    const recalled = await recallOrder(evidence, memory({ sequences }));
    return expectedNext(recalled, conclude(recalled));
  };

  test('is said with its time and how likely it is', async () => {
    const [one, ...others] = await foreseen();

    expect(others).toEqual([]);
    expect(one).toMatchObject({ ...next, from: at(minutes(5)), to: at(minutes(20)), followed: 4, came: 5 });
    expect(sayExpected(one!)).toBe(
      'overload of prod/store between 12:05 and 12:20 UTC, as it followed 4 of the last 5 times (71 %, at least 42 %)',
    );
  });

  test('is nothing that follows seldom, follows another trouble, or would have come by now', async () => {
    expect(await foreseen({ probability: 0.3 })).toEqual([]);
    expect(await foreseen({}, 'overload')).toEqual([]);
    expect(await foreseen({ lag: { median: 200, low: 150, high: 250 } })).toEqual([]);
  });

  test('is nothing after what is only foretold itself', async () => {
    const forecast = {
      kind: 'forecast',
      id: 'f',
      at: at(0),
      resource: SERVICE,
      summary: 'it will fail',
      detector: 'exhaustion',
      expectedAt: at(600),
    } as const;
    const predicted = evidenceOf({ ...crashes, signals: [forecast] });
    const recalled = await recallOrder(predicted, memory({ sequences: [sequence(OWN, next)] }));

    expect(recalled.order?.before).toHaveLength(1);
    expect(expectedNext(recalled, conclude(recalled))).toEqual([]);
  });
});
